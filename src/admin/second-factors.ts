// What a user may show beside his password: seen by whoever helps him, and taken away when he has lost it. Recovery codes pass in the clear, as
// they are made: the socket is the owner's alone, and storage keeps hashes.
import type { KnownBrowser } from '../storage/browsers.ts'
import type { RecoverySet } from '../storage/recovery-codes.ts'
import type { WebauthnCredential } from '../storage/webauthn-credential.ts'
import type { AdminServices } from './actions.ts'
import { paramsOf, text, texts } from './params.ts'

export interface FactorsListing {
  readonly username: string
  /** Times are milliseconds since the epoch. */
  readonly totp: { readonly createdAt: number; readonly lastUsedAt: number | null; readonly issuer: string } | null
  readonly passkeys: readonly PasskeyListing[]
  /** The phone he was last asked on. */
  readonly duo: { readonly device: string; readonly method: string } | null
  readonly recoveryCodes: RecoveryListing | null
  readonly trustedBrowsers: readonly Pick<KnownBrowser, 'userAgent' | 'network' | 'lastSeen' | 'trustedUntil'>[]
  /** What he is asked for first; null: nothing was chosen. */
  readonly preferred: string | null
}
export interface PasskeyListing
  extends Pick<WebauthnCredential, 'id' | 'rpId' | 'description' | 'createdAt' | 'cloneWarning'> {
  readonly lastUsedAt: number | null
}
export interface RecoveryListing extends Omit<RecoverySet, 'lastUsedAt'> {
  readonly lastUsedAt: number | null
}

/** @param params `{ username }` */
export async function listFactors({ storage, clock }: AdminServices, params: unknown): Promise<FactorsListing> {
  const username = text(paramsOf(params), 'username')
  const totp = await storage.totp.find(username)
  const passkeys = await storage.webauthn.list({ username })
  const duo = await storage.duo.find(username)
  const codes = await storage.recovery.find(username)
  const browsers = await storage.browsers.list(username)
  const now = clock.now()
  return {
    username,
    totp: totp ? { createdAt: totp.createdAt, lastUsedAt: totp.lastUsedAt ?? null, issuer: totp.issuer } : null,
    passkeys: passkeys.map(({ id, rpId, description, createdAt, lastUsedAt, cloneWarning }) => ({
      id,
      rpId,
      description,
      createdAt,
      lastUsedAt: lastUsedAt ?? null,
      cloneWarning,
    })),
    duo: duo ? { device: duo.device, method: duo.method } : null,
    recoveryCodes: codes ? { ...codes, lastUsedAt: codes.lastUsedAt ?? null } : null,
    trustedBrowsers: browsers
      .filter(({ trustedUntil }) => trustedUntil !== undefined && trustedUntil > now)
      .map(({ userAgent, network, lastSeen, trustedUntil }) => ({ userAgent, network, lastSeen, trustedUntil })),
    preferred: (await storage.preferences.find(username))?.method ?? null,
  }
}

export interface ResetFactors {
  /** What there was: 'totp', 'webauthn', 'duo', 'recovery'. */
  readonly removed: readonly string[]
  /** Browsers that were trusted. */
  readonly browsers: number
  readonly sessions: number
}

/** Everything but the password, the waits after wrong codes, and all sessions. @param params `{ username }` */
export async function resetFactors(
  { storage, sessions, audit }: AdminServices,
  params: unknown,
): Promise<ResetFactors> {
  const username = text(paramsOf(params), 'username')
  const event = { username, from: 'cli', reason: 'by-hand' } as const
  const removed: string[] = []
  // First: in a session of before nothing more is set up. Last: whoever signs in meanwhile does so without what was taken away.
  let ended = await sessions.revokeUser(username)
  if (await storage.totp.delete(username)) {
    removed.push('totp')
    await audit.record({ kind: 'factor-removed', ...event, subject: 'totp' })
  }
  for (const { id, description } of await storage.webauthn.list({ username })) {
    if (!(await storage.webauthn.delete(username, id))) continue
    if (!removed.includes('webauthn')) removed.push('webauthn')
    await audit.record({ kind: 'factor-removed', ...event, subject: `webauthn: ${description}` })
  }
  if (await storage.duo.delete(username)) {
    removed.push('duo')
    await audit.record({ kind: 'factor-removed', ...event, subject: 'duo' })
  }
  if (await storage.recovery.delete(username)) {
    removed.push('recovery')
    await audit.record({ kind: 'recovery-codes-removed', ...event, subject: 'recovery' })
  }
  const browsers = await storage.browsers.distrust(username)
  if (browsers > 0) await audit.record({ kind: 'browser-forgotten', ...event, subject: String(browsers) })
  await storage.totp.clearFailures(username)
  await storage.recovery.clearFailures(username)
  ended += await sessions.revokeUser(username)
  if (ended > 0) await audit.record({ kind: 'sessions-ended', ...event, subject: String(ended) })
  return { removed, browsers, sessions: ended }
}

/** In place of all earlier ones. @param params `{ username, codes }`, codes in their one canonical form */
export async function saveRecoveryCodes(
  { storage, audit, clock }: AdminServices,
  params: unknown,
): Promise<{ readonly saved: number }> {
  const given = paramsOf(params)
  const username = text(given, 'username')
  const codes = texts(given, 'codes')
  await storage.recovery.save(username, codes, clock.now())
  await audit.record({ kind: 'recovery-codes-made', username, from: 'cli', subject: 'recovery', reason: 'by-hand' })
  return { saved: codes.length }
}
