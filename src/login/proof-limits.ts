// How often codes may be guessed and mails asked for: counted for the user and for the address, in storage, before anything is looked at. Two hundred
// at once are counted one by one.
import type { Clock } from '../base/clock.ts'
import type { ProofAttemptsRepository } from '../storage/proof-attempts.ts'
import { countedAddress } from './regulation.ts'

export interface ProofLimit {
  /** Names the counter in storage. */
  readonly purpose: string
  /** How many within `window` milliseconds. */
  readonly perUser: number
  readonly perAddress: number
  readonly window: number
}

export type Reserved =
  /** `succeeded`: it was no failure after all. */
  | { readonly kind: 'go'; succeeded(): Promise<void> }
  | { readonly kind: 'throttled'; readonly retryAfterSeconds: number }

export type Reserve = (limit: ProofLimit, username: string, from: string) => Promise<Reserved>

export function createProofLimits(attempts: ProofAttemptsRepository, clock: Clock): Reserve {
  return async ({ purpose, perUser, perAddress, window }, username, from) => {
    const user = `user ${username}`
    const address = `ip ${countedAddress(from)}`
    const now = clock.now()
    const byUser = await attempts.count(purpose, user, window, now)
    const byAddress = await attempts.count(purpose, address, window, now)
    const until = Math.max(
      byUser.attempts > perUser ? byUser.until : 0,
      byAddress.attempts > perAddress ? byAddress.until : 0,
    )
    if (until > 0) return { kind: 'throttled', retryAfterSeconds: Math.max(1, Math.ceil((until - now) / 1000)) }
    return {
      kind: 'go',
      async succeeded() {
        await attempts.clear(purpose, user)
        await attempts.takeBack(purpose, address)
      },
    }
  }
}
