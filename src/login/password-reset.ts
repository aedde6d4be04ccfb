// A forgotten password set anew: a link by mail, used once. It signs nobody in and touches no second factor. Whoever asks learns nothing, by word or by
// time, of whether there is such a user.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Audit, AuditEvent } from '../audit/audit.ts'
import type { Clock } from '../base/clock.ts'
import type { Logger } from '../base/log.ts'
import { deriveKey, equalSecret } from '../base/secret.ts'
import type { ResetPasswordConfig } from '../config/config.ts'
import type { Directory, User } from '../directory/directory.ts'
import type { Mailer } from '../notify/mailer.ts'
import type { ProofAttemptsRepository } from '../storage/proof-attempts.ts'
import type { ResetTicket, ResetToken, ResetTokensRepository } from '../storage/reset-tokens.ts'
import { createDelay, RESET_DELAY } from './delay.ts'
import { keyedDigest } from './keyed-digest.ts'
import { MAX_NAME } from './password-check.ts'
import { BUSY, type EndWithPassword, type PasswordStore, type SetPassword } from './password-store.ts'
import { createProofLimits, type ProofLimit } from './proof-limits.ts'
import { digestOfId, type ReadToken, readToken, writeToken } from './reset-token.ts'

/** How long a redeemed link may still set a password (milliseconds), through the API. */
const GRANT_LIFESPAN = 10 * 60_000
const MAILS: ProofLimit = { purpose: 'reset-mail', perUser: 6, perAddress: 40, window: 3_600_000 }

/** Where a request for the portal came from, and what the portal's address is by configuration. */
export interface ResetPlace {
  /** `CookieDomain.portalUrl`. */
  readonly portalUrl: string
  readonly from: string
  readonly userAgent?: string | undefined
  readonly language: string
}
export interface ResetLinks {
  resetUrl(token: string): string
  revokeUrl(token: string): string
}

/** What a browser brings: the link's token, or what it was exchanged for. */
export interface Brought {
  readonly kind: 'token' | 'grant'
  readonly text: string
}
export type Refusal = Exclude<ReadToken['kind'], 'read'> | 'gone'

export interface PasswordReset {
  /** False: no password can be set at all; the log says why. It depends on no user. */
  isPossible(): boolean
  /** Mails a link to whoever `typed` is, if anybody; earlier links end. Takes alike in every case, and never rejects. */
  ask(typed: string, place: ResetPlace, links: ResetLinks): Promise<void>
  /** Whose password may be set with it; using nothing up. */
  find(brought: Brought, place: ResetPlace): Promise<User | Refusal>
  /** Makes a token into a grant, once. */
  exchange(token: string, place: ResetPlace): Promise<{ readonly grant: string; readonly expiresAt: number } | Refusal>
  set(brought: Brought, password: string, place: ResetPlace): Promise<SetPassword | Refusal>
  /** Whether there was something to revoke. */
  revoke(token: string, place: ResetPlace): Promise<boolean>
}

export interface PasswordResetDeps {
  readonly directory: () => Directory
  readonly settings: () => ResetPasswordConfig
  readonly resets: ResetTokensRepository
  readonly attempts: ProofAttemptsRepository
  readonly store: PasswordStore
  readonly endWithPassword: EndWithPassword
  readonly mailer: Mailer
  readonly audit: Audit
  readonly clock: Clock
  readonly log: Logger
  /** `size` random bytes. */
  readonly random: (size: number) => Uint8Array
  /** Of the purpose `latchkey/login/reset-password`; read anew each time. */
  readonly key: () => Uint8Array
  /** For tests; a timer otherwise. */
  readonly wait?: (milliseconds: number) => Promise<void>
}

/** A link for this user as he is now: with another password or address it is worth nothing. */
export function newReset(
  { user, stamp, portalUrl }: { readonly user: User; readonly stamp: string; readonly portalUrl: string },
  { secret, algorithm, lifespan }: ResetPasswordConfig,
  { key, now, random }: { readonly key: Uint8Array; readonly now: number; random(size: number): Uint8Array },
): { readonly token: string; readonly row: ResetToken } {
  if (secret === undefined) throw new Error('a link is made where resetting passwords is not configured')
  const id = Buffer.from(random(32)).toString('base64url')
  const [issuedAt, expiresAt] = [now, now + lifespan]
  const issuer = new URL(portalUrl).origin
  return {
    token: writeToken({ issuer, username: user.username, id, issuedAt, expiresAt }, { secret, algorithm }),
    row: {
      id: digestOfId(id),
      username: user.username,
      binding: bindingOf(key, user, stamp),
      createdAt: issuedAt,
      expiresAt,
    },
  }
}

/** What a link is bound to its user with. */
export const resetKey = (encryptionKey: string): Buffer => deriveKey(encryptionKey, 'latchkey/login/reset-password')

const bindingOf = (key: Uint8Array, { username, emails }: User, stamp: string): Buffer =>
  keyedDigest(key, username, stamp, emails[0] ?? '')

export function createPasswordReset(deps: PasswordResetDeps): PasswordReset {
  const { directory, settings, resets, store, mailer, audit, clock, log, random, key } = deps
  const reserve = createProofLimits(deps.attempts, clock)
  const delayed = createDelay(RESET_DELAY, { clock, random, wait: deps.wait ?? ((time) => sleep(time)) })
  const record = (
    event: Pick<AuditEvent, 'kind' | 'username' | 'reason' | 'subject'>,
    { from, userAgent }: ResetPlace,
  ) => audit.record({ ...event, from, userAgent })

  const mailLink = async (typed: string, place: ResetPlace, links: ResetLinks): Promise<void> => {
    const user = isName(typed) ? await directory().resolve(typed) : undefined
    const stamp = user && directory().passwordStamp?.(user.username)
    const reserved = await reserve(MAILS, user?.username ?? '', place.from)
    const address = user?.emails[0]
    const refused =
      user === undefined || stamp === undefined
        ? 'unknown-user'
        : address === undefined
          ? 'no-address'
          : reserved.kind === 'throttled'
            ? 'too-many'
            : undefined
    if (user === undefined || stamp === undefined || address === undefined || refused !== undefined)
      return record({ kind: 'password-reset-asked', username: user?.username ?? '', reason: refused }, place)
    const now = clock.now()
    const config = settings()
    const { token, row } = newReset({ user, stamp, portalUrl: place.portalUrl }, config, { key: key(), now, random })
    await resets.add(row, now)
    mailer.send({
      name: 'reset-password',
      to: { address, displayName: user.displayName },
      language: place.language,
      values: {
        resetUrl: links.resetUrl(token),
        revokeUrl: links.revokeUrl(token),
        minutes: Math.max(1, Math.floor(config.lifespan / 60_000)),
        from: place.from,
      },
    })
    await record({ kind: 'password-reset-asked', username: user.username }, place)
  }

  const readOf = (text: string, { portalUrl }: ResetPlace): ReadToken | { readonly kind: 'gone' } => {
    const { secret, algorithm } = settings()
    if (secret === undefined) return { kind: 'gone' }
    return readToken(text, { secret, algorithm }, new URL(portalUrl).origin, clock.now())
  }

  /** What is brought, by the name it has in storage. */
  const ticketOf = ({ kind, text }: Brought, place: ResetPlace): ResetTicket | Refusal => {
    if (kind === 'grant') return { kind, id: digestOfId(text) }
    const read = readOf(text, place)
    return read.kind === 'read' ? { kind, id: digestOfId(read.id) } : read.kind
  }

  /** A ticket that lives, of a user who is still as he was when it was made. */
  const found = async (brought: Brought, place: ResetPlace) => {
    const ticket = ticketOf(brought, place)
    if (typeof ticket === 'string') return ticket
    const row = await resets.find(ticket, clock.now())
    const user = row && (await directory().find(row.username))
    const stamp = user && directory().passwordStamp?.(user.username)
    if (row === undefined || user === undefined || stamp === undefined) return 'gone' as const
    return equalSecret(row.binding, bindingOf(key(), user, stamp)) ? { ticket, user, stamp } : ('gone' as const)
  }

  return {
    isPossible: () => store.canWrite(),

    ask: (typed, place, links) =>
      delayed(
        async () => {
          try {
            await mailLink(typed, place, links)
          } catch (error) {
            log.error({ err: error }, 'a link for a forgotten password could not be made')
          }
        },
        () => 'success',
      ),

    async find(brought, place) {
      const known = await found(brought, place)
      return typeof known === 'string' ? known : known.user
    },

    async exchange(token, place) {
      const known = await found({ kind: 'token', text: token }, place)
      if (typeof known === 'string') return known
      const grant = Buffer.from(random(32)).toString('base64url')
      const now = clock.now()
      const expiresAt = now + GRANT_LIFESPAN
      return (await resets.exchange(known.ticket.id, digestOfId(grant), expiresAt, now)) ? { grant, expiresAt } : 'gone'
    },

    async set(brought, password, place) {
      const known = await found(brought, place)
      if (typeof known === 'string') return known
      const { ticket, user, stamp } = known
      const { username } = user
      const weaknesses = await store.weaknesses(password, user, place.from)
      if (weaknesses === 'overloaded') return BUSY
      if (weaknesses.length > 0) return { kind: 'weak', weaknesses }
      if (!store.canWrite()) return { kind: 'failed' }
      const hash = await store.hash(password, place.from)
      if (hash === undefined) return BUSY
      // From here on the ticket is used up, whatever comes.
      if (!(await resets.consume(ticket, clock.now()))) return 'gone'
      // Before: where sessions can't be ended, nothing is changed. After: for those that began with the old password meanwhile.
      await deps.endWithPassword(username, place.from)
      const written = await store.write(username, hash, stamp)
      if (written !== 'written') return written === 'changed' ? 'gone' : { kind: 'failed' }
      await deps.endWithPassword(username, place.from)
      await record({ kind: 'password-reset', username }, place)
      tellOfPassword(mailer, 'password-reset', user, place, clock.now())
      return { kind: 'set' }
    },

    async revoke(token, place) {
      // One that has run out, too: what somebody else made of it may outlive it.
      const read = readOf(token, place)
      const username = 'id' in read ? await resets.revoke(digestOfId(read.id), clock.now()) : undefined
      if (username !== undefined) await record({ kind: 'token-revoked', username, subject: 'reset-password' }, place)
      return username !== undefined
    },
  }
}

/** To the stored address, if there is one. */
export function tellOfPassword(
  mailer: Mailer,
  event: 'password-changed' | 'password-reset',
  { emails, displayName }: User,
  { language, from, portalUrl }: { readonly language: string; readonly from: string; readonly portalUrl: string },
  at: number,
): void {
  const address = emails[0]
  if (address === undefined) return
  const values = { event, subject: '', from, at, portalUrl }
  mailer.send({ name: 'notice', to: { address, displayName }, language, values })
}

/**
 * What may be somebody's name. A letter whose small form is another letter's too (U+212A, the Kelvin sign, is a k) would stand for a name that it
 * isn't, so it stands for none.
 */
const isName = (typed: string): boolean =>
  typed !== '' &&
  typed.length <= MAX_NAME &&
  !typed.includes('\0') &&
  typed.toLowerCase().toUpperCase() === typed.toUpperCase()
