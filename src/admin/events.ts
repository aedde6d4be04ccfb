// The trail of security events: read by those who look back, and written by commands for what they do elsewhere than in the stores.
import type { AuditEvent, AuditKind } from '../audit/audit.ts'
import { networkContains, parseIpAddress, parseNetwork } from '../base/ip-address.ts'
import type { StoredEvent } from '../storage/events.ts'
import type { AdminServices } from './actions.ts'
import { list, oneOf, optionalCount, optionalText, optionalTexts, paramsOf, text, wrong } from './params.ts'

const USUAL_LIMIT = 100
/** More are read page by page, so that nobody waits for it. */
const HIGHEST_LIMIT = 1000

/**
 * @param params `{ username?, from?, kinds?, since?, until?, after?, before?, limit? }`; times in milliseconds since the epoch, `after` and `before`
 * ids. With `after` the first ones behind it, oldest first; else the newest, newest first.
 */
export async function listEvents({ storage, audit }: AdminServices, params: unknown): Promise<readonly StoredEvent[]> {
  const given = paramsOf(params)
  const { from, isFrom } = origin(optionalText(given, 'from'))
  const filter = {
    username: optionalText(given, 'username'),
    from,
    kinds: optionalTexts(given, 'kinds'),
    since: optionalCount(given, 'since'),
    until: optionalCount(given, 'until'),
  }
  const limit = Math.min(optionalCount(given, 'limit') ?? USUAL_LIMIT, HIGHEST_LIMIT)
  const after = optionalCount(given, 'after')
  const page = (edge: number | undefined): Promise<readonly StoredEvent[]> =>
    after === undefined
      ? storage.events.newest({ ...filter, before: edge ?? optionalCount(given, 'before') }, limit)
      : storage.events.after(edge ?? after, filter, limit)
  await audit.flush()
  const found: StoredEvent[] = []
  for (let edge: number | undefined; found.length < limit; ) {
    const rows = await page(edge)
    found.push(...rows.filter(isFrom))
    edge = rows.at(-1)?.id
    if (rows.length < limit) break
  }
  return found.slice(0, limit)
}

/** An address is asked of storage in the spelling it has there; a network is more than storage knows. */
function origin(text: string | undefined): {
  readonly from: string | undefined
  isFrom(event: StoredEvent): boolean
} {
  if (text === undefined || !text.includes('/'))
    return { from: text && (parseIpAddress(text)?.text ?? text), isFrom: () => true }
  const network = parseNetwork(text)
  if (network === undefined) throw wrong(`from ${JSON.stringify(text)}`, 'an address or a network')
  return {
    from: undefined,
    isFrom: (event) => {
      const address = parseIpAddress(event.from)
      return address !== undefined && networkContains(network, address)
    },
  }
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
