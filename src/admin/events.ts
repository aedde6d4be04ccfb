// The trail of security events: read by those who look back, and written by commands for what they do elsewhere than in the stores.
import type { AuditEvent, AuditKind } from '../audit/audit.ts'
import type { StoredEvent } from '../storage/storage.ts'
import type { AdminServices } from './actions.ts'
import { list, oneOf, optionalCount, optionalText, optionalTexts, paramsOf, text } from './params.ts'

const USUAL_LIMIT = 100
/** More are read page by page, so that nobody waits for it. */
const HIGHEST_LIMIT = 1000

/**
 * @param params `{ username?, from?, kinds?, since?, until?, after?, before?, limit? }`; times in milliseconds since the epoch, `after` and `before`
 * ids. With `after` the first ones behind it, oldest first; else the newest, newest first.
 */
export async function listEvents({ storage, audit }: AdminServices, params: unknown): Promise<readonly StoredEvent[]> {
  const given = paramsOf(params)
  const filter = {
    username: optionalText(given, 'username'),
    from: optionalText(given, 'from'),
    kinds: optionalTexts(given, 'kinds'),
    since: optionalCount(given, 'since'),
    until: optionalCount(given, 'until'),
    before: optionalCount(given, 'before'),
  }
  const limit = Math.min(optionalCount(given, 'limit') ?? USUAL_LIMIT, HIGHEST_LIMIT)
  const after = optionalCount(given, 'after')
  await audit.flush()
  return after === undefined ? storage.events.newest(filter, limit) : storage.events.after(after, filter, limit)
}

/** What commands do to users and the database as a whole; everything else is recorded where it is done. */
const OF_COMMANDS = [
  'user-added',
  'user-changed',
  'user-removed',
  'user-disabled',
  'user-enabled',
  'password-changed',
  'sessions-ended',
  'factor-added',
  'key-changed',
  'restored',
] as const satisfies readonly AuditKind[]
export type CommandEvent = Pick<AuditEvent, 'subject' | 'reason'> & {
  readonly kind: (typeof OF_COMMANDS)[number]
  readonly username: string
}

/** @param params `{ events: CommandEvent[] }` */
export async function recordEvents({ audit }: AdminServices, params: unknown): Promise<{ readonly recorded: number }> {
  const events = list(paramsOf(params), 'events').map((given) => ({
    kind: oneOf(given, 'kind', OF_COMMANDS),
    username: given['username'] === '' ? '' : text(given, 'username'),
    from: 'cli',
    subject: optionalText(given, 'subject'),
    reason: optionalText(given, 'reason'),
  }))
  await Promise.all(events.map((event) => audit.record(event)))
  return { recorded: events.length }
}
