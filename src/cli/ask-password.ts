// Asks a person for a new password without showing it; reads it from a pipe where there is no terminal.
import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import { Fault } from '../base/fault.ts'

export interface NewPasswordOptions {
  /** What it is for, at the beginning of the question. */
  readonly label?: string
}

/** @throws Fault `password-mismatch`, `password-empty` */
export async function askNewPassword({ label = 'Password' }: NewPasswordOptions = {}): Promise<string> {
  const password = await askPassword(label)
  if (process.stdin.isTTY && (await ask('Once more: ')) !== password)
    throw new Fault('password-mismatch', 'The two passwords differ.', { exitCode: 2 })
  return password
}

/** A password that exists already: asked for once. @throws Fault `password-empty` */
export async function askPassword(label = 'Password'): Promise<string> {
  return refuseEmpty(process.stdin.isTTY ? await ask(`${label}: `) : await firstLineOfPipe())
}

async function ask(question: string): Promise<string> {
  process.stderr.write(question)
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() })
  const lines = createInterface({ input: process.stdin, output: silent, terminal: true })
  try {
    return await lines.question('')
  } finally {
    lines.close()
    process.stderr.write('\n')
  }
}

async function firstLineOfPipe(): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8').split(/\r?\n/)[0] ?? ''
}

function refuseEmpty(password: string): string {
  if (password === '') throw new Fault('password-empty', 'The password is empty.', { exitCode: 2 })
  return password
}
