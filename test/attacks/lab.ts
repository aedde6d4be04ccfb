// The whole server as it is served, in-process and on a socket, with the people and rules of the attack catalogue, and a client that sends exactly
// what it is told. Every answer that passes through `ask` is held to what no answer may ever be, and at the end the log is searched for secrets.
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import argon2 from 'argon2'
import { dump } from 'js-yaml'
import { manualClock } from '../../src/base/clock.ts'
import { loadConfig } from '../../src/config/load.ts'
import { codeOfStep, timeStep } from '../../src/login/totp-code.ts'
import { encodeTotpSecret } from '../../src/login/totp-registration.ts'
import { type RunningServer, startServer } from '../../src/server/server.ts'
import { openStorage } from '../../src/storage/open-storage.ts'
import { type RawRequest, type RawResponse, raw } from '../server/raw-http.ts'

type Tree = { readonly [key: string]: unknown }

/** Peers: the proxy is trusted, the rogue isn't. All are this machine. */
export const PROXY = '127.0.0.2'
export const ROGUE = '127.0.0.66'
export const CLIENT = '203.0.113.7'
export const SESSION = '__Secure-latchkey_session'
export const OWN = '__Host-latchkey_portal'
export const PASSWORD = 'canary-passphrase-4711'
const SECRETS = {
  session: 'canary-session-secret-0123456789abcdef',
  storage: 'canary-storage-key-0123456789abcdef',
  reset: 'canary-reset-secret-0123456789abcdef',
}
export const START = 1_700_000_010_000

export const RULES: readonly Tree[] = [
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
  { domain: 'app.example.org', policy: 'one_factor' },
  {
    domain: 'slow.example.com',
    resources: ['^/(a+)+$', '^/(.*a){20}$', '^(/[^/]*)*$x', '(\\w+\\s?)*$y'],
    policy: 'bypass',
  },
  { domain_regex: '^(([a-z])+.)+[A-Z]([a-z])+\\.slow\\.example\\.com$', policy: 'bypass' },
]

export const USERS: Readonly<Record<string, Tree>> = {
  alice: { displayname: 'Alice', email: 'alice@example.com', groups: ['admins'] },
  bob: { displayname: 'Bob', email: 'bob@example.com', groups: ['users'] },
  carol: { displayname: 'Carol' },
  dave: { displayname: 'Dave', email: 'dave@example.com', groups: ['admins'], disabled: true },
}

export interface LabOptions {
  readonly users?: Readonly<Record<string, Tree>>
  readonly rules?: readonly Tree[]
  /** Laid over the configuration, map by map. */
  readonly changes?: Tree
  /** Errors in the log are what the test is about. */
  readonly errorsExpected?: boolean
  /** Sign in often enough at first that the time every sign-in takes has sunk to its least. */
  readonly quick?: boolean
}

export interface Ask extends RawRequest {
  /** A 5xx is what the test is about. */
  readonly mayFail?: boolean
}

export interface Lab {
  readonly port: number
  readonly folder: string
  readonly clock: ReturnType<typeof manualClock>
  /** One request from the proxy (unless `from` says otherwise), held to the standard assertions. */
  ask(request: Ask): Promise<RawResponse>
  /** A visitor's browser, which keeps cookies; at the portal of example.com unless told otherwise. */
  browser(host?: string, client?: string): Browser
  /** A signed-in browser. Level 2 waits for the next time step first, so that codes are never used twice. */
  signedIn(
    username: string,
    level: 1 | 2,
    options?: { readonly host?: string; readonly remember?: boolean },
  ): Promise<Browser>
  /** The one-time code of the present time step. */
  code(username: string, offset?: number): string
  /** What must never be in the log. */
  secret(text: string): void
  log(): LogLine[]
  logText(): string
  writeUsers(text: string): void
  /** Resolves when a line of the log, from line `since` on, has this message. */
  told(message: string, since: number): Promise<LogLine>
  close(): Promise<void>
}

export interface LogLine {
  readonly level: string
  readonly msg: string
  readonly [field: string]: unknown
}

const merged = (under: Tree, over: Tree): Tree => {
  const out: Record<string, unknown> = { ...under }
  for (const [key, value] of Object.entries(over)) {
    if (value === undefined) delete out[key]
    else out[key] = isTree(value) && isTree(out[key]) ? merged(out[key], value) : value
  }
  return out
}
const isTree = (value: unknown): value is Tree => typeof value === 'object' && value !== null && !Array.isArray(value)

/** A hash that takes next to no time. */
export const hashOf = (password: string): Promise<string> =>
  argon2.hash(password, { memoryCost: 256, timeCost: 1, parallelism: 1 })

/** One hash of it in all files: another one is another password, which ends sessions. */
const passwordHash = hashOf(PASSWORD)

export async function usersText(users: Readonly<Record<string, Tree>>): Promise<string> {
  const password = await passwordHash
  const all = Object.entries(users).map(([name, rest]) => [name, { password, ...rest }])
  return dump({ users: Object.fromEntries(all) })
}

export const TOTP_SECRETS: Readonly<Record<string, Buffer>> = {
  alice: Buffer.from('alice-secret-20bytes'),
  bob: Buffer.from('bobbs-secret-20bytes'),
}

export function configurationOf(folder: string, { rules = RULES, changes = {} }: LabOptions): Tree {
  const least: Tree = {
    server: { address: 'tcp://127.0.0.1:0/', trusted_proxies: [PROXY, '172.18.0.0/24'] },
    log: { level: 'trace', format: 'json', file_path: join(folder, 'log.txt') },
    authentication_backend: { file: { path: join(folder, 'users.yml') } },
    access_control: { default_policy: 'deny', rules },
    session: {
      secret: SECRETS.session,
      inactivity: '5m',
      expiration: '1h',
      remember_me: '30d',
      cookies: [
        { domain: 'example.com', authelia_url: 'https://auth.example.com' },
        { domain: 'example.org', authelia_url: 'https://login.example.org' },
        { domain: 'example5.com', authelia_url: 'https://auth.example5.com' },
      ],
    },
    regulation: { max_retries: 3, find_time: '2m', ban_time: '5m' },
    totp: { issuer: 'lab' },
    notifier: { filesystem: { filename: join(folder, 'mail.txt') } },
    identity_validation: { reset_password: { jwt_secret: SECRETS.reset } },
    storage: { encryption_key: SECRETS.storage, local: { path: join(folder, 'db.sqlite3') } },
  }
  return merged(least, changes)
}

export async function startLab(options: LabOptions = {}): Promise<Lab> {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-attack-'))
  const clock = manualClock(START)
  writeFileSync(join(folder, 'users.yml'), await usersText(options.users ?? USERS))
  writeFileSync(join(folder, 'configuration.yml'), dump(configurationOf(folder, options)))
  const request = { paths: ['configuration.yml'], explicit: true, env: {}, filters: [], cwd: folder }
  const loaded = loadConfig(request)
  if (loaded.kind === 'invalid') throw new Error(loaded.problems.map(({ message }) => message).join('\n'))
  const { config } = loaded
  const storage = await openStorage({ ...config.storage, clock, exclusive: true })
  for (const [username, secret] of Object.entries(TOTP_SECRETS)) {
    const device = { issuer: 'lab', algorithm: 'SHA1', digits: 6, period: 30, lastUsedAt: undefined } as const
    await storage.totp.save({ ...device, username, secret, createdAt: START })
  }
  await storage.close()
  const server = await startServer({ config, selfSigned: false, clock })
  const lab = new RunningLab(server, folder, clock, options.errorsExpected === true)
  if (options.quick) await Promise.all(Array.from({ length: 10 }, () => lab.signedIn('carol', 1)))
  return lab
}

class RunningLab implements Lab {
  readonly folder: string
  readonly clock: ReturnType<typeof manualClock>
  readonly port: number
  readonly #server: RunningServer
  readonly #errorsExpected: boolean
  readonly #secrets = new Set([PASSWORD, ...Object.values(SECRETS)])

  constructor(server: RunningServer, folder: string, clock: ReturnType<typeof manualClock>, errorsExpected: boolean) {
    this.#server = server
    this.folder = folder
    this.clock = clock
    this.#errorsExpected = errorsExpected
    this.port = Number(server.address.slice(server.address.lastIndexOf(':') + 1))
    for (const secret of Object.values(TOTP_SECRETS)) this.secret(encodeTotpSecret(secret))
  }

  async ask({ mayFail = false, ...request }: Ask): Promise<RawResponse> {
    const answer = await raw(this.port, { from: PROXY, ...request })
    for (const cookie of cookiesOf(answer)) if (cookie.value.length > 20) this.secret(cookie.value)
    holdToStandard(request, answer, this.folder, mayFail)
    return answer
  }

  browser(host = 'auth.example.com', client = CLIENT): Browser {
    return new Browser(this, host, client)
  }

  async signedIn(
    username: string,
    level: 1 | 2,
    { host, remember = false }: { host?: string; remember?: boolean } = {},
  ) {
    if (level === 2) this.clock.advance(30_000)
    const browser = this.browser(host)
    const first = await browser.post('/api/firstfactor', { username, password: PASSWORD, keepMeLoggedIn: remember })
    assert.equal(first.status, 200, `${username} signs in: ${first.body}`)
    if (level === 2) {
      const second = await browser.post('/api/secondfactor/totp', { token: this.code(username) })
      assert.equal(second.status, 200, `${username} rises: ${second.body}`)
    }
    return browser
  }

  code(username: string, offset = 0): string {
    const secret = TOTP_SECRETS[username]
    assert.ok(secret)
    const parameters = { secret, algorithm: 'SHA1', digits: 6, period: 30 } as const
    const code = codeOfStep(parameters, timeStep(this.clock.now(), 30) + offset)
    this.secret(`"${code}"`)
    return code
  }

  secret(text: string): void {
    this.#secrets.add(text)
  }

  logText(): string {
    return readFileSync(join(this.folder, 'log.txt'), 'utf8')
  }

  log(): LogLine[] {
    const lines = this.logText().split('\n').slice(0, -1)
    return lines.map((line) => JSON.parse(line) as LogLine)
  }

  writeUsers(text: string): void {
    writeFileSync(join(this.folder, 'users.yml'), text)
  }

  async told(message: string, since: number): Promise<LogLine> {
    for (let tries = 0; tries < 400; tries++) {
      const line = this.log()
        .slice(since)
        .find(({ msg }) => msg === message)
      if (line !== undefined) return line
      await setTimeout(25)
    }
    throw new Error(`nobody said: ${message}`)
  }

  async close(): Promise<void> {
    await this.#server.stop()
    const text = this.logText()
    const lines = this.log()
    rmSync(this.folder, { recursive: true, force: true })
    assertUnpolluted()
    for (const secret of this.#secrets) assert.ok(!text.includes(secret), `LOG-01 a secret is in the log: ${secret}`)
    if (this.#errorsExpected) return
    const errors = lines.filter(({ level }) => level === 'error')
    assert.deepEqual(errors, [], 'nothing went wrong inside')
  }
}

export interface SetCookie {
  readonly name: string
  readonly value: string
  readonly line: string
}

export function cookiesOf(answer: RawResponse): SetCookie[] {
  const lines = answer.lines.filter(([name]) => name.toLowerCase() === 'set-cookie').map(([, line]) => line)
  return lines.map((line) => {
    const [, name = '', value = ''] = /^([^=;]*)=([^;]*)/.exec(line) ?? []
    return { name, value, line }
  })
}

/** What a visitor's browser does, without repairing anything. */
export class Browser {
  readonly #lab: Lab
  readonly host: string
  readonly client: string
  readonly jar = new Map<string, string>()

  constructor(lab: Lab, host: string, client: string) {
    this.#lab = lab
    this.host = host
    this.client = client
  }

  get cookie(): string {
    return [...this.jar].map(([name, value]) => `${name}=${value}`).join('; ')
  }

  /** The cookie that an application under the domain gets to see. */
  get session(): string {
    return `${SESSION}=${this.jar.get(SESSION) ?? ''}`
  }

  get(path: string, extra: readonly (readonly [string, string])[] = []): Promise<RawResponse> {
    return this.send('GET', path, '', [['Accept', 'text/html'], ...extra])
  }

  post(path: string, body: unknown, method = 'POST'): Promise<RawResponse> {
    const text = typeof body === 'string' ? body : JSON.stringify(body)
    return this.send(method, path, Buffer.from(text).toString('latin1'), [
      ['Content-Type', 'application/json'],
      ['Origin', `https://${this.host}`],
      ['Sec-Fetch-Site', 'same-origin'],
    ])
  }

  form(path: string, fields: Readonly<Record<string, string>>): Promise<RawResponse> {
    return this.send('POST', path, new URLSearchParams(fields).toString(), [
      ['Content-Type', 'application/x-www-form-urlencoded'],
      ['Origin', `https://${this.host}`],
    ])
  }

  /** Through the proxy, with exactly these headers besides those of every request, and the cookies of the jar. */
  async send(
    method: string,
    path: string,
    body: string,
    headers: readonly (readonly [string, string])[],
    cookie = this.cookie,
  ): Promise<RawResponse> {
    const answer = await this.#lab.ask({
      method,
      path,
      body,
      headers: [
        ...portalHeaders(this.host, this.client),
        ...(cookie === '' ? [] : [['Cookie', cookie] as const]),
        ...headers,
      ],
    })
    for (const { name, value } of cookiesOf(answer)) {
      if (value === '') this.jar.delete(name)
      else this.jar.set(name, value)
    }
    return answer
  }

  /** Asks the gate about `url` as this visitor's proxy would. */
  asks(url: string, extra: readonly (readonly [string, string])[] = []): Promise<RawResponse> {
    return this.#lab.ask(forwardAuth(url, { cookie: this.session, client: this.client, extra }))
  }

  async state(): Promise<{ readonly username: string; readonly authentication_level: number }> {
    const { body } = await this.get('/api/state')
    return (JSON.parse(body) as { data: { username: string; authentication_level: number } }).data
  }
}

type Headers = readonly (readonly [string, string])[]

export const portalHeaders = (host: string, client = CLIENT): Headers => [
  ['Host', host],
  ['X-Forwarded-Proto', 'https'],
  ['X-Forwarded-Host', host],
  ['X-Forwarded-For', client],
]

export interface GateOptions {
  readonly method?: string
  readonly cookie?: string
  readonly client?: string | undefined
  readonly extra?: Headers
  /** What the proxy asks with; the visitor's method is `method`. */
  readonly own?: string
  readonly from?: string
}

const common = ({ cookie, client = CLIENT, extra = [] }: GateOptions): Headers => [
  ...(client === '' ? [] : [['X-Forwarded-For', client] as const]),
  ...(cookie === undefined ? [] : [['Cookie', cookie] as const]),
  ...(extra.some(([name]) => name.toLowerCase() === 'accept') ? [] : [['Accept', 'text/html'] as const]),
  ...extra,
]

const partsOf = (url: string) => {
  const [, scheme = '', host = '', uri = ''] = /^([^:]*):\/\/([^/?#]*)(.*)$/s.exec(url) ?? []
  return { scheme, host, uri }
}

/** The visitor's request `url` as Traefik, Caddy or HAProxy would tell it; nothing in `url` is changed. */
export function forwardAuth(url: string, options: GateOptions = {}): Ask {
  const { scheme, host, uri } = partsOf(url)
  const { method = 'GET', own = 'GET', from = PROXY } = options
  return {
    method: own,
    from,
    path: '/api/authz/forward-auth',
    headers: [
      ['X-Forwarded-Method', method],
      ['X-Forwarded-Proto', scheme],
      ['X-Forwarded-Host', host],
      ['X-Forwarded-Uri', uri],
      ...common(options),
    ],
  }
}

/** As nginx would tell it. */
export function authRequest(url: string, options: GateOptions = {}): Ask {
  const { method = 'GET', own = 'GET', from = PROXY } = options
  return {
    method: own,
    from,
    path: '/api/authz/auth-request',
    headers: [['X-Original-Method', method], ['X-Original-URL', url], ...common(options)],
  }
}

/** As Envoy would tell it. */
export function extAuthz(url: string, options: GateOptions = {}): Ask {
  const { scheme, host, uri } = partsOf(url)
  const { method = 'GET', from = PROXY } = options
  const path = `/api/authz/ext-authz${uri}`
  return {
    method,
    from,
    path,
    headers: [
      ['Host', host],
      ['X-Forwarded-Proto', scheme],
      ['X-Envoy-Expected-Rq-Timeout-Ms', '250'],
      ...common(options),
    ],
  }
}

/** As the set-ups of old would. */
export function legacy(url: string, options: GateOptions = {}): Ask {
  const { method = 'GET', own = 'GET', from = PROXY } = options
  return {
    method: own,
    from,
    path: '/api/verify?rd=https://auth.example.com/',
    headers: [['X-Forwarded-Method', method], ['X-Original-URL', url], ...common(options)],
  }
}

export const PROTOCOLS = { forwardAuth, authRequest, extAuthz, legacy } as const

const IDENTITY = ['remote-user', 'remote-groups', 'remote-name', 'remote-email']
const isGate = (path: string): boolean => /^\/api\/(?:authz|verify)/i.test(path)

/** What no answer may be, whatever was asked. */
function holdToStandard(
  { path, method = 'GET' }: RawRequest,
  answer: RawResponse,
  folder: string,
  mayFail: boolean,
): void {
  const { status, headers, body } = answer
  const what = `${method} ${path.slice(0, 120)} → ${status}`
  if (!mayFail) assert.ok(status < 500, `${what}: ${body.slice(0, 200)}`)
  const identity = Object.keys(headers).filter((name) => name.startsWith('remote-'))
  if (isGate(path) && status >= 200 && status < 300) {
    assert.equal(status, 200, what)
    assert.deepEqual(identity.toSorted(), IDENTITY.toSorted(), `${what}: all four identity headers and no other`)
    assert.equal(body, '', what)
    assert.equal(headers['content-length'], '0', what)
  } else {
    assert.deepEqual(identity, [], `${what}: no identity`)
  }
  if (isGate(path)) assert.equal(headers['set-cookie'], undefined, `${what}: no cookie`)
  if (!path.startsWith('/static/')) assert.match(headers['cache-control'] ?? '', /no-store/, `${what}: no-store`)
  for (const name of [
    'server',
    'x-powered-by',
    'etag',
    'access-control-allow-origin',
    'access-control-allow-credentials',
  ]) {
    assert.equal(headers[name], undefined, `${what}: ${name}`)
  }
  assert.doesNotMatch(body, /\bat .{1,200}:\d+:\d+|node_modules|\.ts:\d|SQLITE|Error:/, `${what}: no insides`)
  assert.ok(!body.includes(folder), `${what}: no path`)
  for (const [name, value] of answer.lines) assert.match(`${name}: ${value}`, /^[\x20-\xff]*$/, what)
  for (const { name } of cookiesOf(answer)) assert.match(name, /^__(?:Secure|Host)-/, `${what}: cookie ${name}`)
  assertUnpolluted()
}

export function assertUnpolluted(): void {
  const fresh: Record<string, unknown> = {}
  for (const name of ['polluted', 'level', 'isAdmin', 'groups']) assert.equal(fresh[name], undefined, `INJ-01 ${name}`)
}

/** CLOSED of the catalogue: asked to sign in, refused, or malformed. `ask` has checked that no identity is told. */
export function assertClosed(answer: RawResponse, what: string): void {
  assert.ok([302, 303, 400, 401, 403, 404, 405, 407, 431].includes(answer.status), `${what} → ${answer.status}`)
}

/** LOGIN of the catalogue: on the way to a portal of ours. */
export function assertLogin(answer: RawResponse, what: string, portal = 'https://auth.example.com/?'): void {
  assert.ok([302, 303, 401].includes(answer.status), `${what} → ${answer.status}`)
  assert.ok(answer.headers['location']?.startsWith(portal), `${what} → ${answer.headers['location']}`)
}

/** ALLOW(user) of the catalogue; '' is ALLOW-anon. */
export function assertAllowed(answer: RawResponse, user: string, what: string): void {
  assert.equal(answer.status, 200, what)
  assert.equal(answer.headers['remote-user'], user, what)
  if (user !== '') return
  for (const name of IDENTITY) assert.equal(answer.headers[name], '', what)
}
