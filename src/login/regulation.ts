// Who is banned, and who is to be banned now (spec 4.6). Reads and writes storage; it knows nothing of passwords or of attempts in flight.
import type { Audit } from '../audit/audit.ts'
import type { Clock } from '../base/clock.ts'
import { parseIpAddress, parseNetwork } from '../base/ip-address.ts'
import type { RegulationConfig } from '../config/config.ts'
import type { AttemptsRepository } from '../storage/attempts.ts'
import type { Ban, BansRepository } from '../storage/bans.ts'

/** Whom failures are counted for. `value` is a canonical name or the result of `countedAddress`. */
export interface Subject {
  readonly kind: Ban['kind']
  readonly value: string
}

/** What an address counts as: an IPv4 address itself, an IPv6 address its /64, since whoever has one of them has all. Other text stays as it is. */
export function countedAddress(from: string): string {
  const address = parseIpAddress(from)
  if (address === undefined) return from
  return address.family === 4 ? address.text : (parseNetwork(`${address.text}/64`)?.text ?? address.text)
}

export interface Regulation {
  /** Whether a ban on this very address, or on the network it counts as, is in force. */
  addressBanned(from: string): Promise<boolean>
  userBanned(username: string): Promise<boolean>
  /**
   * Failures since the last success within find_time; 'banned' when a ban is in force, or is due and has been made by this call.
   * @param from address of the attempt that asks, for the trail
   */
  judge(subject: Subject, from: string): Promise<number | 'banned'>
}

/** The half that only asks. */
export function createBanCheck({
  bans,
  clock,
}: {
  readonly bans: BansRepository
  readonly clock: Clock
}): Pick<Regulation, 'addressBanned' | 'userBanned'> {
  const banned = async (kind: Ban['kind'], value: string) => (await bans.active(kind, value, clock.now())) !== undefined
  return {
    async addressBanned(from) {
      const counted = countedAddress(from)
      const exact = parseIpAddress(from)?.text ?? from
      return (await banned('ip', counted)) || (exact !== counted && (await banned('ip', exact)))
    },

    userBanned: (username) => banned('user', username),
  }
}

export function createRegulation(deps: {
  readonly attempts: AttemptsRepository
  readonly bans: BansRepository
  readonly audit: Audit
  readonly clock: Clock
  readonly settings: () => RegulationConfig
}): Regulation {
  const { attempts, bans, audit, clock, settings } = deps

  return {
    ...createBanCheck({ bans, clock }),

    async judge({ kind, value }, from) {
      if ((await bans.active(kind, value, clock.now())) !== undefined) return 'banned'
      const { maxRetries, findTime, banTime } = settings()
      if (maxRetries <= 0) return 0
      const now = clock.now()
      const since = Math.max(now - findTime, await bans.lastEnd(kind, value, now))
      const rows = await attempts.recent(
        kind === 'user' ? { username: value } : { remoteAddress: value },
        since,
        maxRetries,
      )
      const success = rows.findIndex((row) => row.successful)
      const failures = success < 0 ? rows.length : success
      const newest = rows[0]
      if (failures < maxRetries || newest === undefined) return failures
      // a record from the future (clock set back) must not lengthen the ban
      const expiresAt = Math.min(newest.time, now) + banTime
      if (expiresAt <= now) return failures
      await bans.add({
        kind,
        value,
        createdAt: now,
        expiresAt,
        source: 'regulation',
        reason: 'too many failed sign-ins',
      })
      const whom = kind === 'user' ? { username: value } : { username: '', subject: value }
      void audit.record({ ...whom, kind: 'banned', from, reason: 'too-many-failures' })
      return 'banned'
    },
  }
}
