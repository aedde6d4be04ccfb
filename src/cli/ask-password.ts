// Asks a person for a new password without showing it; reads it from a pipe where there is no terminal.
import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import { Fault } from '../base/fault.ts'

/** @throws Fault `password-mismatch`, `password-empty` */
export async function askNewPassword(): Promise<string> {
  if (!process.stdin.isTTY) return refuseEmpty(await firstLineOfPipe())
  const password = refuseEmpty(await ask('Password: '))
  if ((await ask('Once more: ')) !== password)
    throw new Fault('password-mismatch', 'The two passwords differ.', { exitCode: 2 })
  return password
}

async function ask(question: string): Promise<string> {
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() })
  const lines = createInterface({ input: process.stdin, output: silent, terminal: true })
  // Not before the terminal has stopped showing what is typed: somebody may be quick.
  process.stderr.write(question)
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
