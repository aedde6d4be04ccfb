// Making a passkey or security key: options with a challenge, then the key itself, verified and stored.
import { sha256 } from '../../base/secret.ts'
import { readRegistration } from './answers.ts'
import type { WebauthnDeps } from './create-webauthn.ts'
import { readDescription } from './description.ts'
import { ALGORITHMS } from './public-key.ts'
import { verifyRegistration } from './verify-registration.ts'
import type { RegistrationOutcome, RegistrationRefusal, SignedInPlace, Webauthn } from './webauthn.ts'

/** Keys of one user at one portal. */
const MAX_KEYS = 32
/** Bytes of a challenge and of what a user is called towards authenticators (WebAuthn §13.4.3 asks for 16 at least, §14.6.1 for 64). */
export const CHALLENGE_SIZE = 32
const HANDLE_SIZE = 64
/** A challenge outlives the browser's own waiting by the time an answer travels, and never these five minutes (milliseconds). */
const TRAVEL = 10_000
const LONGEST = 5 * 60_000

export const endOfChallenge = (timeout: number, now: number): number => now + Math.min(timeout + TRAVEL, LONGEST)

const refused = (reason: RegistrationRefusal) => ({ kind: 'refused', reason }) as const

export function createRegistration(
  deps: WebauthnDeps,
): Pick<Webauthn, 'beginRegistration' | 'finishRegistration' | 'abandonRegistration'> {
  const { storage, clock, random, audit, log } = deps
  const { webauthn, webauthnChallenges: challenges } = storage

  const store = async (place: SignedInPlace, answer: unknown): Promise<RegistrationOutcome> => {
    const { rp, config, user, session } = place
    // Taken before anything is looked at: whatever the answer is worth, there is no second one.
    const taken = await challenges.take(session, 'registration', clock.now())
    const read = readRegistration(answer)
    if (read === undefined) return refused('malformed')
    if (taken === undefined) return refused('no-challenge')
    const key = await verifyRegistration(read, { rp, config, challengeHash: taken.hash })
    if (typeof key === 'string') return refused(key)
    const description = taken.detail
    const credential = { ...key, username: user.username, description, createdAt: clock.now(), lastUsedAt: undefined }
    const added = await webauthn.add(credential, MAX_KEYS)
    return added === 'added' ? { kind: 'registered', description } : refused(added)
  }

  return {
    async beginRegistration({ rp, config, user, session }, typed) {
      const description = readDescription(typed)
      if (description === undefined) return refused('malformed')
      const existing = await webauthn.list({ username: user.username, rpId: rp.id })
      const folded = description.toLowerCase()
      if (existing.some((credential) => credential.description.toLowerCase() === folded))
        return refused('description-taken')
      if (existing.length >= MAX_KEYS) return refused('too-many')
      const handle = await webauthn.handleOf(rp.id, user.username, random(HANDLE_SIZE))
      const challenge = Buffer.from(random(CHALLENGE_SIZE)).toString('base64url')
      const now = clock.now()
      const expiresAt = endOfChallenge(config.timeout, now)
      const begun = { owner: session, ceremony: 'registration', hash: sha256(challenge), expiresAt } as const
      await challenges.begin({ ...begun, detail: description }, now)
      return {
        kind: 'begun',
        options: {
          rp: { id: rp.id, name: config.displayName },
          user: {
            id: Buffer.from(handle).toString('base64url'),
            name: user.username,
            displayName: user.displayName || user.username,
          },
          challenge,
          pubKeyCredParams: ALGORITHMS.map((alg) => ({ type: 'public-key', alg })),
          timeout: config.timeout,
          excludeCredentials: existing.map(({ kid, transports }) => ({ type: 'public-key', id: kid, transports })),
          authenticatorSelection: {
            ...(config.attachment === undefined ? {} : { authenticatorAttachment: config.attachment }),
            requireResidentKey: config.discoverability === 'required',
            residentKey: config.discoverability,
            userVerification: config.userVerification,
          },
          attestation: config.attestation,
          extensions: { credProps: true },
        },
      }
    },

    async finishRegistration(place, answer) {
      const outcome = await store(place, answer)
      const { user, session, attempt, userAgent } = place
      const trail = { username: user.username, from: attempt.from, session, userAgent }
      if (outcome.kind === 'registered') {
        log.warn({ username: user.username, from: attempt.from }, 'a passkey was registered')
        await audit.record({ ...trail, kind: 'factor-added', subject: `webauthn: ${outcome.description}` })
      } else log.warn({ username: user.username, from: attempt.from, reason: outcome.reason }, 'a passkey was refused')
      return outcome
    },

    async abandonRegistration(session) {
      await challenges.take(session, 'registration', clock.now())
    },
  }
}
