// Duo can't be asked, or doesn't answer as it should; nobody is let in by it.
import type { Logger } from '../../base/log.ts'

export class DuoFailure extends Error {
  override readonly name = 'DuoFailure'
}

/** For the log. Whatever else went wrong is a bug, and told with its stack. */
export const failureText = (error: unknown): string =>
  error instanceof DuoFailure ? error.message : error instanceof Error ? (error.stack ?? error.message) : String(error)

export function unavailable(error: unknown, log: Logger): { readonly kind: 'unavailable' } {
  log.error({ reason: failureText(error) }, 'Duo could not be asked; its second factor is closed')
  return { kind: 'unavailable' }
}
