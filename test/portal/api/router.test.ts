// Paths, methods, sources, sizes and limits of the API.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { codeOf, stepAt, totpOf } from '../../login/fixture.ts'
import { apiFixture, KO1, OK, ORIGIN, OWN_COOKIE } from './fixture.ts'

const TOO_MANY = { status: 'KO', message: 'Too Many Requests' }

test('health answers GET and HEAD, and says nothing more', async (t) => {
  const { client } = await apiFixture(t)
  const { call } = client()
  const get = await call('GET', '/api/health')
  assert.deepEqual(
    [get.status, get.body, get.headers['content-type']],
    [200, '{"status":"OK"}', 'application/json; charset=utf-8'],
  )
  const head = await call('HEAD', '/api/health')
  assert.deepEqual([head.status, head.body], [200, ''])
  const post = await call('POST', '/api/health', {})
  assert.deepEqual([post.status, post.headers.allow], [405, 'GET, HEAD, OPTIONS'])
})

test('at a host that is no portal only health answers', async (t) => {
  const { client } = await apiFixture(t)
  const elsewhere = { host: 'elsewhere' }
  assert.equal((await client().call('GET', '/api/health', undefined, elsewhere)).status, 200)
  assert.equal((await client().call('GET', '/api/state', undefined, elsewhere)).body, '403 Forbidden')
  const login = await client().call('POST', '/api/firstfactor', { username: 'bob', password: 'password' }, elsewhere)
  assert.equal(login.status, 403)
  assert.equal((await client().call('GET', '/api/unheard', undefined, elsewhere)).status, 404)
})

test('a wrong method is 405 with Allow, OPTIONS is 200 with Allow, HEAD is for health only', async (t) => {
  const { client } = await apiFixture(t)
  const { call } = client()
  for (const [method, path, allow] of [
    ['POST', '/api/state', 'GET, OPTIONS'],
    ['HEAD', '/api/state', 'GET, OPTIONS'],
    ['GET', '/api/firstfactor', 'OPTIONS, POST'],
    ['TRACE', '/api/logout', 'OPTIONS, POST'],
    ['PATCH', '/api/secondfactor/totp', 'DELETE, GET, OPTIONS, POST'],
  ] as const) {
    const reply = await call(method, path)
    assert.deepEqual([reply.status, reply.headers.allow], [405, allow], `${method} ${path}`)
    if (method !== 'HEAD') assert.equal(reply.body, '405 Method Not Allowed')
    const options = await call('OPTIONS', path)
    assert.deepEqual([options.status, options.body, options.headers.allow], [200, '', allow])
  }
})

test('BRF-13 paths are exact: what only looks like one is 404, a trailing slash redirects without naming a host', async (t) => {
  const { client } = await apiFixture(t)
  const { call } = client()
  for (const path of [
    '/api',
    '/api/',
    '/api/State',
    '/api//state',
    '/api/./state',
    '/api/%73tate',
    '/api/state;x',
    '/api/state/x',
    '/api/firstfactor/../state',
    '/api/constructor',
    '/api/__proto__',
    '/api/reset-password/identity',
    '/api/user/session/elevation/a/b',
  ]) {
    const reply = await call('GET', path)
    assert.deepEqual([reply.status, reply.body], [404, '404 Not Found'], path)
  }
  const get = await call('GET', '/api/state/?a=b')
  assert.deepEqual([get.status, get.headers.location], [301, '../state?a=b'])
  const post = await call('POST', '/api/secondfactor/totp/', {})
  assert.deepEqual([post.status, post.headers.location], [308, '../totp'])
  const head = await call('HEAD', '/api/health/')
  assert.deepEqual([head.status, head.headers.location], [308, '../health'])
  assert.equal((await call('POST', '/api/state/', {})).status, 404)
  assert.equal((await call('GET', '/elsewhere')).status, 299)
})

test('CSR-01 only application/json is taken, and only from the portal or from no browser at all', async (t) => {
  const { client } = await apiFixture(t)
  const body = { username: 'bob', password: 'password' }
  const status = async (headers: Record<string, string>) => {
    const browser = client()
    const reply = await browser.call('POST', '/api/firstfactor', body, headers)
    assert.equal(reply.headers['set-cookie'] !== undefined, reply.status === 200)
    return reply.status
  }
  for (const type of [
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    '',
    'application/json;x',
    'text/json',
    'application/jsonx',
    'text/plain; application/json',
    'application/json, text/plain',
  ])
    assert.equal(await status({ 'content-type': type }), 415, type)
  for (const type of [
    'application/json',
    'APPLICATION/JSON',
    'application/json; charset=utf-8',
    'application/json;charset="UTF-8"',
  ])
    assert.equal(await status({ 'content-type': type }), 200, type)
  for (const origin of [
    'https://evil.com',
    'null',
    'https://app.example.com',
    `${ORIGIN}.evil.com`,
    `${ORIGIN}:8443`,
    'http://auth.example.com',
    '',
  ])
    assert.equal(await status({ origin }), 403, origin)
  for (const site of ['cross-site', 'same-site', 'none', 'Same-Origin'])
    assert.equal(await status({ 'sec-fetch-site': site }), 403, site)
  assert.equal(await status({ 'sec-fetch-site': 'same-origin', origin: 'null' }), 200)
})

test('CSR-01 without Origin and Sec-Fetch-Site JSON is accepted', async (t) => {
  const { client } = await apiFixture(t)
  const reply = await client().call(
    'POST',
    '/api/firstfactor',
    { username: 'bob', password: 'password' },
    { origin: [] },
  )
  assert.equal(reply.status, 200)
})

test('CSR-02 no GET signs anybody out, and a foreign POST leaves the session alone', async (t) => {
  const { client } = await apiFixture(t)
  const browser = client()
  await browser.signIn('bob')
  assert.equal((await browser.get('/api/logout')).status, 405)
  assert.equal((await browser.post('/api/logout', {}, { origin: 'https://app.example.com' })).status, 403)
  assert.equal((await browser.call('POST', '/api/logout', '', { 'content-type': 'text/plain' })).status, 415)
  assert.equal((await browser.get('/api/state')).json.data.authentication_level, 1)
})

test('CSR-03 a sibling application changes nothing: its origin is refused, and without the portal cookie nothing is granted', async (t) => {
  const { client, storage } = await apiFixture(t)
  const browser = client()
  await browser.signIn('bob')
  const sibling = { origin: 'https://app.example.com', 'sec-fetch-site': 'same-site' }
  assert.equal((await browser.call('DELETE', '/api/secondfactor/totp', undefined, sibling)).status, 403)
  assert.equal((await browser.post('/api/user/info/2fa_method', { method: 'totp' }, sibling)).body, '403 Forbidden')
  browser.jar.delete(OWN_COOKIE)
  assert.equal((await browser.post('/api/user/info/2fa_method', { method: 'totp' })).body, '403 Forbidden')
  const missing = await browser.call('DELETE', '/api/secondfactor/totp')
  assert.deepEqual(missing.json.data, { elevation: false, first_factor: true, second_factor: false })
  assert.equal(await storage.preferences.find('bob'), undefined)
})

test('COO-05 the session cookie alone reads, but neither raises a session nor renews it', async (t) => {
  const { client, storage, clock } = await apiFixture(t)
  await storage.totp.save(totpOf('bob'))
  const browser = client()
  await browser.signIn('bob')
  const application = client()
  application.jar.set('__Secure-latchkey_session', browser.jar.get('__Secure-latchkey_session') ?? '')
  assert.equal((await application.get('/api/state')).json.data.username, 'bob')
  const token = codeOf(stepAt(clock.now()))
  for (const [path, body] of [
    ['/api/secondfactor/totp', { token }],
    ['/api/firstfactor/reauthenticate', { password: 'password' }],
    ['/api/user/info', {}],
  ] as const) {
    const reply = await application.post(path, body)
    assert.deepEqual([reply.status, reply.body, reply.headers['set-cookie']], [403, '403 Forbidden', undefined], path)
  }
  assert.equal((await browser.post('/api/secondfactor/totp', { token })).status, 200)
})

test('CSR-05 no answer grants anything to another origin', async (t) => {
  const { client } = await apiFixture(t)
  for (const origin of ['https://evil.com', 'https://app.example.com', 'null'])
    for (const [method, path] of [
      ['GET', '/api/state'],
      ['OPTIONS', '/api/firstfactor'],
      ['POST', '/api/firstfactor'],
      ['GET', '/api/health'],
    ] as const) {
      const { headers } = await client().call(method, path, method === 'POST' ? {} : undefined, { origin })
      assert.deepEqual(
        Object.keys(headers).filter((name) => name.startsWith('access-control-')),
        [],
        path,
      )
    }
})

test('a body over the limit is 400, told or streamed, and closes the connection', async (t) => {
  const { client } = await apiFixture(t)
  const big = JSON.stringify({ username: 'bob', password: 'password', more: 'x'.repeat(70_000) })
  for (const headers of [{}, { 'transfer-encoding': 'chunked' }]) {
    const reply = await client().call('POST', '/api/firstfactor', big, headers)
    assert.deepEqual([reply.status, reply.body, reply.headers.connection], [400, '400 Bad Request', 'close'])
  }
})

test('switched-off codes have no routes', async (t) => {
  const { client } = await apiFixture(t, { totpDisabled: true })
  const browser = client()
  await browser.signIn('bob')
  assert.equal((await browser.get('/api/secondfactor/totp')).status, 404)
  assert.equal((await browser.post('/api/secondfactor/totp', { token: '123456' })).status, 404)
  assert.equal((await browser.get('/api/secondfactor/totp/register')).status, 404)
  assert.deepEqual((await browser.get('/api/configuration')).json.data.available_methods, [])
})

test('BRF-13 the code route admits 30 at once and one a period after, signed in or not', async (t) => {
  const { client, clock } = await apiFixture(t)
  const browser = client()
  for (let i = 0; i < 30; i++) assert.equal((await browser.post('/api/secondfactor/totp', {})).status, 403)
  const over = await browser.post('/api/secondfactor/totp', {})
  assert.deepEqual([over.status, over.json], [429, TOO_MANY])
  const at = Date.parse(over.headers['retry-after'] ?? '')
  assert.ok(at >= clock.now() + 59_000 && at <= clock.now() + 61_000)
  clock.set(at)
  assert.equal((await browser.post('/api/secondfactor/totp', {})).status, 403)
  assert.equal((await browser.post('/api/secondfactor/totp', {})).status, 429)
})

test('30 failed sign-ins of an address are all for now, one more after ten seconds; successes cost nothing', async (t) => {
  const { client, clock, place } = await apiFixture(t)
  const browser = client()
  for (let i = 0; i < 40; i++) assert.equal((await browser.signIn('bob')).status, 200)
  for (let i = 0; i < 30; i++) assert.equal((await browser.signIn(`nobody${i}`)).status, 401)
  const over = await browser.signIn('bob')
  assert.deepEqual([over.status, over.json], [429, TOO_MANY])
  assert.ok(Date.parse(over.headers['retry-after'] ?? '') >= clock.now() + 9000)
  place.clientAddress = '203.0.113.8'
  assert.equal((await browser.signIn('bob')).status, 200)
  place.clientAddress = '203.0.113.7'
  clock.advance(10_000)
  assert.deepEqual((await browser.signIn('nobody')).json, KO1)
  assert.equal((await browser.signIn('bob')).status, 429)
})

test('BRF-03 the failures of one /64 are counted together', async (t) => {
  const { client, place } = await apiFixture(t)
  for (let i = 0; i < 30; i++) {
    place.clientAddress = `2001:db8:1:2::${i + 1}`
    await client().signIn(`nobody${i}`)
  }
  place.clientAddress = '2001:db8:1:2:ffff::1'
  assert.equal((await client().signIn('bob')).status, 429)
  place.clientAddress = '2001:db8:1:3::1'
  assert.equal((await client().signIn('bob')).status, 200)
})

test('configuration and password policy', async (t) => {
  const { client } = await apiFixture(t)
  const browser = client()
  const policy = await browser.get('/api/configuration/password-policy')
  assert.equal(policy.json.data.mode, 'disabled')
  await browser.signIn('bob')
  assert.deepEqual((await browser.get('/api/configuration')).json, {
    ...OK,
    data: { available_methods: ['totp'], password_change_disabled: true, password_reset_disabled: false },
  })
})
