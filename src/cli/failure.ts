// How a failed command speaks: a Fault says what is wrong and what to try; a usage error says what was expected; anything else is our bug and says so.
import { Errors } from '@oclif/core'
import { Fault } from '../base/fault.ts'

/** Prints to standard error (or JSON to standard output) and returns the exit code: 1 "no", 2 used wrongly, 3 cannot, 70 a bug of ours. */
export function printFailure(error: unknown, json: boolean): number {
  if (error instanceof Errors.ExitError) return error.oclif.exit ?? 0
  if (error instanceof Fault) {
    print(json, { code: error.code, message: error.message, hint: error.hint })
    return error.exitCode
  }
  if (error instanceof Errors.CLIError) {
    const { suggestions } = error as { suggestions?: string[] }
    print(json, { code: 'usage', message: error.message, hint: suggestions?.join(' ') })
    return 2
  }
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error)
  print(json, { code: 'bug', message: `This is a bug in Latchkey, please report it:\n${detail}`, hint: undefined })
  return 70
}

function print(json: boolean, failure: { code: string; message: string; hint: string | undefined }): void {
  if (json) process.stdout.write(`${JSON.stringify({ error: failure }, null, 2)}\n`)
  else process.stderr.write(`latchkey: ${failure.message}\n${failure.hint ? `  ${failure.hint}\n` : ''}`)
}
