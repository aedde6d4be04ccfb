// Spares the gate a hash per request: successes are remembered for a short time, identical attempts in flight share one verification.
// It never holds a password, only a keyed digest under a key that dies with the process, and no failure outlives its own verification.
import { timingSafeEqual } from 'node:crypto'
import type { Clock } from '../base/clock.ts'
import { keyedDigest } from './keyed-digest.ts'

interface Success {
  readonly digest: Buffer
  readonly stamp: string
  readonly until: number
}

export class BasicMemory {
  readonly #key: Uint8Array
  readonly #clock: Clock
  /** One a user, by canonical name, so that it can't grow beyond the directory. */
  readonly #successes = new Map<string, Success>()
  readonly #inFlight = new Map<string, Promise<unknown>>()

  constructor(key: Uint8Array, clock: Clock) {
    this.#key = key
    this.#clock = clock
  }

  /** @param stamp what changes with the user's stored password; an entry of another stamp is void */
  knows(username: string, password: string, stamp: string): boolean {
    const entry = this.#successes.get(username)
    if (entry === undefined) return false
    if (entry.stamp !== stamp || this.#clock.now() >= entry.until) {
      this.#successes.delete(username)
      return false
    }
    return timingSafeEqual(entry.digest, this.#digest(username, password))
  }

  remember(username: string, password: string, stamp: string, lifespan: number): void {
    this.#successes.set(username, {
      digest: this.#digest(username, password),
      stamp,
      until: this.#clock.now() + lifespan,
    })
  }

  /** Whoever comes with the same parts while `work` runs gets its result. */
  share<T>(parts: readonly string[], work: () => Promise<T>): Promise<T> {
    const key = this.#digest(...parts).toString('base64')
    const running = this.#inFlight.get(key) as Promise<T> | undefined
    if (running !== undefined) return running
    const started = work().finally(() => this.#inFlight.delete(key))
    this.#inFlight.set(key, started)
    return started
  }

  #digest(...parts: readonly string[]): Buffer {
    return keyedDigest(this.#key, ...parts)
  }
}
