// Passkeys and security keys: making one, showing one as a second factor, signing in with one alone. Each ceremony is a challenge that is used up by
// the first answer, right or wrong. It makes no session; what it knows of a person comes from its caller or from the signed answer.
import type { WebauthnConfig } from '../../config/config.ts'
import type { User } from '../../directory/directory.ts'
import type { Attempt, SecondFactorOutcome } from '../login.ts'
import type { RelyingParty } from './relying-party.ts'

/** Options for `navigator.credentials`, as JSON with base64url. */
export type CeremonyOptions = Readonly<Record<string, unknown>>

/** Where a ceremony happens and with which settings. */
export interface Place {
  readonly rp: RelyingParty
  readonly config: WebauthnConfig
  readonly attempt: Attempt
  readonly userAgent?: string | undefined
  /** Called the first time that a passkey seems to be a copy. @param name what its owner calls it */
  readonly onCopied?: (owner: User, name: string) => void
}

/** The same with somebody who is signed in. */
export interface SignedInPlace extends Place {
  readonly user: User
  /** Key of the session that the challenge belongs to. */
  readonly session: string
}

export type RegistrationRefusal =
  /** What was sent can't be read, or is too long. */
  | 'malformed'
  /** Nothing was begun in this session, or it is too long ago, or it was used up. */
  | 'no-challenge'
  | 'not-verified'
  /** Not of a kind that is permitted here. */
  | 'filtered'
  /** The key is registered already, by whomever. */
  | 'kid-taken'
  | 'description-taken'
  | 'too-many'

export type RegistrationStart =
  | { readonly kind: 'begun'; readonly options: CeremonyOptions }
  | { readonly kind: 'refused'; readonly reason: RegistrationRefusal }

export type RegistrationOutcome =
  | { readonly kind: 'registered'; readonly description: string }
  | { readonly kind: 'refused'; readonly reason: RegistrationRefusal }

export type PasskeyOutcome =
  | {
      readonly kind: 'accepted'
      readonly user: User
      /** 2 only where the passkey verified its user and the configuration counts that as two factors. */
      readonly level: 1 | 2
    }
  | Exclude<SecondFactorOutcome, { kind: 'accepted' }>

export interface Webauthn {
  beginRegistration(place: SignedInPlace, description: string): Promise<RegistrationStart>
  /** @param answer what the browser made of the options, as unknown JSON */
  finishRegistration(place: SignedInPlace, answer: unknown): Promise<RegistrationOutcome>
  abandonRegistration(session: string): Promise<void>
  /** Undefined when this user has no key here. */
  beginAssertion(place: SignedInPlace): Promise<CeremonyOptions | undefined>
  finishAssertion(place: SignedInPlace, answer: unknown): Promise<SecondFactorOutcome>
  /** For somebody who isn't known. `ticket` is to be kept by his browser and brought back. */
  beginPasskey(place: Place): Promise<{ readonly options: CeremonyOptions; readonly ticket: string }>
  finishPasskey(
    place: Place,
    ticket: string | undefined,
    answer: unknown,
    findUser: (username: string) => User | undefined | Promise<User | undefined>,
  ): Promise<PasskeyOutcome>
}
