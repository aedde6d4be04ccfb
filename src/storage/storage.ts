// Everything that must last, except sessions: one repository a table. Implementations are SQLite today; the SQL stays in this folder.
import type { TotpAlgorithm } from './totp-configurations.ts'

export interface Storage {
  readonly attempts: AttemptsRepository
  readonly bans: BansRepository
  readonly totp: TotpRepository
  readonly webauthn: WebauthnRepository
  readonly webauthnChallenges: WebauthnChallengesRepository
  readonly preferences: PreferencesRepository
  readonly settings: SettingsRepository
  readonly identifiers: IdentifiersRepository
  readonly recovery: RecoveryRepository
  readonly browsers: BrowsersRepository
  readonly mails: MailsRepository
  readonly events: EventsRepository
  readonly duo: DuoRepository
  readonly codes: OneTimeCodesRepository
  readonly resets: ResetTokensRepository
  readonly proofAttempts: ProofAttemptsRepository
  close(): Promise<void>
}

export interface AttemptRow {
  /** Milliseconds since the epoch. */
  readonly time: number
  readonly successful: boolean
  /** Made while banned: doesn't count towards a ban. */
  readonly banned: boolean
  /** Canonical name; '' when the user is unknown. */
  readonly username: string
  readonly kind: '1FA' | 'TOTP' | 'WebAuthn' | 'Passkey' | 'Duo' | 'Recovery'
  readonly remoteAddress: string
  readonly requestUri: string
  readonly requestMethod: string
  /** As the client sent it, cut short; '' when it sent none, and before there was a column for it. */
  readonly userAgent: string
}

export interface AttemptsRepository {
  add(row: AttemptRow): Promise<void>
  /** Newest first, of kind 1FA and not made while banned, later than `since`. */
  recent(
    by: { username: string } | { remoteAddress: string },
    since: number,
    limit: number,
  ): Promise<readonly { time: number; successful: boolean }[]>
  /** Newest first, at most `limit`. */
  list(filter: AttemptFilter, limit: number): Promise<readonly (AttemptRow & { readonly id: number })[]>
  stats(): Promise<AttemptStats>
  /** Deletes what is older; returns how many. */
  prune(before: number): Promise<number>
  /** Keeps about the newest `most`, and all that are not older than `since`; deletes the rest and returns how many. */
  trim(most: number, since: number): Promise<number>
}

export interface AttemptFilter {
  readonly username?: string | undefined
  readonly remoteAddress?: string | undefined
  readonly successful?: boolean | undefined
  /** Milliseconds since the epoch. */
  readonly since?: number | undefined
}

export interface AttemptStats {
  readonly total: number
  readonly successful: number
  readonly failed: number
  /** Made while banned. */
  readonly banned: number
  /** Undefined when there are none. */
  readonly oldest: number | undefined
  readonly newest: number | undefined
}

export interface Ban {
  readonly id: number
  readonly kind: 'user' | 'ip'
  /** Canonical name or address text. */
  readonly value: string
  readonly createdAt: number
  /** undefined: until revoked. */
  readonly expiresAt: number | undefined
  readonly revokedAt: number | undefined
  readonly source: 'regulation' | 'cli'
  readonly reason: string
}

export interface BansRepository {
  /** The ban in force at `now`, if any. */
  active(kind: Ban['kind'], value: string, now: number): Promise<Ban | undefined>
  /** The moment from which failures count again: the end or revocation of the last ban, 0 when there was none. */
  lastEnd(kind: Ban['kind'], value: string, now: number): Promise<number>
  add(ban: Omit<Ban, 'id' | 'revokedAt'>): Promise<Ban>
  list(now: number): Promise<readonly Ban[]>
  revoke(kind: Ban['kind'], value: string, now: number): Promise<number>
  /** False when no ban of this id is in force. */
  revokeById(id: number, now: number): Promise<boolean>
}

export interface TotpConfiguration {
  readonly username: string
  readonly issuer: string
  readonly algorithm: TotpAlgorithm
  readonly digits: 6 | 8
  /** Seconds. */
  readonly period: number
  /** Raw bytes; encrypted at rest. */
  readonly secret: Uint8Array
  readonly createdAt: number
  readonly lastUsedAt: number | undefined
}

/** Wrong codes of a user since the last right one. They outlive the codes. */
export interface CodeFailures {
  /** Adds one and returns the new number, atomically. */
  countFailure(username: string, now: number): Promise<{ failures: number; lastFailureAt: number }>
  failures(username: string): Promise<{ failures: number; lastFailureAt: number }>
  clearFailures(username: string): Promise<void>
}

export interface TotpRepository extends CodeFailures {
  find(username: string): Promise<TotpConfiguration | undefined>
  /** Replaces an earlier one and forgets its used steps. */
  save(configuration: TotpConfiguration): Promise<void>
  delete(username: string): Promise<boolean>
  list(): Promise<readonly TotpConfiguration[]>
  /**
   * Consumes a time step in one atomic statement: true for exactly one caller, and only when `step` is later than every step consumed before.
   * RFC 6238 §5.2. `createdAt` names the configuration that was checked, so that a replaced secret's code can't be consumed.
   */
  consumeStep(username: string, createdAt: number, step: number, now: number): Promise<boolean>
}

/** A passkey or security key. What Authelia keeps of one, under its names; texts are '' where nothing is known. */
export interface WebauthnCredential {
  readonly id: number
  /** Relying party it was made for: the host of a portal. */
  readonly rpId: string
  readonly username: string
  /** What its owner calls it; unique for him at this relying party, in any letter case. */
  readonly description: string
  /** Credential id, base64url; unique among all users and relying parties. */
  readonly kid: string
  readonly attestationType: string
  readonly attestationFormat: string
  /** `platform` or `cross-platform`, as last reported. */
  readonly attachment: string
  readonly transports: readonly string[]
  readonly aaguid: string
  /** 0: the authenticator doesn't count. */
  readonly signCount: number
  /** Its counter once went backwards: somebody may have a copy. */
  readonly cloneWarning: boolean
  readonly legacy: boolean
  /** Can be found without a username. */
  readonly discoverable: boolean
  readonly present: boolean
  readonly verified: boolean
  /** May be copied to other devices; fixed when it is made. */
  readonly backupEligible: boolean
  /** Has been copied, as last reported. */
  readonly backupState: boolean
  readonly createdAt: number
  readonly lastUsedAt: number | undefined
}

/** Sealed at rest. */
export interface WebauthnKeys {
  /** COSE key. */
  readonly publicKey: Uint8Array
  /** What the authenticator said of itself, as Authelia's JSON; empty when it isn't known. */
  readonly attestation: Uint8Array
}

/** What an assertion said, for the record. */
export interface WebauthnUse {
  readonly signCount: number
  readonly backupState: boolean
  readonly verified: boolean
  readonly discoverable: boolean
  readonly attachment: string
}

export interface WebauthnRepository {
  /** Without keys, by user, oldest first. */
  list(filter: { readonly username?: string; readonly rpId?: string }): Promise<readonly WebauthnCredential[]>
  has(username: string, rpId: string): Promise<boolean>
  /** @throws Fault `storage-sealed-value` when its row was damaged or moved */
  find(kid: string): Promise<(WebauthnCredential & WebauthnKeys) | undefined>
  /** Atomically: never more than `max` of one user at one relying party. */
  add(
    credential: Omit<WebauthnCredential, 'id'> & WebauthnKeys,
    max: number,
  ): Promise<'added' | 'kid-taken' | 'description-taken' | 'too-many'>
  rename(
    username: string,
    rpId: string,
    id: number,
    description: string,
  ): Promise<'renamed' | 'not-found' | 'description-taken'>
  /** False when this user has no such credential. */
  delete(username: string, id: number): Promise<boolean>
  /** Atomically: true for exactly one caller with this count, and only when it is higher than every count before, or both are 0. */
  recordUse(credential: Pick<WebauthnCredential, 'id' | 'kid'>, use: WebauthnUse, now: number): Promise<boolean>
  /** @returns false when it was warned of before */
  warnOfClone(id: number): Promise<boolean>
  /** What the user is called towards authenticators of this relying party; `fresh` becomes it when there is none yet. */
  handleOf(rpId: string, username: string, fresh: Uint8Array): Promise<Uint8Array>
  findHandle(rpId: string, username: string): Promise<Uint8Array | undefined>
  usernameOf(rpId: string, handle: Uint8Array): Promise<string | undefined>
}

export interface WebauthnChallenge {
  /** Key of the session it was given to. */
  readonly owner: string
  readonly ceremony: 'assertion' | 'registration'
  /** SHA-256 of the challenge. */
  readonly hash: Uint8Array
  /** What else must be remembered until the answer. */
  readonly detail: string
  readonly expiresAt: number
}

export interface WebauthnChallengesRepository {
  /** In place of an earlier one of this owner and ceremony. */
  begin(challenge: WebauthnChallenge, now: number): Promise<void>
  /** Removes it in one atomic statement, whatever comes of it: exactly one caller gets it, and none when it is too old. */
  take(
    owner: string,
    ceremony: WebauthnChallenge['ceremony'],
    now: number,
  ): Promise<Pick<WebauthnChallenge, 'hash' | 'detail'> | undefined>
  /** For a challenge that was kept elsewhere: true for exactly one caller. Remembered until `expiresAt`, when it is void anyway. */
  useUp(hash: Uint8Array, expiresAt: number, now: number): Promise<boolean>
}

export interface PreferencesRepository {
  find(username: string): Promise<{ method: string } | undefined>
  save(username: string, preferences: { method: string }): Promise<void>
}

/** One of a user's devices at Duo, and how he is asked on it. */
export interface DuoPreference {
  readonly device: string
  readonly method: string
}

/** What was tried in a user's name without a success since. */
export interface DuoTries {
  readonly tries: number
  /** Milliseconds since the epoch; 0: never. */
  readonly lastAt: number
  /** Until then the last one may still come to something; 0: it is decided. */
  readonly openUntil: number
}

export interface DuoRepository {
  find(username: string): Promise<DuoPreference | undefined>
  save(username: string, preference: DuoPreference): Promise<void>
  delete(username: string): Promise<boolean>
  list(): Promise<readonly (DuoPreference & { readonly username: string })[]>
  tries(username: string, factor: 'push' | 'passcode'): Promise<DuoTries>
  /** Counts one more and opens it, in one atomic statement: true for exactly one of those who know the same state. */
  openTry(
    username: string,
    factor: 'push' | 'passcode',
    known: DuoTries,
    now: number,
    openUntil: number,
  ): Promise<boolean>
  /** The open one came to nothing. @param more what it counts beyond the one */
  closeTry(username: string, factor: 'push' | 'passcode', more: number): Promise<void>
  clearTries(username: string, factor: 'push' | 'passcode'): Promise<void>
}

/** A name that stands for a user towards one service, and in it one sector, without telling who it is (OpenID Connect Core §8). */
export interface UserIdentifier {
  readonly service: string
  /** '' for all that have no sector of their own. */
  readonly sectorId: string
  readonly username: string
  /** UUID, version 4. */
  readonly identifier: string
}

export interface IdentifiersRepository {
  list(): Promise<readonly UserIdentifier[]>
  /** All of them or none: returns those that stand in the way, because the user has one there already or the identifier is in use. */
  add(identifiers: readonly UserIdentifier[]): Promise<readonly UserIdentifier[]>
}

/** A message that waits. */
export interface WaitingMail {
  readonly id: string
  /** After it nobody needs the message any more. */
  readonly usefulUntil: number
  /** Sealed at rest. */
  readonly content: Uint8Array
}

export interface MailsRepository {
  add(mail: WaitingMail): Promise<void>
  remove(id: string): Promise<void>
  /** What was to be sent soonest first; `content` is undefined where it doesn't open any more. */
  list(): Promise<readonly (Omit<WaitingMail, 'content'> & { readonly content: Uint8Array | undefined })[]>
}

/** A security event, or several alike within a short time. Texts are '' where there is nothing to say. */
export interface EventRow {
  /** Milliseconds since the epoch; of the first. */
  readonly time: number
  /** One of src/audit/kinds.ts; what an earlier or later version wrote may be another. */
  readonly kind: string
  /** Canonical name; '' when the user is unknown. */
  readonly username: string
  /** Address text, 'cli' or 'many'. */
  readonly from: string
  readonly subject: string
  readonly reason: string
  /** Hash of a session's id. */
  readonly session: string
  readonly userAgent: string
  readonly times: number
  /** Of the last of them. */
  readonly lastTime: number
}

export interface EventFilter {
  readonly username?: string | undefined
  readonly from?: string | undefined
  readonly kinds?: readonly string[] | undefined
  /** Milliseconds since the epoch: the last of alike ones not before, the first of them not after. */
  readonly since?: number | undefined
  readonly until?: number | undefined
  /** An id. */
  readonly before?: number | undefined
}

export type StoredEvent = EventRow & { readonly id: number }

export interface EventsRepository {
  /** Returns its id; ids grow. */
  add(event: EventRow): Promise<number>
  /** There were more alike ones. */
  setTimes(id: number, times: number, lastTime: number): Promise<void>
  /** The newest, newest first. */
  newest(filter: EventFilter, limit: number): Promise<readonly StoredEvent[]>
  /** Those that were added after the one of this id, oldest first. */
  after(id: number, filter: EventFilter, limit: number): Promise<readonly StoredEvent[]>
  /** Deletes those whose last time is older; returns how many. */
  prune(before: number): Promise<number>
  /** Deletes all of a kind but the newest `most`; returns how many. */
  trim(kind: string, most: number): Promise<number>
}

/** Single facts about the database itself, by name. */
export interface SettingsRepository {
  find(name: string): Promise<Uint8Array | undefined>
  save(name: string, value: Uint8Array): Promise<void>
  /** Keeps what is there already. True when `value` was written. */
  saveNew(name: string, value: Uint8Array): Promise<boolean>
}

/** The recovery codes of a user, as they were made together. */
export interface RecoverySet {
  /** Milliseconds since the epoch. */
  readonly createdAt: number
  readonly total: number
  readonly left: number
  readonly lastUsedAt: number | undefined
}

/** Codes pass in their one canonical form; only hashes are stored. */
export interface RecoveryRepository extends CodeFailures {
  find(username: string): Promise<RecoverySet | undefined>
  /** In place of all earlier ones. */
  save(username: string, codes: readonly string[], now: number): Promise<void>
  /** Consumes a code in one atomic statement: 'consumed' for exactly one caller, 'used' for all after him. */
  consume(username: string, code: string, now: number): Promise<'consumed' | 'used' | 'unknown'>
  delete(username: string): Promise<boolean>
}

/** A browser that a user has signed in with. */
export interface KnownBrowser {
  /** SHA-256 of the mark it keeps in a cookie, hex. */
  readonly id: string
  readonly username: string
  readonly firstSeen: number
  readonly lastSeen: number
  readonly userAgent: string
  /** Where it was last seen, as `coarseNetwork` writes it. */
  readonly network: string
  /** Until when the second factor isn't asked for; undefined: it is. */
  readonly trustedUntil: number | undefined
}
export type SeenBrowser = Pick<KnownBrowser, 'id' | 'username' | 'userAgent' | 'network'> & { readonly now: number }

export interface Sighting {
  readonly isFirst: boolean
  readonly isNewBrowser: boolean
  readonly isNewNetwork: boolean
  /** Browsers and networks that came up within the last hour, this one included. */
  readonly newLately: number
}

export interface BrowsersRepository {
  /** Whether anybody has signed in with it. */
  isKnown(id: string): Promise<boolean>
  find(id: string, username: string): Promise<KnownBrowser | undefined>
  /** The last seen first. */
  list(username: string): Promise<readonly KnownBrowser[]>
  /**
   * Notes a sign-in, and tells what was new about it: of any number at once exactly one is told so.
   * `isFirst`: nothing at all was known of this user.
   */
  see(browser: SeenBrowser): Promise<Sighting>
  /** Its mark was replaced: what was known of it under the old id is known of it under the new one. */
  rename(id: string, newId: string): Promise<void>
  /**
   * Notes the browser too, where it isn't known.
   * @param until milliseconds since the epoch
   * @param stamp what must be the same later for the trust to hold, see `isTrusted`
   */
  trust(browser: SeenBrowser, until: number, stamp: string): Promise<void>
  /** Whether it is trusted with this `stamp` until some time after `after`, and no later than `latest`. */
  isTrusted(
    id: string,
    username: string,
    stamp: string,
    until: { readonly after: number; readonly latest: number },
  ): Promise<boolean>
  /** Of one browser, or of all of the user's; returns how many were trusted. */
  distrust(username: string, id?: string): Promise<number>
  /** Forgets what was last seen earlier, unless it is trusted longer; returns how many browsers and networks. */
  prune(before: number): Promise<number>
}

/** A code that was mailed to somebody signed in; its text is nowhere. */
export interface OneTimeCode {
  /** Digest of the handle by which it can be revoked. */
  readonly id: string
  /** What the code is good for. */
  readonly intent: 'change-account'
  readonly username: string
  /** `SessionRecord.key` of the session it was asked for in. */
  readonly session: string
  /** Text of the client's address it was asked for from. */
  readonly address: string
  /** Keyed digest of the code together with all of the above. */
  readonly code: Uint8Array
  readonly createdAt: number
  readonly expiresAt: number
}

export interface OneTimeCodesRepository {
  /** Earlier codes of the same user and intent end. */
  add(code: OneTimeCode, now: number): Promise<void>
  /** The newest one of this session that may still be used. */
  newest(
    intent: OneTimeCode['intent'],
    username: string,
    session: string,
    now: number,
  ): Promise<OneTimeCode | undefined>
  /** True for exactly one caller, and only while the code lives. */
  consume(id: string, now: number): Promise<boolean>
  /** Ends a code that may still be used; whose it was, or undefined when there is none. */
  revoke(id: string, now: number): Promise<string | undefined>
  endAll(username: string, now: number): Promise<void>
  /** Deletes what expired earlier; returns how many. */
  prune(before: number): Promise<number>
}

export interface ResetToken {
  /** Digest of the token's id. */
  readonly id: string
  readonly username: string
  /** Keyed digest of the user as he was: name, password, e-mail address. */
  readonly binding: Uint8Array
  readonly createdAt: number
  readonly expiresAt: number
}

/** The token of a link, or the grant that it was exchanged for; by its digest. */
export interface ResetTicket {
  readonly kind: 'token' | 'grant'
  readonly id: string
}

export interface ResetTokensRepository {
  /** Earlier tokens of the same user end. */
  add(token: ResetToken, now: number): Promise<void>
  /** One that may still be used. */
  find(ticket: ResetTicket, now: number): Promise<ResetToken | undefined>
  /** True for exactly one caller, and only while the ticket lives. */
  consume(ticket: ResetTicket, now: number): Promise<boolean>
  /** Makes a token into a grant; true for exactly one caller. */
  exchange(id: string, grant: string, grantExpiresAt: number, now: number): Promise<boolean>
  /** Ends a token that may still be used, or the grant it was made into; whose it was, or undefined when there is none. */
  revoke(id: string, now: number): Promise<string | undefined>
  endAll(username: string, now: number): Promise<void>
  /** Deletes what expired earlier; returns how many. */
  prune(before: number): Promise<number>
}

export interface ProofAttemptsRepository {
  /** Adds one and returns the new number, and when the window (milliseconds) that began with the first one ends; atomic. */
  count(purpose: string, subject: string, window: number, now: number): Promise<{ attempts: number; until: number }>
  /** One that shall not have counted. */
  takeBack(purpose: string, subject: string): Promise<void>
  clear(purpose: string, subject: string): Promise<void>
  /** Deletes windows that began earlier; returns how many. */
  prune(before: number): Promise<number>
}
