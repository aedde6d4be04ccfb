// A gate on a socket, with the real listener, policy and protocols, and with sessions, users and passwords held in memory.
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { manualClock } from '../../src/base/clock.ts'
import { parseNetwork } from '../../src/base/ip-address.ts'
import type { AuthzEndpoint, Config, CookieDomain } from '../../src/config/config.ts'
import type { Directory, User } from '../../src/directory/directory.ts'
import type { Login } from '../../src/login/login.ts'
import { compilePolicy } from '../../src/policy/compile.ts'
import type { Policy } from '../../src/policy/policy.ts'
import { buildGateSnapshot } from '../../src/server/gate/snapshot.ts'
import { createGate } from '../../src/server/gate.ts'
import { attachListener, serverOptions } from '../../src/server/listener.ts'
import type { SessionReader, SessionRecord } from '../../src/session/session.ts'
import { accessControl, type WrittenRule } from '../policy/fixture.ts'
import { type RawRequest, type RawResponse, raw } from './raw-http.ts'

export interface LogLine {
  readonly level: string
  readonly fields: Record<string, unknown>
  readonly message: string
}

export interface LabOptions {
  readonly rules?: readonly WrittenRule[]
  readonly networks?: Readonly<Record<string, readonly string[]>>
  readonly endpoints?: readonly AuthzEndpoint[]
  readonly cookies?: readonly Partial<CookieDomain>[]
  readonly users?: Readonly<Record<string, Partial<User>>>
  readonly trustedProxies?: readonly string[]
  readonly basePath?: string
  readonly policy?: (policy: Policy) => Policy
  readonly sessions?: (sessions: SessionReader) => SessionReader
  readonly directory?: (directory: Pick<Directory, 'find'>) => Pick<Directory, 'find'>
  readonly login?: (login: Pick<Login, 'basic'>) => Pick<Login, 'basic'>
  readonly patience?: number
}

export interface Lab {
  readonly port: number
  readonly server: Server
  readonly log: LogLine[]
  /** Paths that reached the portal. */
  readonly portalSaw: string[]
  readonly basicCalls: { typed: string; password: string; from: string; lifespan: number }[]
  readonly touched: string[]
  ask(request: RawRequest): Promise<RawResponse>
  /** Another snapshot from now on, with these rules. */
  swap(rules: readonly WrittenRule[]): void
  close(): Promise<void>
}

export const PASSWORD = 'password'
/** Cookie value of a live session: `bob2@example.com`. */
export const session = (name: string, level: 1 | 2, domain = 'example.com'): string => `${name}${level}@${domain}`

const strategies = {
  header: { name: 'HeaderAuthorization', schemes: ['basic'], schemeBasicCacheLifespan: 0 },
  proxy: { name: 'HeaderProxyAuthorization', schemes: ['basic'], schemeBasicCacheLifespan: 0 },
  requestProxy: { name: 'HeaderAuthRequestProxyAuthorization', schemes: ['basic'], schemeBasicCacheLifespan: 0 },
  legacy: { name: 'HeaderLegacy', schemes: [], schemeBasicCacheLifespan: 0 },
  cookie: { name: 'CookieSession', schemes: [], schemeBasicCacheLifespan: 0 },
} as const
const { header, proxy, requestProxy, cookie } = strategies

/** Authelia's four, and one for each order of strategies. */
export const ENDPOINTS: readonly AuthzEndpoint[] = [
  { name: 'forward-auth', implementation: 'ForwardAuth', strategies: [header, cookie] },
  { name: 'auth-request', implementation: 'AuthRequest', strategies: [header, cookie] },
  { name: 'ext-authz', implementation: 'ExtAuthz', strategies: [header, cookie] },
  { name: 'legacy', implementation: 'Legacy', strategies: [strategies.legacy, cookie] },
  { name: 'fa-proxy', implementation: 'ForwardAuth', strategies: [proxy, cookie] },
  { name: 'ar-proxy', implementation: 'AuthRequest', strategies: [requestProxy, cookie] },
  {
    name: 'fa-header',
    implementation: 'ForwardAuth',
    strategies: [{ ...header, schemeBasicCacheLifespan: 60_000 }],
  },
  { name: 'fa-cookiefirst', implementation: 'ForwardAuth', strategies: [cookie, header] },
]

export const COOKIE = '__Secure-latchkey_session'
const cookieDomain = (domain: string, portalUrl: string): CookieDomain => ({
  domain,
  portalUrl,
  defaultRedirectionUrl: undefined,
  name: COOKIE,
  sameSite: 'lax',
  expiration: 7_200_000,
  inactivity: 3_600_000,
  rememberMe: 0,
})
const COOKIES = [
  cookieDomain('example.com', 'https://auth.example.com/'),
  cookieDomain('example.org', 'https://login.example.org/'),
  cookieDomain('example5.com', 'https://auth.example5.com/'),
]

/** Rules and users of the attack catalogue. */
export const RULES: readonly WrittenRule[] = [
  { domain: 'app.example.com', resources: ['^/public(/.*)?$'], policy: 'bypass' },
  { domain: 'app.example.com', resources: ['^/admin(/.*)?$'], policy: 'two_factor', subject: 'group:admins' },
  { domain: 'app.example.com', resources: ['^/admin(/.*)?$'], policy: 'deny' },
  { domain: 'app.example.com', resources: ['^/foo/.*/bar$', '/status'], policy: 'bypass' },
  { domain: 'app.example.com', policy: 'one_factor' },
  { domain: 'admin.example.com', policy: 'two_factor' },
  { domain: 'one.example.com', policy: 'one_factor' },
  { domain: 'public.example.com', policy: 'bypass' },
  { domain: 'deny.example.com', policy: 'deny' },
  { domain: 'internal.example.com', networks: ['10.0.0.0/8'], policy: 'bypass' },
  { domain: 'internal.example.com', policy: 'two_factor' },
  { domain: '*.admin.example5.com', policy: 'two_factor' },
  { domain: '*.example5.com', policy: 'bypass' },
  { domain: 'api.example.com', methods: ['OPTIONS'], policy: 'bypass' },
  { domain: 'api.example.com', policy: 'one_factor' },
  { domain: 'q.example.com', query: [[{ operator: 'equal', key: 'mode', value: 'public' }]], policy: 'bypass' },
  { domain: 'q.example.com', policy: 'two_factor' },
  { domain: '{user}.home.example.com', policy: 'one_factor' },
  { domain: 'auth.example.com', policy: 'one_factor' },
]
const USERS: Readonly<Record<string, Partial<User>>> = {
  alice: { displayName: 'Alice', groups: ['admins'], emails: ['alice@example.com'] },
  bob: { displayName: 'Bob', groups: ['users'], emails: ['bob@example.com', 'b@example.com'] },
  carol: {},
}

export async function startLab(options: LabOptions = {}): Promise<Lab> {
  const { cookies = COOKIES, endpoints = ENDPOINTS, basePath = '' } = options
  const users = new Map(
    Object.entries(options.users ?? USERS).map(([username, details]): [string, User] => [
      username,
      { username, displayName: '', emails: [], groups: [], ...details },
    ]),
  )
  const directory = { find: (username: string) => users.get(username) }
  const domains = cookies.map((one) => ({ ...COOKIES[0], ...one }) as CookieDomain)
  const config = {
    server: {
      endpoints,
      basePath,
      trustedProxies: options.trustedProxies?.map((text) => parseNetwork(text)),
      buffers: { read: 4096, write: 4096 },
      timeouts: { read: 6000, write: 6000, idle: 30_000 },
    },
    session: { secret: undefined, cookies: domains },
  } as unknown as Pick<Config, 'server' | 'session'>
  const snapshotOf = (rules: readonly WrittenRule[]) => {
    const policy = compilePolicy(
      accessControl(rules, 'deny', options.networks),
      domains.map(({ domain }) => domain),
    )
    return buildGateSnapshot(
      'lab',
      config,
      options.policy?.(policy) ?? policy,
      options.directory?.(directory) ?? directory,
    )
  }
  let snapshot = snapshotOf(options.rules ?? RULES)

  const log: LogLine[] = []
  const write = (level: string) => (fields: object, message: string) =>
    void log.push({ level, fields: { ...fields }, message })
  const logger = {
    trace: write('trace'),
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    child: () => logger,
    isLevelEnabled: () => true,
  }

  const touched: string[] = []
  const sessions: SessionReader = {
    identify({ domain }, value, { touch = true } = {}) {
      const [, username = '', level = '', of] = /^(\w+)([12])@([\w.]+)$/.exec(value) ?? []
      if (of !== domain) return undefined
      if (touch) touched.push(value)
      return recordOf(username, level === '2' ? 2 : 1, domain)
    },
  }
  const basicCalls: Lab['basicCalls'] = []
  const login: Pick<Login, 'basic'> = {
    async basic(typed, password, { from }, lifespan) {
      basicCalls.push({ typed, password, from, lifespan })
      const user = users.get(typed)
      return user && password === PASSWORD ? { kind: 'accepted', user } : { kind: 'refused', reason: 'wrong-password' }
    },
  }

  const portalSaw: string[] = []
  const gate = createGate({
    current: () => snapshot,
    sessions: options.sessions?.(sessions) ?? sessions,
    login: options.login?.(login) ?? login,
    clock: manualClock(1_700_000_000_000),
    log: logger,
    ...(options.patience === undefined ? {} : { patience: options.patience }),
  })
  const server = createServer(serverOptions(config.server))
  attachListener(server, {
    current: () => snapshot,
    gate,
    portal: (request, response) => {
      portalSaw.push(request.url ?? '')
      response.writeHead(404, { 'Content-Length': '0' }).end()
    },
    log: logger,
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    port,
    server,
    log,
    portalSaw,
    basicCalls,
    touched,
    ask: (request) => raw(port, request),
    swap: (rules) => {
      snapshot = snapshotOf(rules)
    },
    close: () => new Promise((resolve) => server.close(() => resolve())),
  }
}

const recordOf = (username: string, level: 1 | 2, domain: string): SessionRecord => ({
  domain,
  username,
  level,
  remembered: false,
  createdAt: 0,
  lastActivityAt: 0,
  expiresAt: Number.MAX_SAFE_INTEGER,
  epoch: 0,
  key: `${username}${level}`,
})
