// How far a long piece of work is, on standard error: one line that changes on a terminal, a plain line at every tenth in a pipe.
import { stderr } from 'node:process'

export interface Progress {
  /** To be called as often as one likes. */
  at(done: number, total: number): void
  /** Ends the line on a terminal. */
  end(): void
}

export interface ProgressOutput {
  readonly isTTY?: boolean | undefined
  write(text: string): unknown
}

/** How often the line on a terminal changes at most, milliseconds. */
const REDRAW = 100

/** @param what the work, as it begins the line: `Copying storage` */
export function createProgress(what: string, output: ProgressOutput = stderr, now: () => number = Date.now): Progress {
  let lastTold = -1
  let lastDrawn = Number.NEGATIVE_INFINITY
  let drawn = false
  return {
    at(done, total) {
      const percent = total > 0 ? Math.floor((100 * done) / total) : 100
      if (output.isTTY) {
        if (percent === lastTold || (percent < 100 && now() - lastDrawn < REDRAW)) return
        lastDrawn = now()
        lastTold = percent
        drawn = true
        output.write(`\r${what}: ${String(percent).padStart(3)} %`)
        return
      }
      const tenth = percent - (percent % 10)
      if (tenth <= lastTold) return
      lastTold = tenth
      output.write(`${what}: ${tenth} %\n`)
    },
    end() {
      if (drawn) output.write('\n')
      drawn = false
    },
  }
}

/** For `--json` and tests. */
export const noProgress: Progress = { at: () => {}, end: () => {} }
