// Showing afresh who one is, through the API.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Mail } from '../../../src/notify/mailer.ts'
import { ELEVATED_SESSION, stepAt, codeOf as totpCode, totpOf } from '../../login/fixture.ts'
import { apiFixture, OK, OWN_COOKIE } from './fixture.ts'

const HERE = '/api/user/session/elevation'
const REGISTER = '/api/secondfactor/totp/register'
const KO = { status: 'KO', message: 'Operation failed.' }
const missing = (what: 'elevation' | 'first_factor' | 'second_factor') => ({
  status: 'KO',
  data: {
    elevation: what === 'elevation',
    first_factor: what === 'first_factor',
    second_factor: what === 'second_factor',
  },
})

async function lab(context: Parameters<typeof apiFixture>[0], changes: Parameters<typeof apiFixture>[1] = {}) {
  const parts = await apiFixture(context, { mails: true, ...changes })
  const code = () => (parts.mails.at(-1) as Mail<'one-time-code'>).values.code
  const signedIn = async (name = 'alice') => {
    const client = parts.client()
    await client.signIn(name)
    return client
  }
  return { ...parts, code, signedIn }
}

test('a code by mail opens what changes an account, and the id of the session changes with it', async (context) => {
  const { signedIn, code, mails } = await lab(context)
  const alice = await signedIn()
  assert.deepEqual((await alice.get(REGISTER)).json, missing('elevation'))
  assert.deepEqual((await alice.get(HERE)).json.data, {
    require_second_factor: false,
    skip_second_factor: false,
    can_skip_second_factor: false,
    factor_knowledge: true,
    elevated: false,
    expires: 0,
  })
  const asked = await alice.post(HERE, {})
  assert.match(asked.json.data.delete_id, /^[\w-]{22}$/)
  assert.equal(mails.length, 1)
  const before = alice.jar.get('__Secure-latchkey_session')
  const put = await alice.call('PUT', HERE, { otc: ` ${code().toLowerCase()} ` })
  assert.deepEqual([put.status, put.json], [200, OK])
  assert.notEqual(alice.jar.get('__Secure-latchkey_session'), before)
  const { elevated, expires } = (await alice.get(HERE)).json.data
  assert.deepEqual([elevated, expires], [true, 600])
  assert.equal((await alice.get(REGISTER)).status, 200)
})

test('MFA-01 whoever has a second factor needs it besides, whatever require_second_factor says', async (context) => {
  const { signedIn, code, storage, clock } = await lab(context)
  await storage.totp.save(totpOf('alice'))
  const alice = await signedIn()
  await alice.post(HERE, {})
  assert.equal((await alice.call('PUT', HERE, { otc: code() })).status, 200)
  for (const [method, path] of [
    ['GET', REGISTER],
    ['PUT', REGISTER],
    ['POST', REGISTER],
    ['DELETE', REGISTER],
    ['DELETE', '/api/secondfactor/totp'],
  ] as const) {
    const answer = await alice.call(method, path, method === 'PUT' || method === 'POST' ? {} : undefined)
    assert.deepEqual([answer.status, answer.json], [403, missing('second_factor')], `${method} ${path}`)
  }
  assert.equal((await alice.get(HERE)).json.data.require_second_factor, true)
  assert.equal((await alice.post('/api/secondfactor/totp', { token: totpCode(stepAt(clock.now())) })).status, 200)
  assert.equal((await alice.get(REGISTER)).status, 200, 'a second factor keeps the elevation')
  assert.equal((await alice.call('DELETE', '/api/secondfactor/totp')).status, 200)
})

test('MFA-06 signing in anew drops the elevation', async (context) => {
  const { signedIn, code } = await lab(context)
  const alice = await signedIn()
  await alice.post(HERE, {})
  await alice.call('PUT', HERE, { otc: code() })
  await alice.signIn('alice')
  assert.deepEqual((await alice.get(REGISTER)).json, missing('elevation'))
})

test('skip_second_factor: level 2 with the password just given needs no code', async (context) => {
  const elevatedSession = { ...ELEVATED_SESSION, skipSecondFactor: true }
  const { signedIn, storage, clock } = await lab(context, { elevatedSession })
  await storage.totp.save(totpOf('alice'))
  const alice = await signedIn()
  const told = (await alice.get(HERE)).json.data
  assert.deepEqual([told.require_second_factor, told.can_skip_second_factor], [true, false])
  await alice.post('/api/secondfactor/totp', { token: totpCode(stepAt(clock.now())) })
  assert.equal((await alice.get(HERE)).json.data.skip_second_factor, true)
  assert.equal((await alice.get(REGISTER)).status, 200)
  clock.advance(290_000)
  await alice.get('/api/state')
  clock.advance(10_000)
  assert.deepEqual((await alice.get(REGISTER)).json, missing('elevation'))
})

test('OTC-02 what is no code, another one’s or another address’s is refused alike', async (context) => {
  const { signedIn, code, place } = await lab(context)
  const [alice, bob] = [await signedIn('alice'), await signedIn('bob')]
  await alice.post(HERE, {})
  const answers: [unknown, number][] = [
    ['not json', 400],
    [{ otc: 12345678 }, 400],
    [{ otc: 'A'.repeat(21) }, 400],
    [{}, 403],
    [{ otc: '' }, 403],
    [{ otc: 'AAAAAAAA' }, 403],
  ]
  for (const [body, status] of answers) {
    Object.assign(place.settings.rateLimits, { session_elevation_finish: { enable: false, buckets: [] } })
    const answer = await alice.call('PUT', HERE, body)
    assert.deepEqual([answer.status, answer.json], [status, KO], JSON.stringify(body))
  }
  assert.deepEqual((await bob.call('PUT', HERE, { otc: code() })).json, KO)
  place.clientAddress = '203.0.113.99'
  assert.deepEqual((await alice.call('PUT', HERE, { otc: code() })).json, KO)
  place.clientAddress = '203.0.113.7'
  assert.deepEqual((await alice.call('PUT', HERE, { otc: code() })).json, OK)
})

test('OTC-03 revoking asks for no session, and answers everything that is nothing alike', async (context) => {
  const { signedIn, code, client } = await lab(context)
  const alice = await signedIn()
  const id: string = (await alice.post(HERE, {})).json.data.delete_id
  const stranger = client()
  for (const wrong of ['00000000-0000-0000-0000-000000000000', '!!!', '..%2f', 'A'.repeat(22), 'A'.repeat(4000)]) {
    const answer = await stranger.call('DELETE', `${HERE}/${wrong}`)
    assert.deepEqual([answer.status, answer.json], [200, KO], wrong)
  }
  assert.equal((await stranger.call('DELETE', `${HERE}/`)).status, 404)
  assert.equal((await stranger.call('DELETE', `${HERE}/{id}`)).status, 200)
  assert.equal((await stranger.call('DELETE', `${HERE}/a/b`)).status, 404)
  assert.equal((await stranger.call('GET', `${HERE}/${id}`)).status, 405)
  assert.deepEqual((await stranger.call('DELETE', `${HERE}/${id}`)).json, OK)
  assert.deepEqual((await stranger.call('DELETE', `${HERE}/${id}`)).json, KO)
  assert.equal((await alice.call('PUT', HERE, { otc: code() })).status, 403)
})

test('OTC-04 names and addresses in the body are ignored', async (context) => {
  const { signedIn, mails } = await lab(context)
  const alice = await signedIn()
  await alice.post(HERE, { email: 'evil@example.net', username: 'bob', recipient: 'evil@example.net' })
  assert.deepEqual(
    mails.map(({ to }) => to.address),
    ['alice@example.com'],
  )
})

test('without a notifier, and for nobody signed in, there is nothing to redeem', async (context) => {
  const { signedIn, client, mails } = await lab(context, { mails: false })
  const alice = await signedIn()
  assert.match((await alice.post(HERE, {})).json.data.delete_id, /^[\w-]{22}$/)
  assert.equal(mails.length, 0)
  assert.equal((await alice.get(REGISTER)).status, 200, 'the password has just been given')
  const stranger = client()
  for (const [method, body] of [
    ['GET', undefined],
    ['POST', {}],
    ['PUT', { otc: 'AAAAAAAA' }],
  ] as const) {
    const answer = await stranger.call(method, HERE, body)
    assert.deepEqual([answer.status, answer.body], [403, '403 Forbidden'], method)
  }
})

test('MFA-01 the session cookie alone, as applications see it, asks for no code and redeems none', async (context) => {
  const { signedIn, code } = await lab(context)
  const alice = await signedIn()
  await alice.post(HERE, {})
  const own = alice.jar.get(OWN_COOKIE) ?? ''
  alice.jar.delete(OWN_COOKIE)
  assert.equal((await alice.post(HERE, {})).status, 403)
  assert.equal((await alice.call('PUT', HERE, { otc: code() })).status, 403)
  alice.jar.set(OWN_COOKIE, own)
  assert.equal((await alice.call('PUT', HERE, { otc: code() })).status, 200)
})

test('asking and redeeming are limited for each address', async (context) => {
  const { signedIn } = await lab(context)
  const alice = await signedIn()
  for (let i = 0; i < 3; i++) {
    assert.equal((await alice.post(HERE, {})).status, 200)
    assert.equal((await alice.call('PUT', HERE, { otc: 'AAAAAAAA' })).status, 403)
  }
  for (const answer of [await alice.post(HERE, {}), await alice.call('PUT', HERE, { otc: 'AAAAAAAA' })]) {
    assert.equal(answer.status, 429)
    assert.ok(answer.headers['retry-after'])
  }
})
