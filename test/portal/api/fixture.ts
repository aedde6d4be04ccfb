// The API on a real socket, with real sessions and the login's fakes behind it, and a client that keeps cookies and sends exactly what it is told.

import { randomBytes } from 'node:crypto'
import { createServer, type IncomingHttpHeaders, request as send } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import express from 'express'
import type { Audit } from '../../../src/audit/audit.ts'
import type { CookieDomain } from '../../../src/config/config.ts'
import { loadLanguages } from '../../../src/i18n/languages.ts'
import { createPasswordChange } from '../../../src/login/password-change.ts'
import { createPasswordReset } from '../../../src/login/password-reset.ts'
import { createWebauthn } from '../../../src/login/webauthn/create-webauthn.ts'

import { createApi } from '../../../src/portal/api/router.ts'
import type { PortalDeps, PortalSettings } from '../../../src/portal/portal.ts'
import { createRateLimits } from '../../../src/portal/rate-limits.ts'
import { rememberVisit } from '../../../src/portal/visit.ts'
import { createBrowsers } from '../../../src/session/browsers.ts'
import { openSessions } from '../../../src/session/open-sessions.ts'
import { standInDuo } from '../../login/duo/stand-in.ts'
import { ELEVATED_SESSION, fixture as loginFixture, TOTP } from '../../login/fixture.ts'
import { fakeStore } from '../../login/passwords-fixture.ts'
import { WEBAUTHN, webauthnStorage } from '../../login/webauthn-storage.ts'

import { temporaryFolder } from '../../storage/temporary-folder.ts'
import { memoryBrowsers } from '../memory-browsers.ts'

export const OWN_COOKIE = '__Host-latchkey_portal'
export const ORIGIN = 'https://auth.example.com'

const cookie = (domain: string): CookieDomain => ({
  domain,
  portalUrl: `https://auth.${domain}/`,
  defaultRedirectionUrl: undefined,
  name: '__Secure-latchkey_session',
  sameSite: 'lax',
  expiration: 3_600_000,
  inactivity: 300_000,
  rememberMe: 2_592_000_000,
})

export interface Reply {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
  // biome-ignore lint/suspicious/noExplicitAny: a test looks into whatever came
  readonly json: any
}

export async function apiFixture(
  context: TestContext,
  changes: Partial<PortalSettings> & { address?: string; mails?: boolean } = {},
) {
  const parts = loginFixture()
  const { events } = parts
  const audit: Audit = { record: async (event) => void events.push(event) }
  const duo = standInDuo({ ...parts, audit, record: async () => undefined })
  const path = join(temporaryFolder(context), 'db.sessions.sqlite3')
  const sessions = await openSessions({ path, secret: 'a secret for tests', clock: parts.clock })
  context.after(() => sessions.close())
  const store = {
    count: () => sessions.count(),
    /** Every further call rejects. */
    fail: () => {
      const failing = async () => {
        throw new Error('the session store is gone')
      }
      Object.assign(sessions, { current: failing, begin: failing, renew: failing })
    },
  }
  const limit = (requests: number) => ({ enable: true, buckets: [{ period: 60_000, requests }] })
  const settings: PortalSettings = {
    cookies: [cookie('example.com'), cookie('example.org')],
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
      reset_password_start: limit(5),
      reset_password_finish: limit(10),
      second_factor_totp: limit(30),
      second_factor_duo: limit(10),
      session_elevation_start: limit(3),
      session_elevation_finish: limit(3),
    },
    elevatedSession: ELEVATED_SESSION,
    resetPassword: { secret: 'a secret for tests that is long enough', algorithm: 'HS256', lifespan: 300_000 },
    passwordPolicy: { kind: 'none' },
    passwordScore: 2,
    passwordResetDisabled: false,
    passwordResetUrl: undefined,
    newSignInNotice: false,
    passwordChangeDisabled: true,
    policyOf: (_user, _address, _method, url) => {
      const host = new URL(url).hostname
      return host === 'two.example.com' ? 'two_factor' : host === 'deny.example.com' ? 'deny' : 'one_factor'
    },
    hostsOf: () => [],
    findUser: (username) => parts.directory.find(username),
    passwordStamp: (username) => parts.directory.passwordStamp?.(username),
    ...changes,
  }
  const place = {
    settings,
    domain: settings.cookies[0] as CookieDomain,
    clientAddress: changes.address ?? '203.0.113.7',
    userAgent: 'test browser',
    mails: changes.mails ?? false,
  }
  const { database, ...keys } = webauthnStorage()
  const webauthn = createWebauthn({ storage: keys, audit, clock: parts.clock, random: randomBytes, log: parts.log })
  const mailer: PortalDeps['mailer'] = { isEnabled: place.mails, send: (mail) => void parts.mails.push(mail) }
  const storeOfPasswords = fakeStore(parts.directory)
  const shared = {
    directory: () => parts.directory,
    store: storeOfPasswords,
    endWithPassword: async (username: string, _from: string, keep?: { readonly key: string }) => {
      await sessions.revokeUser(username, keep)
    },
    mailer,
    audit,
    clock: parts.clock,
  }
  const passwordParts = {
    changePassword: createPasswordChange({ ...shared, login: parts.login }),
    resets: createPasswordReset({
      ...shared,
      settings: () => settings.resetPassword,
      resets: parts.storage.resets,
      attempts: parts.storage.proofAttempts,
      log: parts.log,
      random: randomBytes,
      key: () => Buffer.alloc(32, 9),
      wait: async (milliseconds) => {
        parts.waits.push(milliseconds)
      },
    }),
  }
  const app = express()
  app.disable('x-powered-by')
  app.use((request, _response, next) => {
    if (request.headers.host !== 'elsewhere')
      rememberVisit(request, { ...place, origin: ORIGIN, host: 'auth.example.com' })
    next()
  })
  app.use(
    createApi(
      {
        login: parts.login,
        duo: duo.factor,
        sessions,
        storage: { ...parts.storage, ...keys, duo: duo.devices, browsers: memoryBrowsers() },
        browsers: createBrowsers(parts.clock),
        audit,
        mailer,
        elevation: parts.elevation,
        ...passwordParts,
        clock: parts.clock,
        log: parts.log,
        settings: () => settings,
      },
      parts.enrolment,
      webauthn,
      createRateLimits(parts.clock),
    ),
  )
  app.use((_request, response) => void response.status(299).end('page'))
  const server = createServer(app)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  context.after(() => new Promise((resolve) => server.close(resolve).closeAllConnections()))

  const client = () => {
    const jar = new Map<string, string>()
    const call = (method: string, path: string, body?: unknown, headers: Record<string, string | string[]> = {}) =>
      new Promise<Reply>((resolve, reject) => {
        const outgoing = send({
          port,
          host: '127.0.0.1',
          method,
          path,
          headers: {
            ...(jar.size > 0 ? { cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; ') } : {}),
            ...(method === 'GET' || method === 'HEAD' ? {} : { 'content-type': 'application/json', origin: ORIGIN }),
            ...headers,
          },
        })
        outgoing.on('error', reject)
        outgoing.on('response', async (response) => {
          let text = ''
          for await (const chunk of response) text += chunk
          for (const set of response.headers['set-cookie'] ?? []) {
            const [, name, value] = /^([^=]+)=([^;]*)/.exec(set) ?? []
            if (name === undefined) continue
            if (value === '') jar.delete(name)
            else jar.set(name, value ?? '')
          }
          const json = text !== '' && /json/.test(response.headers['content-type'] ?? '') ? JSON.parse(text) : undefined
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text, json })
        })
        outgoing.end(body === undefined || typeof body === 'string' ? body : JSON.stringify(body))
      })
    return {
      jar,
      call,
      get: (path: string) => call('GET', path),
      post: (path: string, body?: unknown, headers?: Record<string, string>) => call('POST', path, body, headers),
      signIn: (username: string, rest: object = {}) =>
        call('POST', '/api/firstfactor', { username, password: 'password', ...rest }),
    }
  }
  return { ...parts, duo, events, store, storeOfPasswords, place, client, keys, database, webauthn }
}

export const OK = { status: 'OK' }
export const KO1 = { status: 'KO', message: 'Authentication failed. Check your credentials.' }
export const KO2 = { status: 'KO', message: 'Authentication failed, please retry later.' }
