// Asks a person for a password without showing it; reads it from a pipe where there is no terminal.
import { Fault } from '../../base/fault.ts'
import { terminalLine } from './terminal-line.ts'

/** Bytes; more than any password has, and enough to tell that a wrong file was piped in. */
const LONGEST_INPUT = 64 * 1024

export interface NewPasswordOptions {
  /** Ask a second time at a terminal and compare. */
  readonly confirm?: boolean
  /** What it is for, at the beginning of the question. */
  readonly label?: string
}

/** @throws Fault `password-mismatch`, `password-empty`, `password-encoding`, `password-too-long` */
export async function askNewPassword({ confirm = true, label = 'Password' }: NewPasswordOptions = {}): Promise<string> {
  const password = await askPassword(label)
  if (confirm && process.stdin.isTTY && (await ask('Once more: ')) !== password)
    throw new Fault('password-mismatch', 'The two passwords differ.', { hint: 'Nothing was done.', exitCode: 2 })
  return password
}

/** A password that exists already: asked for once. @throws Fault `password-empty`, `password-encoding`, `password-too-long` */
export async function askPassword(label = 'Password'): Promise<string> {
  return refuseEmpty(process.stdin.isTTY ? await ask(`${label}: `) : await firstLineOfPipe())
}

/** No answer any more is an empty one. */
const ask = async (question: string): Promise<string> => (await terminalLine(question, false)) ?? ''

async function firstLineOfPipe(): Promise<string> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of process.stdin) {
    chunks.push(chunk as Buffer)
    length += (chunk as Buffer).length
    if (length > LONGEST_INPUT)
      throw new Fault('password-too-long', 'What comes through the pipe is too long for a password.', { exitCode: 2 })
  }
  const bytes = Buffer.concat(chunks)
  const end = bytes.indexOf('\n')
  try {
    const line = new TextDecoder('utf-8', { fatal: true }).decode(end < 0 ? bytes : bytes.subarray(0, end))
    return line.replace(/\r$/, '')
  } catch (cause) {
    throw new Fault('password-encoding', 'The password that comes through the pipe is not UTF-8 text.', {
      hint: 'Browsers send passwords as UTF-8, so no other would ever match.',
      exitCode: 2,
      cause,
    })
  }
}

function refuseEmpty(password: string): string {
  if (password !== '') return password
  throw new Fault('password-empty', 'The password is empty.', {
    hint: 'Type one, or pipe it in: printf %s "$PASSWORD" | latchkey …',
    exitCode: 2,
  })
}
