// What all measurements share: users, 100,000 stored sessions, configurations with few and many rules, and servers that run on them.
import { cpSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { systemClock } from '../../src/base/clock.ts'
import { defaultHash, makeHash } from '../../src/directory/password-hash.ts'
import { openSessions } from '../../src/session/open-sessions.ts'
import { cookieValue, exchange, jar } from '../session/exchange.ts'
import { answers, freePort, type Program, pinned, SERVER_CORE, start } from './program.ts'
import type { Headers } from './wrk.ts'

const root = join(import.meta.dirname, '..', '..')
const SECRET = 'a secret for the benchmark, longer than 20'
const DOMAIN = {
  domain: 'example.com',
  name: '__Secure-latchkey_session',
  sameSite: 'lax',
  expiration: 3_600_000,
  inactivity: 3_600_000,
  rememberMe: 86_400_000,
} as const
export const STORED = 100_000
export const USED = 1000
export const PASSWORD = 'correct horse battery staple'
export const userName = (i: number): string => `user${String(i).padStart(4, '0')}`

export interface Scene {
  readonly folder: string
  /** Raw values of the session cookie, of users 0 to USED-1. */
  readonly cookies: readonly string[]
  /** Of the one password that all have. */
  readonly hash: string
}
export interface Appliance extends Program {
  readonly port: number
  /** Milliseconds from start to the first answer. */
  readonly started: number
}

/** @param folder empty; everything is written below it */
export async function prepare(folder: string, stored: number): Promise<Scene> {
  // All have the same password, hashed as by default: argon2id, 64 MiB, 3 passes.
  const hash = await makeHash(PASSWORD, defaultHash)
  const users = Array.from({ length: USED }, (_, i) => {
    const name = userName(i)
    const email = `${name}@example.com`
    return [name, { displayname: `User ${name.slice(4)}`, email, groups: ['admins', 'family'], password: hash }]
  })
  writeFileSync(join(folder, 'users.yml'), JSON.stringify({ users: Object.fromEntries(users) }))
  const sessions = await openSessions({ path: join(folder, 'sessions.sqlite3'), secret: SECRET, clock: systemClock })
  const cookies: string[] = []
  for (let i = 0; i < stored; i++) {
    const { request, response, cookies: set } = exchange()
    const start = { username: userName(i % USED), remember: true, from: '192.0.2.1' }
    await sessions.begin(request, response, DOMAIN, start)
    if (i < USED) cookies.push(cookieValue(jar(set()), DOMAIN.name))
  }
  await sessions.close()
  return { folder, cookies, hash }
}

/** Ten rules about one host: exact, wildcard, {user} and pattern domains, with resources, subjects, methods, networks. */
function rulesOf(name: string): readonly object[] {
  const host = `${name}.example.com`
  const pattern = host.replaceAll('.', '\\.')
  return [
    { domain: host, resources: ['^/public(/.*)?$', '\\.(css|js|png)$'], policy: 'bypass' },
    { domain: host, resources: ['^/admin(/.*)?$'], subject: ['group:admins'], policy: 'one_factor' },
    { domain: host, resources: ['^/admin(/.*)?$'], policy: 'deny' },
    { domain: host, resources: [`^/api/v[0-9]+/${name}/[a-z]+$`], methods: ['GET'], policy: 'one_factor' },
    { domain: host, networks: ['10.0.0.0/8'], methods: ['OPTIONS'], policy: 'bypass' },
    { domain: `*.sub.${host}`, subject: [['group:admins'], ['user:john']], policy: 'one_factor' },
    { domain: `{user}.${host}`, policy: 'one_factor' },
    { domain_regex: `^(?P<User>[a-z]+)\\.home\\.${pattern}$`, policy: 'one_factor' },
    { domain_regex: `^(www|web)\\.${pattern}$`, policy: 'one_factor' },
    { domain: host, policy: 'one_factor' },
  ]
}
const hostName = (i: number): string => `app${i}`

/** One request a stored session, all of which are allowed, spread over so many hosts. As Traefik sends them. */
export function gateRequests({ cookies }: Scene, hosts: number): readonly Headers[] {
  const places = [
    ['', '/'],
    ['', '/public/manual.html?page=2'],
    ['', '/admin/users'],
    ['', '/static/site.css'],
    ['a.sub.', '/'],
    ['{user}.', '/dashboard'],
    ['www.', '/news/2026/11'],
  ] as const
  return cookies.map((cookie, i) => {
    const [prefix, uri] = places[i % places.length] ?? ['', '/']
    return {
      Host: 'latchkey:9091',
      'User-Agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0',
      Accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8',
      'Accept-Language': 'en-US,en;q=0.5',
      'Accept-Encoding': 'gzip, deflate, br',
      Cookie: `theme=dark; ${DOMAIN.name}=${cookie}; csrftoken=0123456789abcdef`,
      'X-Forwarded-Method': 'GET',
      'X-Forwarded-Proto': 'https',
      'X-Forwarded-Host': `${prefix.replace('{user}', userName(i))}${hostName(i % hosts)}.example.com`,
      'X-Forwarded-Uri': uri,
      'X-Forwarded-For': `203.0.113.${i % 250}`,
    }
  })
}
export const GATE = '/api/authz/forward-auth'

/** Requests that only say where to; nobody is signed in, the cookie is made up, no two are alike. */
export function anonymousRequests(count: number): readonly Headers[] {
  return Array.from({ length: count }, (_, i) => ({
    Host: 'latchkey:9091',
    'User-Agent': `flood/${i}`,
    Accept: 'text/html',
    ...(i % 2 === 0 ? {} : { Cookie: `${DOMAIN.name}=s%3A${String(i).padStart(32, 'x')}.${'y'.repeat(43)}` }),
    'X-Forwarded-Method': 'GET',
    'X-Forwarded-Proto': 'https',
    'X-Forwarded-Host': `h${i}.app0.example.com`,
    'X-Forwarded-Uri': `/${i}/${i.toString(36).repeat(3)}?q=${i}`,
    'X-Forwarded-For': `198.51.${(i >> 8) & 255}.${i & 255}`,
  }))
}

/** Starts `node bin/run.js serve` in a folder of its own, on copies of the scene's sessions and users. */
export async function appliance(
  scene: Scene,
  name: string,
  { hosts = 1, isPinned = true, root: from = root, flags = [] as readonly string[] } = {},
): Promise<Appliance> {
  const folder = join(scene.folder, name)
  const port = await freePort()
  if (!existsSync(folder)) {
    mkdirSync(folder)
    cpSync(join(scene.folder, 'sessions.sqlite3'), join(folder, 'latchkey.sessions.sqlite3'))
    cpSync(join(scene.folder, 'users.yml'), join(folder, 'users.yml'))
  }
  const configuration = {
    server: { address: `tcp://127.0.0.1:${port}/`, trusted_proxies: ['127.0.0.1/32'] },
    log: { file_path: join(folder, 'log.txt') },
    authentication_backend: { file: { path: join(folder, 'users.yml') } },
    access_control: {
      default_policy: 'deny',
      rules: Array.from({ length: hosts }, (_, i) => rulesOf(hostName(i))).flat(),
    },
    session: {
      secret: SECRET,
      inactivity: '1 hour',
      cookies: [{ domain: DOMAIN.domain, name: DOMAIN.name, authelia_url: 'https://auth.example.com' }],
    },
    notifier: { filesystem: { filename: join(folder, 'notifications.txt') } },
    identity_validation: { reset_password: { jwt_secret: SECRET } },
    storage: {
      encryption_key: 'a key for the benchmark, longer than 20',
      local: { path: join(folder, 'latchkey.sqlite3') },
    },
  }
  writeFileSync(join(folder, 'configuration.yml'), JSON.stringify(configuration))
  const run = [...flags, join(from, 'bin', 'run.js'), 'serve', '--config', 'configuration.yml']
  const since = performance.now()
  const program = start(...pinned(isPinned ? SERVER_CORE : undefined, process.execPath, run), folder)
  const started = await answers(`http://127.0.0.1:${port}/api/health`, since)
  return { ...program, port, started }
}

export async function bareServer(scene: Scene, isPinned = true): Promise<Program & { port: number }> {
  const port = await freePort()
  const args = [join(import.meta.dirname, 'bare-server.ts'), String(port)]
  const program = start(...pinned(isPinned ? SERVER_CORE : undefined, process.execPath, args), scene.folder)
  await answers(`http://127.0.0.1:${port}/`)
  return { ...program, port }
}
