// Says how far long work is: one line that is written over on a terminal, a line now and then in a pipe. To standard error, so that results stay clean.
export interface Progress {
  /** @param done of how many */
  step(done: number): void
  end(): void
}

/** In a pipe, milliseconds between lines. */
const SELDOM = 5000

/** @param what e.g. `hashing passwords` */
export function progress(what: string, total: number, stream: NodeJS.WriteStream = process.stderr): Progress {
  let last = Date.now()
  return {
    step: (done) => {
      if (stream.isTTY) stream.write(`\r${what}: ${done} of ${total}`)
      else if (Date.now() - last >= SELDOM) {
        last = Date.now()
        stream.write(`${what}: ${done} of ${total}\n`)
      }
    },
    end: () => {
      if (stream.isTTY) stream.write(`\r${' '.repeat(what.length + 30)}\r`)
    },
  }
}
