// Duo through the API, as Authelia's clients know it.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ALLOW, device } from '../../login/duo/stand-in.ts'
import { totpOf } from '../../login/fixture.ts'
import { apiFixture, KO2, OK, OWN_COOKIE } from './fixture.ts'

const DUO = '/api/secondfactor/duo'
const levelOf = async (browser: { get(path: string): Promise<{ json: { data: Record<string, unknown> } }> }) =>
  (await browser.get('/api/state')).json.data['authentication_level']

test('a push is waited for; approved, it raises the level under a new id and tells where to go', async (t) => {
  const { client, duo } = await apiFixture(t, { hasDuo: true })
  duo.users.set('bob', { kind: 'auth', devices: [device('D1'), device('D2', 'sms')] })
  const browser = client()
  await browser.signIn('bob')
  assert.deepEqual((await browser.get(DUO)).json, { ...OK, data: { result: 'auth' } })
  const before = browser.jar.get(OWN_COOKIE)
  const asked = browser.post(DUO, { targetURL: 'https://two.example.com/x' })
  await duo.isOut()
  assert.equal(await levelOf(browser), 1)
  duo.answer(ALLOW)
  assert.deepEqual((await asked).json, { ...OK, data: { redirect: 'https://two.example.com/x' } })
  assert.equal(await levelOf(browser), 2)
  assert.notEqual(browser.jar.get(OWN_COOKIE), before)
  assert.deepEqual((await browser.get(DUO)).json.data, {
    result: 'auth',
    preferred_device: 'D1',
    preferred_method: 'push',
  })
  await browser.post('/api/user/info')
  assert.equal((await browser.get('/api/user/info')).json.data.has_duo, true)
})

test('every refusal is the same answer', async (t) => {
  const { client, duo, clock } = await apiFixture(t, { hasDuo: true })
  duo.users.set('bob', { kind: 'auth', devices: [device('D1')] })
  const browser = client()
  await browser.signIn('bob')
  for (const reason of ['denied', 'timeout', 'locked'] as const) {
    const asked = browser.post(DUO, {})
    await duo.isOut()
    duo.answer({ kind: 'deny', reason })
    const { status, json } = await asked
    assert.deepEqual([status, json], [401, KO2])
  }
  assert.equal((await browser.post(DUO, {})).status, 429, 'three were not approved')
  clock.advance(120_000)
  duo.isDown = true
  for (const body of [{}, { passcode: '123456' }, 'no JSON', { targetURL: 5 }]) {
    const { status, json } = await browser.post(DUO, body)
    assert.deepEqual([status, json], [401, KO2], JSON.stringify(body))
  }
  assert.deepEqual((await browser.get('/api/secondfactor/duo_devices')).json, KO2)
  assert.equal(await levelOf(browser), 1)
})

test('devices: none, one, several, chosen', async (t) => {
  const { client, duo } = await apiFixture(t, { hasDuo: true })
  const browser = client()
  await browser.signIn('bob')
  const enroll = { result: 'enroll', enroll_url: 'https://duo.example/portal?code=1' }
  assert.deepEqual((await browser.post(DUO, {})).json.data, enroll)
  assert.deepEqual((await browser.get('/api/secondfactor/duo_devices')).json.data, enroll)
  duo.users.set('bob', { kind: 'auth', devices: [device('D1', 'sms')] })
  assert.deepEqual((await browser.post(DUO, {})).json.data, { result: 'enroll' })
  duo.users.set('bob', { kind: 'deny' })
  assert.deepEqual((await browser.post(DUO, {})).json.data, { result: 'deny' })
  assert.deepEqual((await browser.get('/api/secondfactor/duo_devices')).json.data, { result: 'deny' })
  duo.users.set('bob', { kind: 'auth', devices: [device('D1'), device('D2')] })
  const devices = ['D1', 'D2'].map((name) => ({ device: name, display_name: `Phone ${name}`, capabilities: ['push'] }))
  assert.deepEqual((await browser.post(DUO, {})).json.data, { result: 'auth', devices })
  assert.deepEqual((await browser.get('/api/secondfactor/duo_devices')).json.data, { result: 'auth', devices })
})

test('a preferred device is one that Duo knows', async (t) => {
  const { client, duo } = await apiFixture(t, { hasDuo: true })
  duo.users.set('bob', { kind: 'auth', devices: [device('D1'), device('D2')] })
  const browser = client()
  await browser.signIn('bob')
  const choose = async (body: unknown) => (await browser.post('/api/secondfactor/duo_device', body)).json
  for (const body of [{ device: 'DX', method: 'push' }, { device: 'D1', method: 'sms' }, { method: 'push' }, 'x'])
    assert.deepEqual(await choose(body), KO2)
  assert.deepEqual(await choose({ device: 'D2', method: 'push' }), OK)
  duo.users.set('bob', { kind: 'deny' })
  const denied = await browser.post(DUO, {})
  assert.deepEqual([denied.status, denied.body], [401, '401 Unauthorized'])
  duo.users.set('bob', { kind: 'auth', devices: [device('D1'), device('D2')] })
  const asked = browser.post(DUO, {})
  await duo.isOut()
  assert.deepEqual(duo.sent, ['bob D2'])
  duo.answer({ kind: 'deny', reason: 'denied' })
  await asked
})

test('a passcode, and a bypass, which is enough for nobody who has another factor', async (t) => {
  const { client, duo, storage } = await apiFixture(t, { hasDuo: true })
  duo.users.set('bob', { kind: 'auth', devices: [device('D1')] })
  duo.users.set('carol', { kind: 'allow' })
  duo.users.set('alice', { kind: 'allow' })
  duo.passcodes.add('123456')
  await storage.totp.save(totpOf('alice'))
  const [bob, carol, alice] = [client(), client(), client()]
  for (const [browser, name] of [
    [bob, 'bob'],
    [carol, 'carol'],
    [alice, 'alice'],
  ] as const)
    await browser.signIn(name)
  assert.equal((await bob.post(DUO, { passcode: '999999' })).status, 401)
  assert.deepEqual((await bob.post(DUO, { passcode: '123456' })).json, OK)
  assert.equal(await levelOf(bob), 2)
  assert.deepEqual((await carol.post(DUO, {})).json, OK)
  assert.equal(await levelOf(carol), 2)
  assert.deepEqual((await carol.get('/api/secondfactor/duo_devices')).json.data, { result: 'allow' })
  assert.deepEqual((await alice.post(DUO, {})).json.data, { result: 'deny' })
  assert.equal(await levelOf(alice), 1)
})

test('MFA-05 without Duo its routes are not there, and it cannot be preferred', async (t) => {
  const { client } = await apiFixture(t)
  const browser = client()
  await browser.signIn('bob')
  for (const path of [DUO, '/api/secondfactor/duo_devices', '/api/secondfactor/duo_device'])
    for (const method of ['GET', 'POST'])
      assert.equal((await browser.call(method, path, method === 'POST' ? {} : undefined)).status, 404)
  assert.equal((await browser.post('/api/user/info/2fa_method', { method: 'mobile_push' })).json.status, 'KO')
  assert.deepEqual((await browser.get('/api/configuration')).json.data.available_methods, ['totp'])
  const on = await apiFixture(t, { hasDuo: true })
  const other = on.client()
  assert.equal((await other.post(DUO, {})).status, 403, 'anonymous')
  await other.signIn('bob')
  assert.deepEqual((await other.get('/api/configuration')).json.data.available_methods, ['totp', 'mobile_push'])
  assert.deepEqual((await other.post('/api/user/info/2fa_method', { method: 'mobile_push' })).json, OK)
})

test('SES-14 the session cookie alone, which applications see, sends no push', async (t) => {
  const { client, duo } = await apiFixture(t, { hasDuo: true })
  duo.users.set('bob', { kind: 'auth', devices: [device('D1')] })
  const browser = client()
  await browser.signIn('bob')
  browser.jar.delete(OWN_COOKIE)
  assert.equal((await browser.post(DUO, {})).status, 403)
  assert.equal((await browser.post('/api/secondfactor/duo_device', { device: 'D1', method: 'push' })).status, 403)
  assert.equal(duo.sent.length, 0)
})

test('two requests of one session share a push, and one of them is let in by it', async (t) => {
  const { client, duo } = await apiFixture(t, { hasDuo: true })
  duo.users.set('bob', { kind: 'auth', devices: [device('D1')] })
  const browser = client()
  await browser.signIn('bob')
  const first = browser.post(DUO, {})
  await duo.isOut()
  const second = browser.post(DUO, {})
  duo.answer(ALLOW)
  const [one, other] = (await Promise.all([first, second])).map(({ status }) => status).toSorted()
  // The other one comes too late: for the answer, or with the id of a session that has another one by now.
  assert.ok(one === 200 && (other === 401 || other === 403), `${one} ${other}`)
  assert.deepEqual(duo.sent, ['bob D1'])
  assert.equal(await levelOf(browser), 2)
})
