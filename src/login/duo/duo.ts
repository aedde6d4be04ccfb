// Duo as a second factor: which of its ways are open to somebody, a push and what came of it, a passcode. It makes no session. Whatever goes wrong
// with Duo refuses; where Duo lets somebody pass by itself, that counts only for who has no other second factor here.
import type { User } from '../../directory/directory.ts'
import type { Level } from '../../policy/model.ts'
import type { Attempt, SecondFactorOutcome } from '../login.ts'
import type { DuoDevice } from './answers.ts'
import type { PushProgress } from './outstanding-pushes.ts'

export interface DuoVisitor {
  readonly user: User
  /** `SessionRecord.key`: what he is given he is given in this session only. */
  readonly session: string
  readonly level: Level
  /** A second factor of this house is set up, so that Duo's word alone is not enough to do without it. */
  readonly hasOtherFactor: boolean
  readonly attempt: Attempt
  /** Called when he reports a push as a fraud: somebody else has his password. */
  readonly onFraud: () => void
}

export type Closed =
  | { readonly kind: 'refused'; readonly reason: 'duo-denied' | 'bypass-not-enough' }
  /** Nothing that could be used; the page of Duo's where he may enrol by himself, where that is switched on. */
  | { readonly kind: 'enroll'; readonly url: string | undefined }
  /** Duo can't be asked, or can't be understood. */
  | { readonly kind: 'unavailable' }

export type Offer =
  | {
      readonly kind: 'devices'
      /** Those that take pushes. */
      readonly devices: readonly DuoDevice[]
      /** The one that would be asked now. */
      readonly chosen: string | undefined
      readonly passcodes: boolean
    }
  | { readonly kind: 'bypass' }
  | Closed

export type PushStart =
  /** What comes of it is asked of `progress`. */
  | { readonly kind: 'sent' }
  /** Without a push: Duo lets him pass. */
  | { readonly kind: 'accepted' }
  | { readonly kind: 'choose'; readonly devices: readonly DuoDevice[] }
  | { readonly kind: 'throttled'; readonly retryAfterSeconds: number }
  | Closed

export type Choice =
  | { readonly kind: 'chosen' }
  /** Duo doesn't know it, or it takes no pushes. */
  | { readonly kind: 'unknown' }
  | { readonly kind: 'bypass' }
  | Closed

export interface Duo {
  offer(visitor: DuoVisitor): Promise<Offer>
  /** Keeps the device as his, if Duo says that it is one. */
  choose(visitor: DuoVisitor, device: string): Promise<Choice>
  /** One at a time for each user. Duo is told which place he wants to open, without its query. */
  push(visitor: DuoVisitor): Promise<PushStart>
  progress(visitor: DuoVisitor): PushProgress
  /** Resolves when the push of this session has its answer. */
  answered(visitor: DuoVisitor): Promise<void>
  /** Takes the answer up, once. Accepted is who raises the session's level now. */
  take(visitor: DuoVisitor): Promise<SecondFactorOutcome | { readonly kind: 'none' } | { readonly kind: 'waiting' }>
  passcode(visitor: DuoVisitor, passcode: string): Promise<SecondFactorOutcome>
  close(): void
}
