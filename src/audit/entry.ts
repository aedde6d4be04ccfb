// An event as it is kept and told: short, with nothing in it that a terminal, an editor or a reader of logs obeys.
import type { Logger } from '../base/log.ts'
import type { EventRow } from '../storage/events.ts'
import type { AuditEvent } from './audit.ts'
import { AUDIT_KINDS, isAuditKind, type KindOfEvent } from './kinds.ts'

/** Longest texts that are kept (characters). */
const MOST = { username: 256, from: 64, subject: 128, reason: 64, session: 64, userAgent: 160 } as const
/** Characters of a session's key that the log shows; `latchkey sessions` takes them for it. */
const HANDLE = 12

/** Control and format characters, line separators and halves of characters become U+FFFD. */
const harmless = (text: string, most: number): string =>
  text.slice(0, most).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, '\ufffd')

export function entryOf(event: AuditEvent, now: number): EventRow {
  const part = (name: keyof typeof MOST): string => harmless(event[name] ?? '', MOST[name])
  return {
    time: now,
    kind: event.kind,
    username: part('username'),
    from: part('from'),
    subject: part('subject'),
    reason: part('reason'),
    session: part('session'),
    userAgent: part('userAgent'),
    times: 1,
    lastTime: now,
  }
}

export const kindOf = (kind: string): KindOfEvent | undefined => (isAuditKind(kind) ? AUDIT_KINDS[kind] : undefined)

/** One line of the log; the address stands before everything that a visitor has a hand in, for programs that read it from there (fail2ban). */
export function tell(log: Logger, entry: EventRow): void {
  const { kind, from, username, subject, reason, session, times, userAgent } = entry
  const fields = {
    event: kind,
    from,
    username,
    ...(subject !== '' && { subject }),
    ...(reason !== '' && { reason }),
    ...(session !== '' && { session: session.slice(0, HANDLE) }),
    ...(times > 1 && { times }),
    ...(userAgent !== '' && { userAgent }),
  }
  const message = `security event: ${kind}`
  if (kindOf(kind)?.failed) log.warn(fields, message)
  else log.info(fields, message)
}
