// What is kept of a session, sealed, and how long it lives. Pure: no store, no clock, no cookie.
import type { Level } from '../policy/model.ts'
import type { SessionDomain } from './session.ts'

export interface StoredSession {
  readonly domain: string
  readonly username: string
  level: Exclude<Level, 0>
  byTrustedBrowser?: true
  readonly remembered: boolean
  /** Times are milliseconds since the epoch. */
  readonly createdAt: number
  lastActivityAt: number
  expiresAt: number
  /** Of the user, when the session was made. */
  epoch: number
  passwordProvenAt: number
  /** Undefined: the password. What is possessed can't be the second factor of a session that began with something possessed. */
  readonly begunWith?: 'passkey' | undefined
  /** Until when, and from which address, the account may be changed. */
  elevation?: { readonly until: number; readonly from: string } | undefined
  pending?: string | undefined
}

/** Activity is written at most once in this time. */
export const writeInterval = (domain: Pick<SessionDomain, 'inactivity'>): number =>
  domain.inactivity > 0 ? Math.min(60_000, domain.inactivity / 10) : 60_000

/** End of a session that is made, renewed or used at `now`: a remembered one has one end, use moves that of any other. */
export const endOf = (
  session: Pick<StoredSession, 'remembered' | 'createdAt'>,
  domain: SessionDomain,
  now: number,
): number => (session.remembered ? session.createdAt + domain.rememberMe : now + domain.expiration)

/**
 * Judged by the lifetimes configured now: shorter ones hold at once for sessions that exist, longer ones don't lengthen a remembered session.
 * A session that has been idle exactly `inactivity` still lives; at `expiresAt` it is dead.
 */
export function isAlive(
  session: Pick<StoredSession, 'remembered' | 'createdAt' | 'lastActivityAt' | 'expiresAt'>,
  domain: SessionDomain,
  now: number,
): boolean {
  if (now >= session.expiresAt) return false
  if (session.remembered) return now < session.createdAt + domain.rememberMe
  if (now >= session.lastActivityAt + domain.expiration) return false
  return domain.inactivity <= 0 || now - session.lastActivityAt <= domain.inactivity
}

/** When the sweep may remove it: late enough that activity not yet written can't have kept it alive. */
export function sweepTime(session: StoredSession, domain: SessionDomain): number {
  const idleEnd =
    session.remembered || domain.inactivity <= 0 ? session.expiresAt : session.lastActivityAt + domain.inactivity
  return Math.min(session.expiresAt, idleEnd) + 2 * writeInterval(domain)
}
