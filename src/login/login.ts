// What a login can come to. Every refusal looks the same from outside; the true reason goes to the trail only.
import type { User } from '../directory/directory.ts'

export interface Attempt {
  /** Client address text. */
  readonly from: string
  /** Method and address of the application the visitor wanted, for the attempts table; undefined when unknown. */
  readonly requestMethod: string | undefined
  readonly requestUri: string | undefined
  /** As the client sent it; for the attempts table and the trail. */
  readonly userAgent?: string | undefined
  /** Credentials came in a header, at the gate. */
  readonly inHeader?: boolean
}

export type RefusalReason =
  | 'unknown-user'
  | 'wrong-password'
  | 'banned-user'
  | 'banned-address'
  | 'malformed'
  /** Something the answer rests on (users, bans, counters) could not be asked; refused, and logged as an error. */
  | 'unavailable'
  | 'wrong-code'
  | 'code-used'
  | 'no-second-factor'
  /** Nothing was asked of this key, or it was answered already, or too long ago. */
  | 'no-challenge'
  /** Of nobody, of somebody else, or of another portal. */
  | 'unknown-credential'
  | 'wrong-assertion'
  /** Its counter went backwards: there is a copy of it. */
  | 'cloned'
  /** Duo refuses the user, or counts too many failures of his. */
  | 'duo-denied'
  | 'duo-locked'
  /** Duo lets the user pass unasked, but he has another second factor here. */
  | 'bypass-not-enough'
  | 'push-denied'
  | 'push-unanswered'
  | 'push-not-sent'
  | 'push-fraud'

export type PasswordOutcome =
  | { readonly kind: 'accepted'; readonly user: User }
  | { readonly kind: 'refused'; readonly reason: RefusalReason }
  /** Back-pressure: depends on address and load only, never on the name. */
  | { readonly kind: 'throttled'; readonly retryAfterSeconds: number }

export type SecondFactorOutcome =
  | { readonly kind: 'accepted' }
  /** `isLocked`: after this failure no more are looked at for a while, which its owner is to be told. */
  | { readonly kind: 'refused'; readonly reason: RefusalReason; readonly isLocked?: true }
  | { readonly kind: 'throttled'; readonly retryAfterSeconds: number }

/** One instance per server; consulted by portal and gate alike so that counters and bans are the same ones. */
export interface Login {
  /** First factor at the portal: delay against enumeration, regulation, hashing queue. `typed` is what the person entered. */
  password(typed: string, password: string, attempt: Attempt): Promise<PasswordOutcome>
  /** Fresh proof of someone already signed in; same counters and bans. */
  reauthenticate(username: string, password: string, attempt: Attempt): Promise<PasswordOutcome>
  /** Credentials in a header at the gate. A positive answer may be remembered for `cacheLifespan` milliseconds (0: never); identical attempts in flight share one verification. */
  basic(typed: string, password: string, attempt: Attempt, cacheLifespan: number): Promise<PasswordOutcome>
  /** A one-time code of someone who holds a session of level ≥ 1. Single use across sessions. */
  totp(username: string, code: string, attempt: Attempt): Promise<SecondFactorOutcome>
  /** A recovery code, as it was typed, of someone who holds a session of level ≥ 1. Single use. */
  recovery(username: string, typed: string, attempt: Attempt): Promise<SecondFactorOutcome>
}
