// A secret that a command needs, from where the operator has it: a flag, a file, a terminal without echo, or a pipe.
import { readFileSync } from 'node:fs'
import { Fault } from '../../base/fault.ts'
import { askNewPassword, askPassword } from '../terminal/ask-password.ts'

export interface SecretQuestion {
  /** What is asked for, as a sentence begins: `New encryption key`. */
  readonly label: string
  /** From a flag. */
  readonly given?: string | undefined
  /** A file that holds it, without its last line break. */
  readonly file?: string | undefined
  /** Typed twice on a terminal. */
  readonly isNew: boolean
  /** How else it can be given, for when nobody can be asked. */
  readonly hint: string
}

/** @throws Fault `secret-missing`, `secret-file`, `password-mismatch` */
export async function askSecret({ label, given, file, isNew, hint }: SecretQuestion): Promise<string> {
  if (given !== undefined) return given
  if (file !== undefined) return fromFile(file)
  try {
    return isNew ? await askNewPassword({ label }) : await askPassword(label)
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== 'password-empty') throw error
    throw new Fault('secret-missing', `${label}: nothing was given.`, { hint, exitCode: 2 })
  }
}

function fromFile(path: string): string {
  let text: string
  try {
    text = readFileSync(path, 'utf8').replace(/\r?\n$/, '')
  } catch (cause) {
    throw new Fault('secret-file', `${path} can't be read.`, { hint: 'Check its name and who may read it.', cause })
  }
  if (text !== '') return text
  throw new Fault('secret-file', `${path} is empty.`, { hint: 'It must hold the secret on one line.', exitCode: 2 })
}
