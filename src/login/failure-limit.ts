// How many sign-ins may fail for one address (an IPv6 address counts as its /64), whoever they were about. In memory and bounded; it depends on
// the address only, so its answer tells nothing of names. How often the portal may be asked at all is portal/rate-limits.ts; bans are regulation's.
import { LRUCache } from 'lru-cache'
import type { Clock } from '../base/clock.ts'
import { type Bucket, refilled, untilNext } from '../base/token-bucket.ts'
import { countedAddress } from './regulation.ts'

/** This many at once, then one back in so many milliseconds. */
const BURST = 30
const PERIOD = 10_000
/** Addresses remembered. Being forgotten costs a flooder more addresses than it gains him tries. */
const MAX_ADDRESSES = 20_000

export class FailureLimit {
  readonly #clock: Clock
  /** Tokens left as of `at`. */
  readonly #buckets = new LRUCache<string, Bucket>({ max: MAX_ADDRESSES })

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Seconds until this address may try again; 0: now. Takes nothing. */
  waitSeconds(from: string): number {
    return Math.ceil(untilNext(this.#bucketOf(countedAddress(from)), PERIOD) / 1000)
  }

  failed(from: string): void {
    const key = countedAddress(from)
    // attempts that were in flight together are paid back afterwards, within measure
    const { tokens, at } = this.#bucketOf(key)
    this.#buckets.set(key, { tokens: Math.max(tokens - 1, -BURST), at })
  }

  #bucketOf(key: string): Bucket {
    const now = this.#clock.now()
    const known = this.#buckets.get(key)
    if (known === undefined) return { tokens: BURST, at: now }
    const bucket = refilled(known, BURST, PERIOD, now)
    if (now < known.at) this.#buckets.set(key, bucket)
    return bucket
  }
}
