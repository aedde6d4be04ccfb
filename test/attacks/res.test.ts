// Whatever isn't a decision about this very request is no 2xx, with the portal behind the gate and in front of a proxy that takes any 2xx for a pass.
import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { after, test } from 'node:test'
import fc from 'fast-check'
import {
  type Ask,
  assertAllowed,
  assertClosed,
  assertLogin,
  authRequest,
  CLIENT,
  extAuthz,
  forwardAuth,
  PROTOCOLS,
  portalHeaders,
  SESSION,
  startLab,
} from './lab.ts'

const lab = await startLab()
after(() => lab.close())
const bob = await lab.signedIn('bob', 1)

const PUBLIC = forwardAuth('https://public.example.com/').headers ?? []
/** What a proxy sends for a target that everybody may see, to a path that is no endpoint; the portal's host, so that it would serve its pages. */
const atPath = (path: string, method = 'GET', host = 'auth.example.com'): Ask => ({
  method,
  path,
  headers: [...portalHeaders(host).filter(([name]) => name === 'Host'), ...PUBLIC],
})
const ENDPOINTS = /^\/api\/(?:verify|authz\/(?:forward-auth|auth-request|ext-authz(?:\/.*)?))(?:\?.*)?$/s
/** Pages, files and health are the portal's; what begins like an endpoint is nobody's. */
const NOT_GATE = /^\/(?:\?.*)?$|^\/(?:api\/health|api\/state|logout|2fa|static\/)/

test('RES-01 a path that is nearly an endpoint is never answered 2xx, at any host', async () => {
  for (const path of [
    '/api/authz/forward-auht',
    '/api/authz',
    '/api/authz/',
    '/api/authz?x',
    '//api/authz/forward-auth',
    '/api//authz/forward-auth',
    '/api/./authz/forward-auth',
    '/x/../api/authz/forward-auth',
    '/api/authz/forward-auth/',
    '/api/authz/forward-auth/../x',
    '/api/authz/forward-auth/..%2fx',
    '/api/authz/forward-auth;x',
    '/api/authz/forward-auth%2f',
    '/api/authz/forward-auth%00',
    '/api/authz/forward-auth#x',
    '/API/AUTHZ/FORWARD-AUTH',
    '/%2fapi/authz/forward-auth',
    '/%61pi/authz/forward-auth',
    '/api%2fauthz%2fforward-auth',
    '/api/authz/__proto__',
    '/api/authz/constructor',
    '/api/verify2',
    '/api/unknown',
    '/.well-known/unknown',
    '/static/unknown',
    '/locales/unknown',
  ]) {
    for (const host of ['auth.example.com', 'app.example.com', 'authz.internal:9091']) {
      for (const method of ['GET', 'HEAD', 'POST', 'OPTIONS', 'PUT', 'TRACE', 'PROPFIND']) {
        const { status } = await lab.ask(atPath(path, method, host))
        assert.ok(status >= 400 || status === 301 || status === 308, `${method} ${host} ${path} → ${status}`)
      }
    }
  }
})

test('RES-01 P1 random paths around the endpoints: a 2xx is a decision, or one of the portal’s own pages', async () => {
  const piece = fc.constantFrom(
    ...['/', '//', 'api', 'authz', 'verify', 'forward-auth', 'auth-request', 'ext-authz', 'API', 'Authz', '..', '.'],
    ...['%2f', '%2e%2e', ';x', '?', 'x', '%61pi', '\\', '%00', 'state', 'static', '__proto__', 'logout', '%5c', '@'],
  )
  const path = fc.array(piece, { minLength: 1, maxLength: 9 }).map((pieces) => `/${pieces.join('')}`)
  const method = fc.constantFrom('GET', 'GET', 'HEAD', 'POST', 'OPTIONS')
  await fc.assert(
    fc.asyncProperty(path, method, async (path, method) => {
      const { status } = await lab.ask(atPath(path, method))
      if (status >= 200 && status < 300) assert.ok(ENDPOINTS.test(path) || NOT_GATE.test(path), `${method} ${path}`)
    }),
    { numRuns: 600 },
  )
})

test('RES-02 the visitor’s OPTIONS is judged like any other method, preflight or not', async () => {
  const preflight = [
    ['Origin', 'https://evil.com'],
    ['Access-Control-Request-Method', 'DELETE'],
  ] as const
  for (const ask of [forwardAuth, authRequest, extAuthz]) {
    assertLogin(await lab.ask(ask('https://admin.example.com/', { method: 'OPTIONS', extra: preflight })), ask.name)
    assertAllowed(await lab.ask(ask('https://api.example.com/', { method: 'OPTIONS', extra: preflight })), '', ask.name)
  }
})

test('RES-05 a session cookie that is broken, foreign or another domain’s is nobody, at the gate and at the portal', async () => {
  const value = bob.jar.get(SESSION) ?? ''
  const id = decodeURIComponent(value).slice(2, 45)
  const signed = (key: string) =>
    `s%3A${id}.${encodeURIComponent(createHmac('sha256', key).update(id).digest('base64'))}`
  const flipped = (at: number) => value.slice(0, at) + (value[at] === 'A' ? 'B' : 'A') + value.slice(at + 1)
  const values = [
    'x',
    'x'.repeat(4000),
    '%00',
    '\xff\xfe',
    value.slice(0, -1),
    `${value}x`,
    `${value}%3D`,
    decodeURIComponent(value),
    encodeURIComponent(value),
    id,
    `s:${id}`,
    `"${value}"`,
    'j:{"user":"admin"}',
    'j%3A%7B%22username%22%3A%22alice%22%2C%22level%22%3A2%7D',
    's:',
    '{"username":"alice"}',
    '__proto__',
    signed('secret'),
    signed(''),
    flipped(3),
    flipped(20),
    flipped(46),
    flipped(value.length - 1),
  ]
  for (const one of values) {
    const cookie = `${SESSION}=${one}`
    for (const ask of Object.values(PROTOCOLS))
      assertLogin(await lab.ask(ask('https://one.example.com/', { cookie })), one)
    const state = await lab.browser().send('GET', '/api/state', '', [], cookie)
    assert.match(state.body, /"username":""/, one)
  }
  const other = forwardAuth('https://app.example.org/', { cookie: bob.session })
  assertLogin(await lab.ask(other), 'another domain', 'https://login.example.org/?')
  const many = Array.from({ length: 100 }, (_, i) => `${SESSION}=${value.slice(0, -3)}${i}`).join('; ')
  assertLogin(await lab.ask(forwardAuth('https://one.example.com/', { cookie: many })), 'a hundred cookies')
  assertAllowed(await bob.asks('https://one.example.com/'), 'bob', 'the real one')
})

test('RES-06 a password without its second factor is one factor', async () => {
  const half = await lab.signedIn('bob', 1)
  for (const ask of Object.values(PROTOCOLS)) {
    assertLogin(await lab.ask(ask('https://admin.example.com/', { cookie: half.session })), ask.name)
  }
})

test('RES-09 however often a proxy asks, and however the portal limits that client, the gate never answers 429', async () => {
  const client = '198.51.100.9'
  await Promise.all(
    Array.from({ length: 45 }, (_, i) =>
      lab.browser('auth.example.com', client).post('/api/firstfactor', { username: `nobody${i}`, password: 'wrong' }),
    ),
  )
  const limited = await lab
    .browser('auth.example.com', client)
    .post('/api/firstfactor', { username: 'x', password: 'y' })
  assert.equal(limited.status, 429)
  const statuses = new Set<number>()
  for (let round = 0; round < 20; round++) {
    const asked = Array.from({ length: 50 }, () => lab.ask(forwardAuth('https://one.example.com/', { client })))
    for (const { status } of await Promise.all(asked)) statuses.add(status)
  }
  assert.deepEqual([...statuses], [302])
})

test('RES-11 nothing that depends on who asks may be kept, and nothing is set at the gate', async () => {
  // `ask` holds every answer to no-store; here to the rest
  for (const ask of Object.values(PROTOCOLS)) {
    for (const cookie of [undefined, bob.session]) {
      const { headers } = await lab.ask(
        ask('https://one.example.com/', { ...(cookie ? { cookie } : {}), client: CLIENT }),
      )
      assert.equal(headers['set-cookie'], undefined)
      assert.equal(headers['cache-control'], 'no-store')
    }
  }
})

test('P6 headers of the other family never open anything', async () => {
  const open = [
    ['X-Original-URL', 'https://public.example.com/'],
    ['X-Original-Method', 'OPTIONS'],
  ] as const
  const openForwarded = forwardAuth('https://public.example.com/').headers?.slice(0, 4) ?? []
  assertLogin(await lab.ask(forwardAuth('https://admin.example.com/', { extra: open })), 'forward-auth')
  assertLogin(await lab.ask(authRequest('https://admin.example.com/', { extra: openForwarded })), 'auth-request')
  const withoutProto = openForwarded.filter(([name]) => name !== 'X-Forwarded-Proto')
  assertLogin(await lab.ask(extAuthz('https://admin.example.com/', { extra: [...open, ...withoutProto] })), 'ext-authz')
})

test('P3 what a visitor adds to a refused request never opens it', async () => {
  const value = fc.constantFrom(
    '',
    'x',
    'public.example.com',
    'https',
    '/public',
    '10.0.0.5',
    'alice',
    'admins',
    '1',
    'Basic Og==',
  )
  const name = fc.constantFrom(
    ...['Remote-User', 'Remote-Groups', 'X-Forwarded-User', 'X-Authelia-URL', 'X-Forwarded-Port', 'X-Forwarded-Prefix'],
    ...[
      'X-Rewrite-URL',
      'X-Original-URI',
      'X-HTTP-Method-Override',
      'X-Forwarded-Server',
      'Forwarded',
      'Via',
      'Origin',
    ],
    ...[
      'Authorization',
      'Proxy-Authorization',
      'Session-Username',
      'Range',
      'If-None-Match',
      'Expect',
      'Upgrade',
      'TE',
    ],
    ...[
      'X-Forwarded-Host',
      'X-Forwarded-Uri',
      'X-Forwarded-Method',
      'X-Original-URL',
      '__proto__',
      'constructor',
      'Cookie',
    ],
  )
  const additions = fc.array(fc.tuple(name, value), { minLength: 1, maxLength: 5 })
  const ask = fc.constantFrom(...Object.values(PROTOCOLS))
  const target = fc.constantFrom(
    'https://admin.example.com/',
    'https://app.example.com/admin',
    'https://deny.example.com/',
  )
  await fc.assert(
    fc.asyncProperty(ask, target, additions, async (ask, target, extra) => {
      assertClosed(await lab.ask(ask(target, { cookie: bob.session, extra })), `${ask.name} ${target}`)
    }),
    { numRuns: 400 },
  )
})
