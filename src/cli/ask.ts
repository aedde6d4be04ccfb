// Asks a person at the terminal, until the answer is one. Questions go to standard error, so that standard output holds results only.
import { createInterface } from 'node:readline/promises'
import { Fault } from '../base/fault.ts'

export interface Asked {
  readonly text: string
  /** What an empty answer means. */
  readonly usual: string | undefined
  /** What is wrong with an answer; undefined when nothing is. */
  readonly wrong: (answer: string) => string | undefined
  /** From what was typed to the answer. */
  readonly read: (typed: string) => string
}

/** @throws Fault `input-ended` when no answer comes any more */
export async function ask({ text, usual, wrong, read }: Asked): Promise<string> {
  for (;;) {
    const typed = await line(`${text}${usual === undefined ? '' : ` [${usual}]`} `)
    const answer = typed.trim() === '' && usual !== undefined ? usual : read(typed)
    const problem = answer === '' ? 'An answer is needed.' : wrong(answer)
    if (problem === undefined) return answer
    process.stderr.write(`  ${problem}\n`)
  }
}

/** Ctrl-C ends the program, as it would anywhere else; Ctrl-D says that no answer comes. */
async function line(question: string): Promise<string> {
  const lines = createInterface({ input: process.stdin, output: process.stderr, terminal: true, historySize: 0 })
  lines.once('SIGINT', () => {
    lines.close()
    process.stderr.write('\n')
    process.kill(process.pid, 'SIGINT')
  })
  const ended = new Promise<undefined>((resolve) => lines.once('close', () => resolve(undefined)))
  try {
    const answer = await Promise.race([lines.question(question), ended])
    if (answer !== undefined) return answer
    process.stderr.write('\n')
    throw new Fault('input-ended', 'The answers ended before the questions did; nothing was written.', { exitCode: 2 })
  } finally {
    lines.close()
  }
}
