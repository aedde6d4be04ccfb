// A portal with stand-ins around it: sessions, directory and codes in memory, a policy of a few lines, a clock that stands still.
import { randomBytes } from 'node:crypto'
import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { AuditEvent } from '../../src/audit/audit.ts'
import { manualClock } from '../../src/base/clock.ts'
import type { Logger } from '../../src/base/log.ts'
import type { CookieDomain, TotpConfig } from '../../src/config/config.ts'
import type { Directory, User } from '../../src/directory/directory.ts'
import { clientOf } from '../../src/forwarded/client-of.ts'
import { TrustedPeers } from '../../src/forwarded/trusted-peers.ts'
import { loadLanguages } from '../../src/i18n/languages.ts'
import { createElevationCodes } from '../../src/login/elevation-codes.ts'
import type { Login } from '../../src/login/login.ts'
import { createPasswordChange } from '../../src/login/password-change.ts'
import { createPasswordReset } from '../../src/login/password-reset.ts'
import type { EndWithPassword } from '../../src/login/password-store.ts'
import { createRecoveryCheck } from '../../src/login/recovery-check.ts'
import type { Mail } from '../../src/notify/mailer.ts'
import { createPortal } from '../../src/portal/app.ts'
import type { PortalDeps, PortalHandler, PortalSettings } from '../../src/portal/portal.ts'
import { createBrowsers } from '../../src/session/browsers.ts'
import type { PortalSession, PortalSessions, SessionAdmin } from '../../src/session/session.ts'
import type { AttemptFilter, AttemptRow } from '../../src/storage/attempts.ts'
import type { BrowsersRepository } from '../../src/storage/browsers.ts'
import type { RecoveryRepository } from '../../src/storage/recovery-codes.ts'
import type { TotpConfiguration } from '../../src/storage/totp-configurations.ts'
import type { WebauthnRepository } from '../../src/storage/webauthn-credentials.ts'
import { type StandInDuo, standInDuo } from '../login/duo/stand-in.ts'
import { ELEVATED_SESSION } from '../login/fixture.ts'
import { memoryProofs } from '../login/memory-proofs.ts'
import { fakeStore } from '../login/passwords-fixture.ts'
import { WEBAUTHN, webauthnStorage } from '../login/webauthn-storage.ts'

import { memoryRecovery } from '../storage/memory-recovery.ts'
import { memoryBrowsers } from './memory-browsers.ts'

export const PORTAL = 'https://auth.example.com'
export const PASSWORD = 'correct horse'
export const CODE = '123456'
/** When one-time codes were set up, by the stand-in. */
const SET_UP = 1_799_000_000_000

export const USERS: Readonly<Record<string, User>> = {
  alice: { username: 'alice', displayName: 'Alice Liddell', emails: ['alice@example.com'], groups: ['admins'] },
  bob: { username: 'bob', displayName: '', emails: [], groups: [] },
  eve: { username: 'eve', displayName: `<img src=x onerror="document.title='owned'">`, emails: [], groups: [] },
}

export const DOMAIN: CookieDomain = {
  domain: 'example.com',
  portalUrl: `${PORTAL}/`,
  defaultRedirectionUrl: undefined,
  name: '__Secure-latchkey_session',
  sameSite: 'lax',
  expiration: 3_600_000,
  inactivity: 300_000,
  rememberMe: 2_592_000_000,
}

const TOTP: TotpConfig = {
  disable: false,
  issuer: 'example.com',
  algorithm: 'SHA1',
  digits: 6,
  period: 30,
  skew: 1,
  secretSize: 32,
  allowedAlgorithms: ['SHA1'],
  allowedDigits: [6],
  allowedPeriods: [30],
  disableReuseSecurityPolicy: false,
}

/** What the stand-in policy demands, by the first label of the host. */
const POLICY: Readonly<Record<string, 'bypass' | 'one_factor' | 'two_factor' | 'deny'>> = {
  app: 'one_factor',
  wiki: 'bypass',
  vault: 'two_factor',
  deny: 'deny',
}

const limit = (requests: number) => ({ enable: true, buckets: [{ period: 60_000, requests }] })

export const SETTINGS: PortalSettings = {
  cookies: [DOMAIN],
  theme: 'auto',
  languages: loadLanguages(),
  basePath: '',
  cspTemplate: undefined,
  assetPath: undefined,
  trustedProxies: undefined,
  secondFactorEnabled: true,
  totpDisabled: false,
  totp: TOTP,
  webauthn: { ...WEBAUTHN, disable: true },
  trustedBrowser: 0,
  hasDuo: false,
  default2faMethod: '',
  rateLimits: {
    reset_password_start: limit(20),
    reset_password_finish: limit(20),
    second_factor_totp: limit(30),
    second_factor_duo: limit(10),
    session_elevation_start: limit(20),
    session_elevation_finish: limit(20),
  },
  elevatedSession: ELEVATED_SESSION,
  resetPassword: { secret: 'a secret for tests that is long enough', algorithm: 'HS256', lifespan: 300_000 },
  passwordPolicy: { kind: 'none' },
  passwordScore: 2,
  passwordResetDisabled: true,
  passwordChangeDisabled: true,
  passwordResetUrl: undefined,
  newSignInNotice: false,
  policyOf: (_user, _address, _method, url) => POLICY[new URL(url).hostname.split('.')[0] ?? ''] ?? 'deny',
  hostsOf: (domain) => ['app', 'auth', 'vault', 'deny', 'wiki'].map((name) => `${name}.${domain}`),
  findUser: (username) => USERS[username],
  passwordStamp: (username) => (USERS[username] ? `stamp of ${username}` : undefined),
}

export interface Lab {
  readonly handler: PortalHandler
  readonly clock: ReturnType<typeof manualClock>
  /** Users with one-time codes. */
  readonly codes: Set<string>
  /** By username. */
  readonly passwords: Map<string, string>
  /** Where new passwords go. */
  readonly store: ReturnType<typeof fakeStore>
  /** Number of live sessions. */
  sessionCount(): number
  endSessions(username: string): void
  /** Users whose stand-in code was used; it works once. */
  readonly spent: Set<string>
  readonly preferences: Map<string, { readonly method: string }>
  readonly recovery: RecoveryRepository
  readonly browsers: BrowsersRepository
  /** The record of attempts. */
  readonly attempts: AttemptRow[]
  /** Every line logged, as JSON. */
  readonly logged: string[]
  /** What was recorded in the trail. */
  readonly events: AuditEvent[]
  /** What was given to the mailer. */
  readonly mails: Mail[]
  /** What Duo says, where `hasDuo` is set. */
  readonly duo: StandInDuo
  /** Takes hold of the next sign-ins: 'throttled', 'broken' or as usual. */
  mood: 'usual' | 'throttled' | 'broken'
  settings: PortalSettings
  webauthn: WebauthnRepository
  /** Of passkeys; to look into, and to tamper with. */
  database: ReturnType<typeof webauthnStorage>['database']
}

export function createLab(changed: Partial<PortalSettings> = {}): Lab {
  const clock = manualClock(1_800_000_000_000)
  const codes = new Set(['alice'])
  const spent = new Set<string>()
  const preferences = new Map<string, { readonly method: string }>()
  const recovery = memoryRecovery()
  const browsers = memoryBrowsers()
  const attempts: AttemptRow[] = []
  const logged: string[] = []
  const events: AuditEvent[] = []
  const mails: Mail[] = []
  const sessions = memorySessions(clock.now)
  const passwords = new Map(Object.keys(USERS).map((name) => [name, PASSWORD]))
  const passwordStamp = (name: string) => passwords.get(name)
  const store = fakeStore({ passwordStamp, setPassword: (name, password) => void passwords.set(name, password) })
  const log = recordingLog(logged)
  const audit: PortalDeps['audit'] = { record: async (event) => void events.push(event) }
  const duo = standInDuo({ clock, log, audit, record: async () => undefined })
  const lab: Lab = {
    handler: undefined as unknown as PortalHandler,
    clock,
    codes,
    passwords,
    store,
    spent,
    preferences,
    recovery,
    browsers,
    attempts,
    sessionCount: sessions.count,
    endSessions: (username) => sessions.endAll(username),
    logged,
    events,
    mails,
    duo,
    mood: 'usual',
    settings: { ...SETTINGS, ...changed },
    webauthn: undefined as unknown as Lab['webauthn'],
    database: undefined as unknown as Lab['database'],
  }
  const login = standInLogin(lab)
  const { database, ...keys } = webauthnStorage()
  lab.database = database
  lab.webauthn = keys.webauthn
  const mailer: PortalDeps['mailer'] = { isEnabled: true, send: (mail) => void mails.push(mail) }
  const proofs = memoryProofs()
  const find = (username: string) => lab.settings.findUser(username)
  const directory: Directory = { find, resolve: find, checkPassword: async () => 'mismatch', passwordStamp }
  const endWithPassword: EndWithPassword = async (username, _from, keep) => sessions.endAll(username, keep?.key)
  const shared = { directory: () => directory, store, endWithPassword, mailer, audit, clock }
  const passwordParts = {
    changePassword: createPasswordChange({ ...shared, login }),
    resets: createPasswordReset({
      ...shared,
      settings: () => lab.settings.resetPassword,
      resets: proofs.resets,
      attempts: proofs.proofAttempts,
      log,
      random: randomBytes,
      key: () => Buffer.alloc(32, 9),
      wait: async () => undefined,
    }),
  }
  const deps: PortalDeps = {
    login,
    duo: duo.factor,
    sessions,
    storage: {
      totp: {
        find: async (username: string) =>
          codes.has(username) ? ({ username, digits: 6, createdAt: SET_UP } as TotpConfiguration) : undefined,
        save: async ({ username }: TotpConfiguration) => void codes.add(username),
        delete: async (username: string) => codes.delete(username),
        consumeStep: async () => true,
      } as unknown as PortalDeps['storage']['totp'],
      ...keys,
      recovery,
      browsers,
      attempts: {
        add: async (row: AttemptRow) => void attempts.push(row),
        list: async ({ username, successful, since = 0 }: AttemptFilter, limit: number) =>
          attempts
            .filter((row) => row.username === username && row.time >= since)
            .filter((row) => (successful ?? row.successful) === row.successful)
            .map((row) => ({ ...row, id: attempts.indexOf(row) + 1 }))
            .reverse()
            .slice(0, limit),
      } as unknown as PortalDeps['storage']['attempts'],
      preferences: {
        find: async (username) => preferences.get(username),
        save: async (username, chosen) => void preferences.set(username, chosen),
      },
      duo: duo.devices,
    },
    browsers: createBrowsers(clock),
    audit,
    mailer,
    elevation: createElevationCodes({
      codes: proofs.codes,
      attempts: proofs.proofAttempts,
      mailer,
      audit,
      clock,
      random: randomBytes,
      key: () => Buffer.alloc(32, 7),
      wait: async () => undefined,
    }),
    ...passwordParts,
    clock,
    log,
    settings: () => lab.settings,
  }
  const peers = new TrustedPeers(undefined)
  const handler = createPortal(deps, (request) => {
    const { scheme, host, address } = clientOf(request, peers)
    return { scheme, host, clientAddress: address.text }
  })
  return Object.assign(lab, { handler })
}

function standInLogin(lab: Lab): Login {
  const directory = { find: (username: string) => USERS[username] } as unknown as Directory
  const checkRecovery = createRecoveryCheck({
    directory: () => directory,
    codes: lab.recovery,
    clock: lab.clock,
    log: recordingLog(lab.logged),
    record: async ({ from }, { kind, username, refused }) => {
      const row = { time: lab.clock.now(), successful: refused === undefined, banned: false, username, kind }
      lab.attempts.push({ ...row, remoteAddress: from, requestUri: '', requestMethod: '', userAgent: '' })
    },
  })
  const password: Login['password'] = async (typed, given) => {
    if (lab.mood === 'throttled') return { kind: 'throttled', retryAfterSeconds: 125 }
    if (lab.mood === 'broken') throw new Error(`secret-in-stack ${given}`)
    const user = Object.hasOwn(USERS, typed) ? USERS[typed] : undefined
    if (user && given === lab.passwords.get(typed)) return { kind: 'accepted', user }
    return { kind: 'refused', reason: user ? 'wrong-password' : 'unknown-user' }
  }
  return {
    password,
    reauthenticate: password,
    basic: password,
    recovery: checkRecovery,
    totp: async (username, code) => {
      if (lab.mood === 'throttled') return { kind: 'throttled', retryAfterSeconds: 20 }
      if (!lab.codes.has(username) || code !== CODE) return { kind: 'refused', reason: 'wrong-code' }
      if (lab.spent.has(username)) return { kind: 'refused', reason: 'code-used' }
      lab.spent.add(username)
      return { kind: 'accepted' }
    },
  }
}

function memorySessions(
  now: () => number,
): PortalSessions & SessionAdmin & { count(): number; endAll(username: string, except?: string): void } {
  const live = new Map<string, PortalSession>()
  const seenFrom = new Map<string, { readonly address: string; readonly userAgent: string }>()
  const idOf = (request: IncomingMessage, name: string): string | undefined =>
    new RegExp(`(?:^|; )${name}=([^;]*)`).exec(request.headers.cookie ?? '')?.[1]
  const put = (
    response: ServerResponse,
    name: string,
    session: Omit<PortalSession, 'hasPortalCookie'>,
  ): PortalSession => {
    const id = randomBytes(16).toString('hex')
    const stored = { ...session, record: { ...session.record, key: id }, hasPortalCookie: true }
    live.set(id, stored)
    response.appendHeader(
      'Set-Cookie',
      `${name}=${id}; Domain=${session.record.domain}; Path=/; Secure; HttpOnly; SameSite=Lax`,
    )
    response.appendHeader('Set-Cookie', `__Host-latchkey_portal=${id}; Path=/; Secure; HttpOnly; SameSite=Lax`)
    return stored
  }
  return {
    count: () => live.size,
    endAll(username, except) {
      for (const [id, { record }] of live) if (record.username === username && id !== except) live.delete(id)
    },
    async current(request, domain) {
      const id = idOf(request, domain.name)
      const session = id === undefined ? undefined : live.get(id)
      return session && { ...session, hasPortalCookie: idOf(request, '__Host-latchkey_portal') === id }
    },
    async begin(request, response, domain, { username, remember, from, passkey }) {
      live.delete(idOf(request, domain.name) ?? '')
      const record = {
        domain: domain.domain,
        username,
        level: passkey?.level ?? 1,
        remembered: remember,
        createdAt: now(),
        lastActivityAt: now(),
        expiresAt: now() + domain.expiration,
        epoch: 0,
        key: '',
      } as const
      const begun = put(response, domain.name, {
        record,
        passwordProvenAt: passkey ? 0 : now(),
        begunWith: passkey ? 'passkey' : 'password',
        elevation: undefined,
        pending: undefined,
      })
      seenFrom.set(begun.record.key, { address: from, userAgent: request.headers['user-agent'] ?? '' })
      return begun
    },
    async renew(_request, response, domain, session, { level, passwordProvenAt, elevation, byTrustedBrowser }) {
      if (!live.delete(session.record.key)) return undefined
      const mayRise = session.begunWith === 'password' || passwordProvenAt !== undefined
      const { byTrustedBrowser: before, ...kept } = session.record
      const trust = level === undefined ? before : byTrustedBrowser
      const record = {
        ...kept,
        level: mayRise ? (level ?? kept.level) : kept.level,
        ...(trust && { byTrustedBrowser: trust }),
      }
      const renewed = put(response, domain.name, {
        ...session,
        record,
        passwordProvenAt: passwordProvenAt ?? session.passwordProvenAt,
        elevation: elevation ?? session.elevation,
      })
      const seen = seenFrom.get(session.record.key)
      if (seen) seenFrom.set(renewed.record.key, seen)
      return renewed
    },
    async list({ username, domain } = {}) {
      return [...live.values()]
        .map(({ record }) => record)
        .filter((record) => (username ?? record.username) === record.username)
        .filter((record) => (domain ?? record.domain) === record.domain)
        .map((record) => ({
          ...record,
          lastSeenAt: record.lastActivityAt,
          ...(seenFrom.get(record.key) ?? { address: '', userAgent: '' }),
        }))
    },
    revoke: async (key) => live.delete(key),
    async revokeUser(username, except) {
      const keys = [...live.values()].map(({ record }) => record).filter((record) => record.username === username)
      return keys.filter(({ key }) => key !== except?.key && live.delete(key)).length
    },
    async setPending(_domain, session, pending) {
      const stored = live.get(session.record.key)
      if (stored) live.set(session.record.key, { ...stored, pending })
      return stored !== undefined
    },
    async end(request, response, domain) {
      live.delete(idOf(request, domain.name) ?? '')
      response.appendHeader(
        'Set-Cookie',
        `${domain.name}=; Domain=${domain.domain}; Path=/; Max-Age=0; Secure; HttpOnly`,
      )
      response.appendHeader('Set-Cookie', '__Host-latchkey_portal=; Path=/; Max-Age=0; Secure; HttpOnly')
    },
  }
}

function recordingLog(lines: string[]): Logger {
  const write = (fields: object, message: string): void => void lines.push(JSON.stringify({ ...fields, message }))
  const log: Logger = {
    trace: write,
    debug: write,
    info: write,
    warn: write,
    error: write,
    child: () => log,
    isLevelEnabled: () => true,
  }
  return log
}

export interface Answer {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly body: string
  /** The body as sent. */
  readonly bytes: Buffer
}

/** A browser of few words: keeps cookies, follows nothing, sends what it is told. */
export class Client {
  readonly cookies = new Map<string, string>()
  readonly port: number
  constructor(port: number) {
    this.port = port
  }

  send(method: string, path: string, headers: Record<string, string> = {}, body = ''): Promise<Answer> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    return new Promise((resolve, reject) => {
      const sent = httpRequest(
        {
          port: this.port,
          host: '127.0.0.1',
          method,
          path,
          headers: {
            host: 'auth.example.com',
            'x-forwarded-proto': 'https',
            'x-forwarded-for': '203.0.113.7',
            ...(cookie ? { cookie } : {}),
            ...(body ? { 'content-length': String(Buffer.byteLength(body)) } : {}),
            ...headers,
          },
        },
        async (response) => {
          const chunks: Buffer[] = []
          for await (const chunk of response) chunks.push(chunk as Buffer)
          const whole = Buffer.concat(chunks)
          for (const line of response.headers['set-cookie'] ?? []) this.#keep(line)
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: whole.toString('utf8'),
            bytes: whole,
          })
        },
      )
      sent.on('error', reject)
      sent.end(body)
    })
  }

  get(path: string, headers: Record<string, string> = {}): Promise<Answer> {
    return this.send('GET', path, headers)
  }

  /** As a form of the portal's own page is sent. */
  post(path: string, fields: Record<string, string>, headers: Record<string, string> = {}): Promise<Answer> {
    const form = { 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': 'same-origin', ...headers }
    return this.send('POST', path, form, new URLSearchParams(fields).toString())
  }

  /** Signs in and returns the answer to the form. */
  signIn(username: string, fields: Record<string, string> = {}): Promise<Answer> {
    return this.post('/', { username, password: PASSWORD, ...fields })
  }

  #keep(line: string): void {
    const [pair = '', ...attributes] = line.split('; ')
    const name = pair.slice(0, pair.indexOf('='))
    if (attributes.includes('Max-Age=0')) this.cookies.delete(name)
    else this.cookies.set(name, pair.slice(name.length + 1))
  }
}

export interface OpenLab extends Lab {
  client(): Client
  close(): Promise<void>
}

export async function openLab(changed: Partial<PortalSettings> = {}): Promise<OpenLab> {
  const lab = createLab(changed)
  const server = createServer(lab.handler)
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as AddressInfo
  return Object.assign(lab, {
    client: () => new Client(port),
    close: () =>
      new Promise<void>((done) => {
        server.close(() => done())
        server.closeAllConnections()
      }),
  })
}
