// Showing a key: as the second factor of somebody signed in, or as all that a stranger brings. Who it is comes from the session, or from the key.
import { equalSecret, sha256 } from '../../base/secret.ts'
import type { User } from '../../directory/directory.ts'
import type { WebauthnCredential, WebauthnKeys } from '../../storage/webauthn-credential.ts'
import { createAttemptRecord } from '../attempt-record.ts'
import { FailureLimit } from '../failure-limit.ts'
import type { RefusalReason, SecondFactorOutcome } from '../login.ts'
import { createBanCheck } from '../regulation.ts'
import { type AssertionAnswer, readAssertion } from './answers.ts'
import type { WebauthnDeps } from './create-webauthn.ts'
import { openTicket, PASSKEY_LIFESPAN, sealTicket } from './passkey-ticket.ts'
import { CHALLENGE_SIZE, endOfChallenge } from './registration.ts'
import type { RelyingParty } from './relying-party.ts'
import { type Assertion, verifyAssertion } from './verify-assertion.ts'
import type { PasskeyOutcome, Place, Webauthn } from './webauthn.ts'

type Refused = { readonly kind: 'refused'; readonly reason: RefusalReason }
const refused = (reason: RefusalReason): Refused => ({ kind: 'refused', reason })

export function createAssertion(
  deps: WebauthnDeps,
): Pick<Webauthn, 'beginAssertion' | 'finishAssertion' | 'beginPasskey' | 'finishPasskey'> {
  const { storage, clock, random, audit, log } = deps
  const { webauthn, webauthnChallenges: challenges } = storage
  const record = createAttemptRecord({ attempts: storage.attempts, audit, clock })
  const bans = createBanCheck({ bans: storage.bans, clock })
  /** Of strangers: whoever is signed in has given a password, and a signature can't be guessed. */
  const failures = new FailureLimit(clock)
  const ticketKey = Buffer.from(random(32))

  const newChallenge = (): string => Buffer.from(random(CHALLENGE_SIZE)).toString('base64url')

  /** The key of this user at this portal, or nothing; a handle that names somebody else is nothing too. */
  const credentialOf = async (
    { id: rpId }: RelyingParty,
    username: string,
    { id, userHandle }: AssertionAnswer,
  ): Promise<(WebauthnCredential & WebauthnKeys) | undefined> => {
    const credential = await webauthn.find(id)
    if (credential?.username !== username || credential.rpId !== rpId) return undefined
    if (userHandle === undefined) return credential
    const told = Buffer.from(userHandle, 'base64url')
    const own = await webauthn.findHandle(rpId, username)
    const isOwn = own ? equalSecret(told, own) : (await webauthn.usernameOf(rpId, told)) === undefined
    return isOwn ? credential : undefined
  }

  /** The last step of both: the counter, in one statement, so that of two answers with the same count one is refused. */
  const use = async (
    { onCopied }: Place,
    owner: User,
    credential: WebauthnCredential,
    assertion: Assertion,
    { attachment }: AssertionAnswer,
    discoverable: boolean,
  ): Promise<'used' | 'cloned'> => {
    const { signCount, backupState, userVerified: verified } = assertion
    const said = { signCount, backupState, verified, discoverable, attachment }
    if (await webauthn.recordUse(credential, said, clock.now())) return 'used'
    if (await webauthn.warnOfClone(credential.id)) onCopied?.(owner, credential.description)
    return 'cloned'
  }

  const secondFactor = async (place: Parameters<Webauthn['finishAssertion']>[0], value: unknown) => {
    const { rp, config, user, session } = place
    // Taken before anything is looked at: whatever the answer is worth, there is no second one.
    const taken = await challenges.take(session, 'assertion', clock.now())
    const answer = readAssertion(value)
    if (answer === undefined) return refused('malformed')
    if (taken === undefined) return refused('no-challenge')
    const credential = await credentialOf(rp, user.username, answer)
    if (credential === undefined) return refused('unknown-credential')
    const userVerification = config.userVerification === 'required'
    const assertion = await verifyAssertion(answer, { rp, challengeHash: taken.hash, credential, userVerification })
    if (assertion === undefined) return refused('wrong-assertion')
    if ((await use(place, user, credential, assertion, answer, false)) === 'cloned') return refused('cloned')
    return { kind: 'accepted' } as const
  }

  const passkey = async (
    place: Place,
    ticketText: string | undefined,
    value: unknown,
    findUser: Parameters<Webauthn['finishPasskey']>[3],
  ): Promise<{ readonly username: string; readonly outcome: PasskeyOutcome }> => {
    const { rp, config, attempt } = place
    const no = (reason: RefusalReason, username = '') => ({ username, outcome: refused(reason) })
    const now = clock.now()
    const ticket = openTicket(ticketKey, ticketText, rp.id, now)
    const hash = ticket && sha256(ticket.challenge)
    // Used up before anything is looked at, by exactly one answer.
    const isFirst = hash !== undefined && (await challenges.useUp(hash, ticket?.expiresAt ?? now, now))
    const answer = readAssertion(value)
    if (answer === undefined) return no('malformed')
    if (!isFirst || hash === undefined) return no('no-challenge')
    if (await bans.addressBanned(attempt.from)) return no('banned-address')
    // Without a name typed, only the authenticator can tell whose key it is.
    const username =
      answer.userHandle && (await webauthn.usernameOf(rp.id, Buffer.from(answer.userHandle, 'base64url')))
    if (!username) return no('unknown-credential')
    const credential = await credentialOf(rp, username, answer)
    if (credential === undefined || !(credential.discoverable || config.passkeyUpgrade)) return no('unknown-credential')
    const userVerification = config.userVerification === 'required'
    const assertion = await verifyAssertion(answer, { rp, challengeHash: hash, credential, userVerification })
    if (assertion === undefined) return no('wrong-assertion', username)
    const user = await findUser(username)
    if (user === undefined) return no('unknown-user', username)
    if (await bans.userBanned(username)) return no('banned-user', username)
    if ((await use(place, user, credential, assertion, answer, true)) === 'cloned') return no('cloned', username)
    const level = assertion.userVerified && config.verifiedPasskeyIsTwoFactors ? 2 : 1
    return { username, outcome: { kind: 'accepted', user, level } }
  }

  /** Fails closed: what can't be asked can't be accepted. */
  const closed = async <T>(work: () => Promise<T>, otherwise: (outcome: Refused) => T): Promise<T> => {
    try {
      return await work()
    } catch (error) {
      log.error({ err: error }, 'a passkey could not be checked and was refused')
      return otherwise(refused('unavailable'))
    }
  }

  return {
    async beginAssertion({ rp, config, user, session }) {
      const keys = await webauthn.list({ username: user.username, rpId: rp.id })
      if (keys.length === 0) return undefined
      const challenge = newChallenge()
      const now = clock.now()
      const expiresAt = endOfChallenge(config.timeout, now)
      await challenges.begin(
        { owner: session, ceremony: 'assertion', hash: sha256(challenge), detail: '', expiresAt },
        now,
      )
      return {
        challenge,
        timeout: config.timeout,
        rpId: rp.id,
        allowCredentials: keys.map(({ kid, transports }) => ({ type: 'public-key', id: kid, transports })),
        userVerification: config.userVerification,
      }
    },

    async finishAssertion(place, value): Promise<SecondFactorOutcome> {
      const { user, session, attempt, userAgent } = place
      const { username } = user
      const trail = { username, from: attempt.from, subject: 'webauthn', session, userAgent }
      return closed(
        async () => {
          const outcome = await secondFactor(place, value)
          const reason = outcome.kind === 'refused' ? outcome.reason : undefined
          await record(attempt, { kind: 'WebAuthn', username, refused: reason })
          if (reason !== undefined) await audit.record({ ...trail, kind: 'second-factor-refused', reason })
          return outcome
        },
        (outcome) => outcome,
      )
    },

    async beginPasskey({ rp, config }) {
      const challenge = newChallenge()
      const expiresAt = clock.now() + PASSKEY_LIFESPAN
      return {
        options: {
          challenge,
          timeout: config.timeout,
          rpId: rp.id,
          userVerification: config.userVerification,
        },
        ticket: sealTicket(ticketKey, { challenge, rpId: rp.id, expiresAt }),
      }
    },

    async finishPasskey(place, ticket, value, findUser) {
      const { attempt, userAgent } = place
      const retryAfterSeconds = failures.waitSeconds(attempt.from)
      if (retryAfterSeconds > 0) return { kind: 'throttled', retryAfterSeconds }
      return closed<PasskeyOutcome>(
        async () => {
          const { username, outcome } = await passkey(place, ticket, value, findUser)
          const reason = outcome.kind === 'refused' ? outcome.reason : undefined
          await record(attempt, { kind: 'Passkey', username, refused: reason })
          const trail = { username, from: attempt.from, subject: 'passkey', userAgent }
          if (reason !== undefined) {
            failures.failed(attempt.from)
            await audit.record({ ...trail, kind: 'sign-in-refused', reason })
          }
          return outcome
        },
        (outcome) => outcome,
      )
    },
  }
}
