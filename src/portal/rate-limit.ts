// How often an address may ask: token buckets for the routes with `server.endpoints.rate_limits`, and one for failed sign-ins. In memory and
// bounded; it depends on address and load only, never on a name. Bans are regulation's.
import { LRUCache } from 'lru-cache'
import type { Clock } from '../base/clock.ts'
import type { RateLimit, RateLimitName } from '../config/config.ts'
import { countedAddress } from '../login/regulation.ts'

/** Addresses remembered for each limit. Forgetting the longest unseen one costs a flooder more than it gives him. */
const MAX_ADDRESSES = 20_000

/** Failed sign-ins of one address (IPv6: one /64): this many at once, then one back in so many milliseconds. */
const FAILURES = { requests: 30, period: 10_000 } as const

export interface PortalLimits {
  /** Takes a token from every bucket. @returns when to come again (milliseconds since the epoch), or undefined: go ahead */
  refusedUntil(name: RateLimitName, limit: RateLimit, from: string): number | undefined
  /** When this address may try to sign in again, or undefined: now. Takes nothing. */
  failuresRefusedUntil(from: string): number | undefined
  /** Counts a failed sign-in. */
  failed(from: string): void
}

/** `tokens` as of `at`; regains one a period. */
interface Bucket {
  tokens: number
  at: number
}

export function createPortalLimits(clock: Clock): PortalLimits {
  const limited = new LRUCache<string, Bucket[]>({ max: MAX_ADDRESSES })
  const failures = new LRUCache<string, Bucket>({ max: MAX_ADDRESSES })
  return {
    refusedUntil(name, limit, from) {
      if (!limit.enable) return undefined
      const now = clock.now()
      const key = `${name} ${countedAddress(from)}`
      const known = limited.get(key)
      const buckets =
        known?.length === limit.buckets.length
          ? known
          : limit.buckets.map(({ requests }) => ({ tokens: requests, at: now }))
      limited.set(key, buckets)
      let until: number | undefined
      // Every bucket that has room pays, also when another one refuses: hammering keeps the long ones drained (spec 5.5).
      for (const [i, { period, requests }] of limit.buckets.entries()) {
        const bucket = buckets[i]
        if (bucket === undefined) continue
        refill(bucket, period, requests, now)
        if (bucket.tokens >= 1) bucket.tokens--
        else until = Math.max(until ?? 0, now + (1 - bucket.tokens) * period)
      }
      return until
    },
    failuresRefusedUntil(from) {
      const bucket = failures.get(countedAddress(from))
      if (bucket === undefined) return undefined
      const now = clock.now()
      refill(bucket, FAILURES.period, FAILURES.requests, now)
      return bucket.tokens >= 1 ? undefined : now + (1 - bucket.tokens) * FAILURES.period
    },
    failed(from) {
      const key = countedAddress(from)
      const now = clock.now()
      const bucket = failures.get(key) ?? { tokens: FAILURES.requests, at: now }
      refill(bucket, FAILURES.period, FAILURES.requests, now)
      // attempts that were in flight together are paid back, within measure
      bucket.tokens = Math.max(bucket.tokens - 1, -FAILURES.requests)
      failures.set(key, bucket)
    },
  }
}

function refill(bucket: Bucket, period: number, requests: number, now: number): void {
  // with a clock that was set back nothing is regained until it has caught up, but the bucket isn't stuck: it counts from the new time
  const elapsed = Math.max(0, now - bucket.at)
  bucket.tokens = Math.min(requests, bucket.tokens + elapsed / period)
  bucket.at = now
}

/** `Retry-After` as an HTTP date (RFC 9110 §10.2.3), never earlier than `until`. */
export const retryAfter = (until: number): string => new Date(Math.ceil(until / 1000) * 1000).toUTCString()
