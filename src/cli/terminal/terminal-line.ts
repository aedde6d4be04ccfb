// Reads one line from the person at the terminal; the question goes to standard error, so that standard output holds results only.
import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'

/**
 * Ctrl-C ends the program, as it would anywhere else.
 * @param isShown whether what is typed can be seen
 * @returns undefined at the end of input (Ctrl-D): no answer comes any more
 */
export async function terminalLine(question: string, isShown: boolean): Promise<string | undefined> {
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() })
  const output = isShown ? process.stderr : silent
  const lines = createInterface({ input: process.stdin, output, terminal: true, historySize: 0 })
  // Not before the terminal has stopped showing what is typed: somebody may be quick.
  if (!isShown) process.stderr.write(question)
  lines.once('SIGINT', () => {
    lines.close()
    process.stderr.write('\n')
    process.kill(process.pid, 'SIGINT')
  })
  const ended = new Promise<undefined>((resolve) => lines.once('close', () => resolve(undefined)))
  try {
    const answer = await Promise.race([lines.question(isShown ? question : ''), ended])
    if (answer === undefined || !isShown) process.stderr.write('\n')
    return answer
  } finally {
    lines.close()
  }
}
