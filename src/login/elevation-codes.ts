// Codes by mail that let somebody signed in change his account: made, mailed, redeemed once, revoked. It makes no session; whoever redeems does.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Audit } from '../audit/audit.ts'
import type { Clock } from '../base/clock.ts'
import { randomText } from '../base/random-text.ts'
import { equalSecret, sha256 } from '../base/secret.ts'
import type { ElevatedSessionConfig } from '../config/config.ts'
import type { User } from '../directory/directory.ts'
import type { Mailer } from '../notify/mailer.ts'
import type { OneTimeCodesRepository } from '../storage/one-time-codes.ts'
import type { ProofAttemptsRepository } from '../storage/proof-attempts.ts'
import { createDelay, ELEVATION_DELAY } from './delay.ts'
import { keyedDigest } from './keyed-digest.ts'
import { createProofLimits, type ProofLimit } from './proof-limits.ts'

/** Authelia's: capital letters and digits that aren't taken for one another. */
export const CODE_CHARACTERS = 'ABCDEFGHJKLMNPQRTUVWYXZ2346789'
/** Longer ones are no codes. */
export const LONGEST_CODE = 20

const INTENT = 'change-account'
/** A guess is one in 30^8 unless configured otherwise; at the least length, 30^5, ten an hour are 4 in 10 million. */
const GUESSES: ProofLimit = { purpose: 'code-guess', perUser: 10, perAddress: 30, window: 3_600_000 }
const MAILS: ProofLimit = { purpose: 'code-mail', perUser: 10, perAddress: 40, window: 3_600_000 }

/** Somebody signed in, and where. */
export interface Asker {
  readonly user: User
  /** `SessionRecord.key`. */
  readonly session: string
  /** Text of the client's address. */
  readonly from: string
  readonly userAgent?: string | undefined
}

export type CodeOutcome =
  | { readonly kind: 'accepted' }
  | { readonly kind: 'refused' }
  | { readonly kind: 'throttled'; readonly retryAfterSeconds: number }

export interface ElevationCodes {
  /**
   * Mails a code to the user's stored address; earlier ones end.
   * @param way `revokeUrl` makes the address of the page that takes the code back; undefined: no mail can be sent, and it looks as if one were
   * @returns `handle`: by which the code can be revoked
   */
  send(
    asker: Asker,
    settings: ElevatedSessionConfig,
    way: { readonly language: string; revokeUrl(handle: string): string } | undefined,
  ): Promise<
    | { readonly kind: 'sent'; readonly handle: string }
    | { readonly kind: 'throttled'; readonly retryAfterSeconds: number }
  >
  /** Whether a code was sent for this session and may still be used. */
  isSent(asker: Asker): Promise<boolean>
  /** Takes at least a second, good or bad. Each code counts once, for the user, session and address that it was sent for. */
  redeem(asker: Asker, typed: string): Promise<CodeOutcome>
  /** Whether there was something to revoke. */
  revoke(handle: string, from: string): Promise<boolean>
  endAll(username: string): Promise<void>
}

export interface ElevationCodesDeps {
  readonly codes: OneTimeCodesRepository
  readonly attempts: ProofAttemptsRepository
  readonly mailer: Mailer
  readonly audit: Audit
  readonly clock: Clock
  /** `size` random bytes. */
  readonly random: (size: number) => Uint8Array
  /** Of the purpose `latchkey/login/one-time-codes`; read anew for each code. */
  readonly key: () => Uint8Array
  /** For tests; a timer otherwise. */
  readonly wait?: (milliseconds: number) => Promise<void>
}

export function createElevationCodes(deps: ElevationCodesDeps): ElevationCodes {
  const { codes, attempts, mailer, audit, clock, random, key } = deps
  const reserve = createProofLimits(attempts, clock)
  const delayed = createDelay(ELEVATION_DELAY, { clock, random, wait: deps.wait ?? ((time) => sleep(time)) })
  const digest = ({ user, session, from }: Asker, code: string) =>
    keyedDigest(key(), INTENT, user.username, session, from, code)
  const record = (
    { user, session, from, userAgent }: Asker,
    kind: 'elevation-asked' | 'elevation' | 'elevation-refused',
    reason?: string,
  ) => audit.record({ kind, username: user.username, from, session, userAgent, subject: 'mail', reason })

  const redeem = async (asker: Asker, typed: string): Promise<CodeOutcome> => {
    const { username } = asker.user
    const reserved = await reserve(GUESSES, username, asker.from)
    if (reserved.kind === 'throttled') {
      await record(asker, 'elevation-refused', 'too-many')
      return reserved
    }
    const now = clock.now()
    const sent = await codes.newest(INTENT, username, asker.session, now)
    // The address is a part of the digest, so a right code from elsewhere is a wrong one.
    const fits = equalSecret(sent?.code ?? random(32), digest(asker, normalised(typed)))
    if (!fits || sent === undefined || !(await codes.consume(sent.id, now))) {
      await record(asker, 'elevation-refused', 'wrong-code')
      return { kind: 'refused' }
    }
    await reserved.succeeded()
    await record(asker, 'elevation')
    return { kind: 'accepted' }
  }

  return {
    async send(asker, { characters, codeLifespan }, way) {
      const { user, session, from } = asker
      const reserved = await reserve(MAILS, user.username, from)
      if (reserved.kind === 'throttled') return reserved
      const address = user.emails[0]
      const handle = Buffer.from(random(16)).toString('base64url')
      // Nobody would get the code: none is made, and the answer is as always.
      if (address === undefined || way === undefined) return { kind: 'sent', handle }
      const code = randomText(characters, CODE_CHARACTERS)
      const now = clock.now()
      await codes.add(
        {
          id: idOf(handle),
          intent: INTENT,
          username: user.username,
          session,
          address: from,
          code: digest(asker, code),
          createdAt: now,
          expiresAt: now + codeLifespan,
        },
        now,
      )
      mailer.send({
        name: 'one-time-code',
        to: { address, displayName: user.displayName },
        language: way.language,
        values: {
          code,
          minutes: Math.max(1, Math.floor(codeLifespan / 60_000)),
          revokeUrl: way.revokeUrl(handle),
          from,
        },
      })
      await record(asker, 'elevation-asked')
      return { kind: 'sent', handle }
    },

    isSent: async ({ user, session, from }) => {
      const sent = await codes.newest(INTENT, user.username, session, clock.now())
      return sent !== undefined && sent.address === from
    },

    redeem: (asker, typed) =>
      delayed(
        () => redeem(asker, typed),
        ({ kind }) => (kind === 'accepted' ? 'success' : 'failure'),
      ),

    async revoke(handle, from) {
      if (!/^[\w-]{22}$/.test(handle)) return false
      const username = await codes.revoke(idOf(handle), clock.now())
      if (username !== undefined)
        await audit.record({ kind: 'token-revoked', username, from, subject: 'one-time-code' })
      return username !== undefined
    },

    endAll: (username) => codes.endAll(username, clock.now()),
  }
}

const idOf = (handle: string): string => sha256(handle).toString('hex')

/** As people type what they read in a mail: in small letters, with gaps. */
const normalised = (typed: string): string => typed.replace(/\s/g, '').toUpperCase()
