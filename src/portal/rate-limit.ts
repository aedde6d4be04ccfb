// How often an address may ask: token buckets for the routes with `server.endpoints.rate_limits`. In memory and bounded; it depends on the
// address only, never on a name. Failed sign-ins are counted by the login.
import { LRUCache } from 'lru-cache'
import type { Clock } from '../base/clock.ts'
import type { RateLimit, RateLimitName } from '../config/config.ts'
import { countedAddress } from '../login/regulation.ts'

/** Addresses remembered for each limit. Forgetting the longest unseen one costs a flooder more than it gives him. */
const MAX_ADDRESSES = 20_000

export interface PortalLimits {
  /** Takes a token from every bucket. @returns when to come again (milliseconds since the epoch), or undefined: go ahead */
  refusedUntil(name: RateLimitName, limit: RateLimit, from: string): number | undefined
}

/** `tokens` as of `at`; regains one a period. */
interface Bucket {
  tokens: number
  at: number
}

export function createPortalLimits(clock: Clock): PortalLimits {
  const limited = new LRUCache<string, Bucket[]>({ max: MAX_ADDRESSES })
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
  }
}

function refill(bucket: Bucket, period: number, requests: number, now: number): void {
  // a clock that was set back gives nothing back, and time counts on from there
  const elapsed = Math.max(0, now - bucket.at)
  bucket.tokens = Math.min(requests, bucket.tokens + elapsed / period)
  bucket.at = now
}

/** `Retry-After` as an HTTP date (RFC 9110 §10.2.3), never earlier than `until`. */
export const retryAfter = (until: number): string => new Date(Math.ceil(until / 1000) * 1000).toUTCString()
