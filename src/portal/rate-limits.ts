// How often an address may ask: token buckets for the routes with `server.endpoints.rate_limits`. In memory and bounded; it depends on the
// address only, never on a name. Failed sign-ins are counted apart, whatever way they come: login/failure-limit.ts.
import { LRUCache } from 'lru-cache'
import type { Clock } from '../base/clock.ts'
import { type Bucket, refilled, untilNext } from '../base/token-bucket.ts'
import type { RateLimit, RateLimitName } from '../config/config.ts'
import { countedAddress } from '../login/regulation.ts'

/** Addresses remembered for each limit. Forgetting the longest unseen one costs a flooder more than it gives him. */
const MAX_ADDRESSES = 20_000

export interface RateLimits {
  /** Takes a token from every bucket. @returns when to come again (milliseconds since the epoch), or undefined: go ahead */
  refusedUntil(name: RateLimitName, limit: RateLimit, from: string): number | undefined
}

export function createRateLimits(clock: Clock): RateLimits {
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
        const filled = refilled(bucket, requests, period, now)
        const wait = untilNext(filled, period)
        buckets[i] = wait === 0 ? { ...filled, tokens: filled.tokens - 1 } : filled
        if (wait > 0) until = Math.max(until ?? 0, now + wait)
      }
      return until
    },
  }
}

/** `Retry-After` as an HTTP date (RFC 9110 §10.2.3), never earlier than `until`. */
export const retryAfter = (until: number): string => new Date(Math.ceil(until / 1000) * 1000).toUTCString()
