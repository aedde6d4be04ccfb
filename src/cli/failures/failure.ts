// How a failed command speaks: a Fault says what is wrong and what to try; a usage error says what was expected; anything else is our bug and says so.
import { Fault } from '../../base/fault.ts'

/** Prints to standard error (or JSON to standard output) and returns the exit code: 1 "no", 2 used wrongly, 3 cannot, 70 a bug of ours. */
export function printFailure(error: unknown, json: boolean): number {
  // oclif isn't loaded where a server is started; its errors are known by the mark they all carry.
  const oclif = error instanceof Error && 'oclif' in error ? (error.oclif as { exit?: number }) : undefined
  if (oclif && 'code' in (error as Error) && (error as { code?: unknown }).code === 'EEXIT') return oclif.exit ?? 0
  if (error instanceof Fault) {
    const reason = systemReason(error.cause)
    print(json, {
      code: error.code,
      message: reason ? `${error.message}\n  ${reason}` : error.message,
      hint: error.hint,
    })
    return error.exitCode
  }
  if (oclif) {
    const { message, suggestions } = error as Error & { suggestions?: string[] }
    print(json, { code: 'usage', message: withoutValues(message), hint: suggestions?.join(' ') })
    return 2
  }
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error)
  print(json, { code: 'bug', message: `This is a bug in Latchkey, please report it:\n${detail}`, hint: undefined })
  return 70
}

/** oclif repeats what was given with flags that exclude each other, which may be a secret. */
const withoutValues = (message: string): string =>
  message.replace(/(--[\w.-]+)=.*?(?= cannot also be provided)/gs, '$1')

/** What the system said about a file: `EACCES: permission denied, open '/x'`, `ENOSPC: no space left on device, write`. */
function systemReason(cause: unknown): string | undefined {
  if (!(cause instanceof Error) || !('syscall' in cause)) return undefined
  return 'path' in cause || cause.syscall === 'write' || cause.syscall === 'fsync' ? cause.message : undefined
}

function print(json: boolean, failure: { code: string; message: string; hint: string | undefined }): void {
  if (json) process.stdout.write(`${JSON.stringify({ error: failure }, null, 2)}\n`)
  else process.stderr.write(`latchkey: ${failure.message}\n${failure.hint ? `  ${failure.hint}\n` : ''}`)
}
