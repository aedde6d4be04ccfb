// Signing in, using a code and signing out through the API, as a browser's script does it.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { codeOf, stepAt, totpOf } from '../../login/fixture.ts'
import { REFUSED } from '../../login/redirect-matrix.ts'
import { apiFixture, KO1, KO2, OK } from './fixture.ts'

const withDefault = (parts: Awaited<ReturnType<typeof apiFixture>>, url = 'https://home.example.com/') => {
  parts.place.domain = { ...parts.place.domain, defaultRedirectionUrl: url }
}

test('state, password, code, state, logout', async (t) => {
  const { client, storage, clock } = await apiFixture(t)
  await storage.totp.save(totpOf('bob'))
  const browser = client()
  const anonymous = { username: '', authentication_level: 0, factor_knowledge: false }
  assert.deepEqual((await browser.get('/api/state')).json, { ...OK, data: anonymous })
  assert.equal(browser.jar.size, 0)

  const signedIn = await browser.signIn('BOB', { targetURL: 'https://two.example.com/x', requestMethod: 'GET' })
  assert.deepEqual(signedIn.json, OK)
  assert.deepEqual((await browser.get('/api/state')).json.data, {
    username: 'bob',
    authentication_level: 1,
    factor_knowledge: true,
  })

  const before = [...browser.jar.values()]
  const second = await browser.post('/api/secondfactor/totp', {
    token: codeOf(stepAt(clock.now())),
    targetURL: 'https://two.example.com/x?y=1#z',
  })
  assert.deepEqual(second.json, { ...OK, data: { redirect: 'https://two.example.com/x?y=1#z' } })
  assert.equal((await browser.get('/api/state')).json.data.authentication_level, 2)
  const old = client()
  old.jar.set('__Secure-latchkey_session', before[0] ?? '')
  assert.deepEqual((await old.get('/api/state')).json.data, anonymous)

  const out = await browser.post('/api/logout', { targetURL: 'https://app.example.org/' })
  assert.deepEqual(out.json, { ...OK, data: { safeTargetURL: true } })
  assert.equal(browser.jar.has('__Secure-latchkey_session'), false)
  assert.deepEqual((await browser.get('/api/state')).json.data, anonymous)
})

test('logout answers 200 to anybody, whatever the body is', async (t) => {
  const { client } = await apiFixture(t)
  const browser = client()
  for (const body of ['', '{', '[]', '{"targetURL":7}', '{"targetURL":"https://evil.com/"}', '{"targetURL":"x"}']) {
    const { status, json } = await browser.post('/api/logout', body)
    assert.deepEqual([status, json], [200, { ...OK, data: { safeTargetURL: false } }], body)
  }
  await browser.signIn('bob')
  await browser.post('/api/logout', '{')
  assert.equal((await browser.get('/api/state')).json.data.authentication_level, 0)
})

test('where a password leads: the safe target word for word, the code, the default place', async (t) => {
  const parts = await apiFixture(t)
  const lead = async (body: object) => (await parts.client().signIn('bob', body)).json
  const to = (redirect: string) => ({ ...OK, data: { redirect } })
  assert.deepEqual(await lead({}), OK)
  assert.deepEqual(await lead({ targetURL: 'https://app.example.com' }), to('https://app.example.com'))
  assert.deepEqual(
    await lead({ targetURL: 'https://APP.example.com:8443/a/../b' }),
    to('https://APP.example.com:8443/a/../b'),
  )
  assert.deepEqual(await lead({ targetURL: 'https://deny.example.com/' }), to('https://deny.example.com/'))
  assert.deepEqual(await lead({ targetURL: 'https://two.example.com/' }), OK)
  assert.deepEqual(await lead({ targetURL: 'https://evil.com/' }), OK)
  assert.deepEqual(await lead({ targetURL: 'relative' }), OK)
  withDefault(parts)
  assert.deepEqual(await lead({}), OK)
})

test('RED-01 no target of the matrix is led to, by password, code, sign-out or the check', async (t) => {
  const { client, storage, clock, place } = await apiFixture(t)
  await storage.totp.save(totpOf('bob'))
  const browser = client()
  for (const [i, targetURL] of REFUSED.entries()) {
    place.clientAddress = `198.51.100.${i}`
    assert.deepEqual((await browser.signIn('bob', { targetURL })).json, OK, targetURL)
    clock.advance(30_000)
    const token = codeOf(stepAt(clock.now()))
    assert.deepEqual((await browser.post('/api/secondfactor/totp', { token, targetURL })).json, OK, targetURL)
    const check = await browser.post('/api/checks/safe-redirection', { uri: targetURL })
    assert.notEqual(check.json.data?.ok, true, targetURL)
    const out = await browser.post('/api/logout', { targetURL })
    assert.deepEqual(out.json.data, { safeTargetURL: false }, targetURL)
  }
  for (const targetURL of [['https://app.example.com/'], { a: 1 }, 7])
    assert.deepEqual((await browser.signIn('bob', { targetURL })).json, KO1)
})

test('RED-04 nothing leads to a target before the level it wants', async (t) => {
  const { client } = await apiFixture(t)
  const browser = client()
  const targetURL = 'https://two.example.com/'
  assert.deepEqual((await browser.signIn('bob', { targetURL })).json, OK)
  assert.deepEqual(
    (await browser.post('/api/firstfactor/reauthenticate', { password: 'password', targetURL })).json,
    OK,
  )
})

test('where no rule demands two factors the default place follows the password', async (t) => {
  const parts = await apiFixture(t, { secondFactorEnabled: false })
  withDefault(parts)
  const browser = parts.client()
  for (const targetURL of ['', 'https://evil.com/', 'not a url', 'http://app.example.com/']) {
    const { json } = await browser.signIn('bob', { targetURL })
    assert.deepEqual(json, { ...OK, data: { redirect: 'https://home.example.com/' } }, targetURL)
  }
  const state = await browser.get('/api/state')
  assert.equal(state.json.data.default_redirection_url, 'https://home.example.com/')
})

test('a second factor leads to the default place without a safe target', async (t) => {
  const parts = await apiFixture(t)
  withDefault(parts)
  await parts.storage.totp.save(totpOf('bob'))
  const browser = parts.client()
  await browser.signIn('bob')
  const { json } = await browser.post('/api/secondfactor/totp', {
    token: codeOf(stepAt(parts.clock.now())),
    targetURL: 'https://evil.com/',
  })
  assert.deepEqual(json, { ...OK, data: { redirect: 'https://home.example.com/' } })
})

test('everything wrong with a sign-in gets one and the same answer', async (t) => {
  const { client, storage, clock } = await apiFixture(t)
  await storage.bans.add({
    kind: 'user',
    value: 'carol',
    createdAt: clock.now(),
    expiresAt: undefined,
    source: 'cli',
    reason: '',
  })
  const right = { username: 'bob', password: 'password' }
  for (const body of [
    { ...right, password: 'wrong' },
    { ...right, username: 'nobody' },
    { ...right, username: 'carol' },
    { ...right, password: '' },
    { username: 'bob' },
    { ...right, keepMeLoggedIn: 'true' },
    { ...right, username: 7 },
    {},
    'null',
    '',
    '{"username":"bob","password":"password"} x',
    '[]',
    '"bob"',
    '\ufeff{"username":"bob","password":"password"}',
  ]) {
    const { status, headers, json } = await client().post('/api/firstfactor', body)
    assert.deepEqual([status, json], [401, KO1], JSON.stringify(body))
    assert.deepEqual(
      Object.keys(headers).sort(),
      ['connection', 'content-length', 'content-type', 'date', 'keep-alive'],
      JSON.stringify(body),
    )
  }
})

test('JSON is read as Go reads it', async (t) => {
  const { client } = await apiFixture(t)
  for (const body of [
    '{"USERNAME":"bob","Password":"password"}',
    '{"username":"x","password":"x","username":"bob","password":"password"}',
    '{"username":"bob","password":"password","unknown":{"a":[1]},"keepMeLoggedIn":null}',
    '{"__proto__":{"username":"x"},"username":"bob","password":"password","constructor":1}',
  ])
    assert.equal((await client().post('/api/firstfactor', body)).status, 200, body)
})

test('keepMeLoggedIn is heard only where remember-me is on', async (t) => {
  const parts = await apiFixture(t)
  const daysOf = async (body: object) => {
    const lines = (await parts.client().signIn('bob', body)).headers['set-cookie'] ?? []
    const expires = lines.map((line) => Date.parse(/Expires=([^;]+)/i.exec(line)?.[1] ?? ''))
    return expires.map((time) => Math.round((time - parts.clock.now()) / 86_400_000))
  }
  assert.deepEqual(await daysOf({ keepMeLoggedIn: true }), [30, 30])
  assert.deepEqual(await daysOf({ keepMeLoggedIn: false }), [0, 0])
  parts.place.domain = { ...parts.place.domain, rememberMe: 0 }
  assert.deepEqual(await daysOf({ keepMeLoggedIn: true }), [0, 0])
})

test('a failed sign-in leaves an existing session untouched, a good one replaces it at level 1', async (t) => {
  const { client, storage, clock, store } = await apiFixture(t)
  await storage.totp.save(totpOf('bob'))
  const browser = client()
  await browser.signIn('bob')
  await browser.post('/api/secondfactor/totp', { token: codeOf(stepAt(clock.now())) })
  const failed = await browser.signIn('bob', { password: 'wrong' })
  assert.equal(failed.headers['set-cookie'], undefined)
  assert.equal((await browser.get('/api/state')).json.data.authentication_level, 2)
  await browser.signIn('alice')
  assert.equal((await browser.get('/api/state')).json.data.authentication_level, 1)
  assert.equal(store.count(), 1)
})

test('an unknown flow is KO with status 200, signed in all the same', async (t) => {
  const { client } = await apiFixture(t)
  const browser = client()
  const { status, json } = await browser.signIn('bob', { flow: 'unheard' })
  assert.deepEqual([status, json], [200, KO1])
  assert.equal((await browser.get('/api/state')).json.data.authentication_level, 1)
})

test('a store that fails during a sign-in is a refusal like any other', async (t) => {
  const { client, store, log } = await apiFixture(t)
  store.fail()
  const { status, json } = await client().signIn('bob')
  assert.deepEqual([status, json], [401, KO1])
  assert.ok(log.lines.some(({ level }) => level === 'error'))
})

test('reauthenticate gives a new id and keeps the level', async (t) => {
  const { client, storage, clock } = await apiFixture(t)
  await storage.totp.save(totpOf('bob'))
  const browser = client()
  assert.deepEqual(
    (await browser.post('/api/firstfactor/reauthenticate', { password: 'password' })).body,
    '403 Forbidden',
  )
  await browser.signIn('bob')
  await browser.post('/api/secondfactor/totp', { token: codeOf(stepAt(clock.now())) })
  const id = browser.jar.get('__Secure-latchkey_session')
  const wrong = await browser.post('/api/firstfactor/reauthenticate', { password: 'wrong' })
  assert.deepEqual([wrong.status, wrong.json], [401, KO1])
  assert.equal(browser.jar.get('__Secure-latchkey_session'), id)
  const right = await browser.post('/api/firstfactor/reauthenticate', {
    password: 'password',
    targetURL: 'https://two.example.com/',
  })
  assert.deepEqual(right.json, { ...OK, data: { redirect: 'https://two.example.com/' } })
  assert.notEqual(browser.jar.get('__Secure-latchkey_session'), id)
  assert.equal((await browser.get('/api/state')).json.data.authentication_level, 2)
})

test('BRF-11 reauthenticate is under the same regulation as signing in', async (t) => {
  const { client } = await apiFixture(t)
  const browser = client()
  await browser.signIn('bob')
  for (let i = 0; i < 3; i++) await browser.post('/api/firstfactor/reauthenticate', { password: `guess ${i}` })
  assert.equal((await browser.post('/api/firstfactor/reauthenticate', { password: 'password' })).status, 401)
  assert.equal((await client().signIn('bob')).status, 401)
})

test('a code: 400 for another length, 403 for all else that is wrong, one message', async (t) => {
  const { client, storage, clock } = await apiFixture(t)
  await storage.totp.save(totpOf('bob'))
  const right = codeOf(stepAt(clock.now()))
  const browser = client()
  assert.equal((await browser.post('/api/secondfactor/totp', { token: right })).body, '403 Forbidden')
  await browser.signIn('bob')
  for (const [body, status] of [
    [{ token: '12345' }, 400],
    [{ token: `${right} ` }, 400],
    [{ token: `${right}\0` }, 400],
    [{ token: '1'.repeat(10_000) }, 400],
    [{ token: '１２３４５６' }, 403],
    [{ token: '' }, 403],
    [{ token: Number(right) }, 403],
    [{ token: [right] }, 403],
    [{}, 403],
    ['{', 403],
    [{ token: '000000' }, 403],
  ] as const) {
    const reply = await browser.post('/api/secondfactor/totp', body)
    assert.deepEqual([reply.status, reply.json], [status, KO2], JSON.stringify(body).slice(0, 80))
  }
  assert.equal((await storage.totp.failures('bob')).failures, 1)
  assert.deepEqual((await browser.post('/api/secondfactor/totp', { token: right })).json, OK)
  const again = await browser.post('/api/secondfactor/totp', { token: right })
  assert.deepEqual([again.status, again.json], [403, KO2])
  assert.equal((await browser.get('/api/state')).json.data.authentication_level, 2)
})

test('LIF-01 a session of somebody who is gone is nobody', async (t) => {
  const { client, directory } = await apiFixture(t)
  const browser = client()
  await browser.signIn('bob')
  directory.remove('bob')
  assert.equal((await browser.get('/api/state')).json.data.username, '')
  assert.equal((await browser.get('/api/user/info')).body, '403 Forbidden')
})

test('ENU-05 nothing but the own level is told to the anonymous', async (t) => {
  const { client } = await apiFixture(t)
  for (const path of ['/api/configuration', '/api/user/info', '/api/secondfactor/totp']) {
    const { status, body, headers } = await client().get(path)
    assert.deepEqual([status, body, headers['content-type']], [403, '403 Forbidden', 'text/plain; charset=utf-8'], path)
  }
})

test('ENU-07 banned, unknown and known names show the same headers, and no counter', async (t) => {
  const { client } = await apiFixture(t)
  for (let i = 0; i < 3; i++) await client().signIn('bob', { password: 'wrong' })
  const replies = [
    await client().signIn('bob'),
    await client().signIn('nobody'),
    await client().signIn('alice', { password: 'x' }),
  ]
  const seen = replies.map(({ status, headers, body }) => [status, Object.keys(headers).sort(), body])
  assert.deepEqual(seen[0], seen[1])
  assert.deepEqual(seen[0], seen[2])
})

test('TOT-03 whose codes are guessed at is told by mail when no more are looked at', async (t) => {
  const { client, storage, mails } = await apiFixture(t, { mails: true })
  await storage.totp.save(totpOf('bob'))
  const thief = client()
  await thief.signIn('bob')
  const locked = () => mails.filter(({ values }) => 'event' in values && values.event === 'second-factor-locked')
  for (let i = 0; i < 4; i++) await thief.post('/api/secondfactor/totp', { token: '000000' })
  assert.equal(locked().length, 0)
  await thief.post('/api/secondfactor/totp', { token: '000000' })
  await thief.post('/api/secondfactor/totp', { token: '000000' })
  assert.deepEqual(
    locked().map(({ to }) => to.address),
    ['bob@example.com'],
  )
})
