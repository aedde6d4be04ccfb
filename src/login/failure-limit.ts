// How many sign-ins may fail for one address (an IPv6 address counts as its /64), whoever they were about. In memory and bounded; it depends on
// the address only, so its answer tells nothing of names. Bans are regulation's.
import { LRUCache } from 'lru-cache'
import type { Clock } from '../base/clock.ts'
import { countedAddress } from './regulation.ts'

/** This many at once, then one back in so many milliseconds. */
const BURST = 30
const PERIOD = 10_000
/** Addresses remembered. Being forgotten costs a flooder more addresses than it gains him tries. */
const MAX_ADDRESSES = 20_000

export class FailureLimit {
  readonly #clock: Clock
  /** Tokens left as of `at`. */
  readonly #buckets = new LRUCache<string, { readonly tokens: number; readonly at: number }>({ max: MAX_ADDRESSES })

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Seconds until this address may try again; 0: now. Takes nothing. */
  waitSeconds(from: string): number {
    const tokens = this.#tokens(countedAddress(from))
    return tokens >= 1 ? 0 : Math.ceil(((1 - tokens) * PERIOD) / 1000)
  }

  failed(from: string): void {
    const key = countedAddress(from)
    // attempts that were in flight together are paid back afterwards, within measure
    const tokens = Math.max(this.#tokens(key) - 1, -BURST)
    this.#buckets.set(key, { tokens, at: this.#clock.now() })
  }

  #tokens(key: string): number {
    const bucket = this.#buckets.get(key)
    if (bucket === undefined) return BURST
    const elapsed = this.#clock.now() - bucket.at
    if (elapsed < 0) {
      // the clock was set back: nothing is regained, and time counts on from here
      this.#buckets.set(key, { tokens: bucket.tokens, at: this.#clock.now() })
      return bucket.tokens
    }
    return Math.min(BURST, bucket.tokens + elapsed / PERIOD)
  }
}
