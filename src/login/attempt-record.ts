// One row of the attempts table for every attempt, which regulation counts on, and an event of the trail for every refusal. Neither holds what was
// typed as a name: it may be a password in the wrong field. They stay two: an attempt that nobody counted must not succeed, while the trail
// must never stand in anybody's way.
import type { Audit, AuditEvent } from '../audit/audit.ts'
import type { Clock } from '../base/clock.ts'
import type { AttemptRow, AttemptsRepository } from '../storage/attempts.ts'
import type { Attempt, RefusalReason } from './login.ts'
import { countedAddress } from './regulation.ts'

/** Longest address of an application that is kept. */
const MAX_URI = 2048
/** Longest user agent that is kept; browsers say what they are within it, as for the trail. */
const MAX_USER_AGENT = 160

export interface AttemptResult {
  readonly kind: AttemptRow['kind']
  /** Canonical name; '' when unknown. */
  readonly username: string
  /** undefined: accepted. */
  readonly refused: RefusalReason | undefined
}

/** A success is an event where a session is made or raised by it, which is known there (src/portal). */
export type RecordAttempt = (attempt: Attempt, result: AttemptResult) => Promise<void>

/** What a refusal is called in the trail. Passkeys and Duo know the session they are for, and record theirs with it. */
const REFUSALS = {
  '1FA': { kind: 'sign-in-refused', subject: '1fa' },
  TOTP: { kind: 'second-factor-refused', subject: 'totp' },
  Recovery: { kind: 'second-factor-refused', subject: 'recovery' },
} as const satisfies Partial<Record<AttemptRow['kind'], Pick<AuditEvent, 'kind' | 'subject'>>>
const isRecordedHere = (kind: AttemptRow['kind']): kind is keyof typeof REFUSALS => Object.hasOwn(REFUSALS, kind)

/** Resolves when the attempt is stored; an attempt that can't be stored is an error, never a success that nobody counted. */
export function createAttemptRecord(deps: {
  readonly attempts: AttemptsRepository
  readonly audit: Audit
  readonly clock: Clock
}): RecordAttempt {
  const { attempts, audit, clock } = deps
  return async (attempt, { kind, username, refused }) => {
    const { from, userAgent, inHeader } = attempt
    const refusal = isRecordedHere(kind) ? REFUSALS[kind] : undefined
    const about = { username, from, userAgent, ...(inHeader && { subject: 'header' }) }
    // Not waited for: it goes to the disk together with the attempt.
    if (refused !== undefined && refusal) void audit.record({ ...refusal, ...about, reason: refused })
    if (refused === undefined && inHeader) void audit.record({ ...about, kind: 'header-sign-in' })
    await attempts.add({
      time: clock.now(),
      successful: refused === undefined,
      banned: refused === 'banned-user' || refused === 'banned-address',
      username,
      kind,
      // bans count an IPv6 address as its /64, so that is what is stored; the trail has the whole one
      remoteAddress: countedAddress(from),
      requestUri: withoutQuery(attempt.requestUri ?? ''),
      requestMethod: (attempt.requestMethod ?? '').slice(0, 32),
      userAgent: (userAgent ?? '').slice(0, MAX_USER_AGENT),
    })
  }
}

/** Queries of applications carry tokens; they are nobody's business here. */
const withoutQuery = (uri: string): string => (/^[^?#]*/.exec(uri)?.[0] ?? '').slice(0, MAX_URI)
