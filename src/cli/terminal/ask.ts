// Asks a person at the terminal, until the answer is one.
import { Fault } from '../../base/fault.ts'
import { terminalLine } from './terminal-line.ts'

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

async function line(question: string): Promise<string> {
  const answer = await terminalLine(question, true)
  if (answer !== undefined) return answer
  throw new Fault('input-ended', 'The answers ended before the questions did; nothing was written.', { exitCode: 2 })
}
