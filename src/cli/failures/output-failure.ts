// What happens when standard output takes nothing more: a reader that left is no failure, a full disk is one and is said.
import { Fault } from '../../base/fault.ts'
import { printFailure } from './failure.ts'

/** Call before oclif, which would throw. */
export function endOnOutputFailure(): void {
  process.stdout.prependListener('error', (cause: NodeJS.ErrnoException) => {
    // `latchkey … | head`: the reader has seen enough.
    if (cause.code === 'EPIPE') process.exit()
    const fault = new Fault('output-unwritable', `Standard output can't be written: ${cause.code ?? cause.message}.`, {
      hint: 'Is the disk full that it is redirected to?',
      cause,
    })
    process.exit(printFailure(fault, false))
  })
}
