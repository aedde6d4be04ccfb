// Passkeys through the API, with real sessions and real signatures.
import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { Mail } from '../../../src/notify/mailer.ts'
import { Authenticator, type Tweaks } from '../../login/authenticator.ts'
import { device } from '../../login/duo/stand-in.ts'
import { codeOf, stepAt, totpOf } from '../../login/fixture.ts'
import { WEBAUTHN } from '../../login/webauthn-storage.ts'
import { apiFixture, KO2, OK, ORIGIN } from './fixture.ts'

const PASSKEYS = { ...WEBAUTHN, passkeyLogin: true }
const REGISTER = '/api/secondfactor/webauthn/credential/register'
const SECOND = '/api/secondfactor/webauthn'
const PASSKEY = '/api/firstfactor/passkey'
const ELEVATION = '/api/user/session/elevation'
const CREDENTIALS = '/api/secondfactor/webauthn/credentials'

async function lab(t: TestContext, changes: Parameters<typeof apiFixture>[1] = {}) {
  const fixture = await apiFixture(t, { webauthn: PASSKEYS, ...changes })
  type Client = ReturnType<typeof fixture.client>
  const register = async (client: Client, description = 'Phone', tweaks: Tweaks = {}) => {
    const authenticator = new Authenticator(ORIGIN)
    const begun = await client.call('PUT', REGISTER, { description })
    assert.equal(begun.status, 200, begun.body)
    const answer = authenticator.create(begun.json.data.publicKey, tweaks)
    return { authenticator, reply: await client.post(REGISTER, answer) }
  }
  /** A client of this user, signed in by password, and a key of his. */
  const withKey = async (username: string) => {
    const client = fixture.client()
    await client.signIn(username)
    const { authenticator, reply } = await register(client)
    assert.deepEqual([reply.status, reply.json], [201, OK])
    return { client, authenticator }
  }
  const show = async (client: Client, authenticator: Authenticator, tweaks: Tweaks = {}, rest: object = {}) => {
    const begun = await client.get(SECOND)
    assert.equal(begun.status, 200, begun.body)
    return client.post(SECOND, { response: authenticator.get(begun.json.data.publicKey, tweaks), ...rest })
  }
  const signInBy = async (authenticator: Authenticator, tweaks: Tweaks = {}, rest: object = {}) => {
    const client = fixture.client()
    const begun = await client.get(PASSKEY)
    const response = authenticator.get(begun.json.data.publicKey, tweaks)
    return { client, reply: await client.post(PASSKEY, { response, ...rest }) }
  }
  const levelOf = async (client: Client) => (await client.get('/api/state')).json.data.authentication_level
  return { ...fixture, register, withKey, show, signInBy, levelOf }
}

test('a key is registered, shown as a second factor, and leads to where one wanted to go', async (t) => {
  const { client, withKey, show, levelOf, events } = await lab(t)
  const { client: first, authenticator } = await withKey('alice')
  assert.equal(await levelOf(first), 1, 'registering raises nothing here')
  const alice = client()
  await alice.signIn('alice')
  const before = alice.jar.get('__Secure-latchkey_session')
  const reply = await show(alice, authenticator, {}, { targetURL: 'https://two.example.com/x' })
  assert.deepEqual([reply.status, reply.json], [200, { status: 'OK', data: { redirect: 'https://two.example.com/x' } }])
  assert.equal(await levelOf(alice), 2)
  assert.notEqual(alice.jar.get('__Secure-latchkey_session'), before, 'SES-01: a new id')
  const kinds = events.map(({ kind, subject }) => `${kind} ${subject}`)
  assert.ok(kinds.includes('factor-added webauthn: Phone') && kinds.includes('second-factor webauthn'))
})

test('SES-09 a key that comes or goes ends the other sessions of its owner, and nobody else’s', async (t) => {
  const { client, register, show, levelOf } = await lab(t)
  const [here, there, bobs] = [client(), client(), client()]
  await here.signIn('alice')
  await there.signIn('alice')
  await bobs.signIn('bob')
  const { authenticator } = await register(here)
  assert.deepEqual(await Promise.all([here, there, bobs].map(levelOf)), [1, 0, 1])
  await show(here, authenticator)
  await there.signIn('alice')
  const [key] = (await here.get(CREDENTIALS)).json.data
  assert.equal((await here.call('DELETE', `/api/secondfactor/webauthn/credential/${key.id}`)).status, 200)
  assert.deepEqual(await Promise.all([here, there, bobs].map(levelOf)), [2, 0, 1])
})

test('user info and configuration know of passkeys', async (t) => {
  const { withKey } = await lab(t)
  const { client } = await withKey('alice')
  assert.deepEqual((await client.get('/api/configuration')).json.data.available_methods, ['totp', 'webauthn'])
  const info = (await client.post('/api/user/info')).json.data
  assert.deepEqual([info.method, info.has_totp, info.has_webauthn], ['webauthn', false, true])
})

test('keys are listed as Authelia lists them', async (t) => {
  const { withKey, clock, client } = await lab(t)
  const { client: alice, authenticator } = await withKey('alice')
  const { json } = await alice.get(CREDENTIALS)
  const [kid = ''] = authenticator.keys.keys()
  const { public_key: publicKey, ...rest } = json.data[0]
  assert.ok(publicKey.length > 50)
  assert.deepEqual(rest, {
    id: 1,
    created_at: new Date(clock.now()).toISOString(),
    rpid: 'auth.example.com',
    username: 'alice',
    description: 'Phone',
    kid: Buffer.from(kid, 'base64url').toString('base64'),
    aaguid: '00000000-0000-0000-0000-000000000000',
    attestation_type: 'none',
    attestation_format: 'none',
    attachment: 'platform',
    transports: ['hybrid', 'internal'],
    sign_count: 0,
    clone_warning: false,
    legacy: false,
    discoverable: true,
    present: true,
    verified: true,
    backup_eligible: false,
    backup_state: false,
  })
  const bob = client()
  await bob.signIn('bob')
  assert.deepEqual((await bob.get(CREDENTIALS)).json, { status: 'OK', data: null })
  assert.deepEqual([(await bob.get(SECOND)).status, (await bob.get(SECOND)).json], [403, KO2])
})

test('WAN-01 a false assertion is 403 with the same words, and level and counter stay as they are', async (t) => {
  const { client, withKey, show, levelOf, keys } = await lab(t)
  const { authenticator: ofAlice } = await withKey('alice')
  const { authenticator: ofBob } = await withKey('bob')
  const [idOfAlice = ''] = ofAlice.keys.keys()
  const alice = client()
  await alice.signIn('alice')
  for (const reply of [
    await show(alice, ofAlice, { flipSignature: true }),
    await show(alice, ofBob, { id: idOfAlice }),
    await show(alice, ofBob),
    await show(alice, ofAlice, { origin: 'https://evil.com' }),
    await show(alice, ofAlice, { rpId: 'example.com' }),
    await show(alice, ofAlice, { userPresent: false }),
  ])
    assert.deepEqual([reply.status, reply.json], [403, KO2])
  for (const body of ['', '{}', '[]', 'null', { response: 'x' }, { response: { id: idOfAlice } }]) {
    await alice.get(SECOND)
    assert.equal((await alice.post(SECOND, body)).status, 400, JSON.stringify(body))
  }
  assert.equal(await levelOf(alice), 1)
  assert.equal((await keys.webauthn.find(idOfAlice))?.signCount, 0)
})

test('WAN-02 an assertion is good once, in the session it was made for', async (t) => {
  const { client, withKey, levelOf } = await lab(t)
  const { authenticator } = await withKey('alice')
  const [one, two] = [client(), client()]
  await one.signIn('alice')
  await two.signIn('alice')
  const begun = (await one.get(SECOND)).json.data.publicKey
  const response = authenticator.get(begun)
  assert.equal((await two.post(SECOND, { response })).status, 403, 'another session')
  assert.equal(await levelOf(two), 1)
  assert.equal((await one.post(SECOND, { response })).status, 200)
  assert.equal((await one.post(SECOND, { response })).status, 403, 'a replay')
  const anew = client()
  await anew.signIn('alice')
  const failed = (await anew.get(SECOND)).json.data.publicKey
  assert.equal((await anew.post(SECOND, '{')).status, 400)
  assert.equal((await anew.post(SECOND, { response: authenticator.get(failed) })).status, 403, 'used up by the failure')
})

test('WAN-03 the origin comes from the configuration, whatever the request says of its host', async (t) => {
  const { client, withKey, levelOf } = await lab(t)
  const { authenticator } = await withKey('alice')
  const alice = client()
  await alice.signIn('alice')
  const begun = (await alice.get(SECOND)).json.data.publicKey
  const response = authenticator.get(begun, { origin: 'https://evil.com', rpId: 'evil.com' })
  const headers = { host: 'evil.com', 'x-forwarded-host': 'evil.com' }
  assert.equal((await alice.post(SECOND, { response }, headers)).status, 403)
  assert.equal(await levelOf(alice), 1)
})

test('WAN-07 a cloned counter is 403, raises nothing and is in the trail', async (t) => {
  const { client, withKey, show, levelOf, events } = await lab(t)
  const { authenticator } = await withKey('alice')
  const alice = client()
  await alice.signIn('alice')
  assert.equal((await show(alice, authenticator, { counter: 9 })).status, 200)
  const again = client()
  await again.signIn('alice')
  const reply = await show(again, authenticator, { counter: 9 })
  assert.deepEqual([reply.status, reply.json, await levelOf(again)], [403, KO2, 1])
  assert.equal(events.at(-1)?.reason, 'cloned')
})

test('WAN-07 a copied key is told to its owner by mail, once, however it is shown', async (t) => {
  for (const way of ['second factor', 'instead of a password']) {
    const { client, register, show, signInBy, mails } = await lab(t, { mails: true })
    const alice = client()
    await alice.signIn('alice')
    await alice.post(ELEVATION, {})
    await alice.call('PUT', ELEVATION, { otc: (mails.at(-1) as Mail<'one-time-code'>).values.code })
    const { authenticator } = await register(alice)
    assert.equal((await show(alice, authenticator, { counter: 9 })).status, 200)
    const copies = () =>
      mails.map((mail) => (mail as Mail<'notice'>).values.event).filter((e) => e === 'passkey-copied')
    const stranger = client()
    await stranger.signIn('alice')
    for (let i = 0; i < 2; i++) {
      const copy = { counter: 9 }
      const shown = way === 'second factor' ? show(stranger, authenticator, copy) : signInBy(authenticator, copy)
      const answer = await shown
      assert.equal('reply' in answer ? answer.reply.status : answer.status, 403)
      assert.equal(copies().length, 1, way)
    }
  }
})

test('WAN-08 a key is registered only with every proof, and a name is text', async (t) => {
  const { client, withKey, register, clock, show } = await lab(t)
  const stranger = client()
  assert.equal((await stranger.call('PUT', REGISTER, { description: 'x' })).json.data.first_factor, true)
  const { client: first, authenticator } = await withKey('alice')
  for (const method of ['PUT', 'POST', 'DELETE']) {
    const reply = await first.call(method, REGISTER, method === 'DELETE' ? undefined : { description: 'second' })
    assert.deepEqual([reply.status, reply.json.data.second_factor], [403, true], 'a password alone adds no further key')
  }
  assert.equal((await show(first, authenticator)).status, 200)
  const named = await register(first, '<img src=x onerror=alert(1)>')
  assert.equal(named.reply.status, 201)
  assert.equal((await first.call('PUT', REGISTER, { description: 'PHONE' })).status, 409)
  for (const description of ['', 'x'.repeat(65), 5])
    assert.equal((await first.call('PUT', REGISTER, { description })).status, 400)
  const [taken = ''] = authenticator.keys.keys()
  const copied = await register(first, 'copy', { id: taken })
  assert.equal(copied.reply.status, 409)
  const begun = await first.call('PUT', REGISTER, { description: 'third' })
  assert.equal((await first.post(REGISTER, '{}')).status, 400)
  const late = new Authenticator(ORIGIN).create(begun.json.data.publicKey)
  assert.equal((await first.post(REGISTER, late)).status, 403, 'the pending one is gone')
  const more = await first.call('PUT', REGISTER, { description: 'fourth' })
  assert.deepEqual((await first.call('DELETE', REGISTER)).json, OK)
  assert.equal((await first.post(REGISTER, new Authenticator(ORIGIN).create(more.json.data.publicKey))).status, 403)
  clock.advance(6 * 60_000)
  assert.notEqual((await first.call('PUT', REGISTER, { description: 'late' })).status, 200)
})

test('WAN-09 nobody renames or removes somebody else’s key, or one that isn’t there', async (t) => {
  const { withKey, show } = await lab(t)
  const { client: alice, authenticator } = await withKey('alice')
  const { client: bob, authenticator: ofBob } = await withKey('bob')
  await show(alice, authenticator)
  await show(bob, ofBob)
  const at = (id: string) => `/api/secondfactor/webauthn/credential/${id}`
  const other = await bob.call('PUT', at('1'), { description: 'mine' })
  const missing = await bob.call('PUT', at('99'), { description: 'mine' })
  assert.deepEqual([other.status, other.body], [403, missing.body], 'the same for both')
  const deleted = await bob.call('DELETE', at('1'))
  assert.deepEqual([deleted.status, deleted.body], [403, (await bob.call('DELETE', at('99'))).body])
  for (const id of ['-1', '1e1', '1%20OR%201=1', '0', '01', '1.0', 'x', '9999999999999999999'])
    for (const method of ['PUT', 'DELETE']) {
      const { status } = await bob.call(method, at(id), method === 'DELETE' ? undefined : { description: 'mine' })
      assert.equal(status, 400, `${method} ${id}`)
    }
  assert.equal((await bob.call('PUT', at('1/2'), { description: 'mine' })).status, 404)
  assert.equal((await bob.call('PUT', at(''), { description: 'mine' })).status, 404)
  assert.equal((await alice.get(CREDENTIALS)).json.data[0].description, 'Phone')
  assert.deepEqual((await alice.call('PUT', at('1'), { description: 'Old phone' })).json, OK)
  assert.equal((await alice.call('PUT', at('1'), { description: '' })).status, 403)
  assert.equal((await alice.call('PUT', at('1'), '{')).status, 400)
  assert.equal((await alice.get(CREDENTIALS)).json.data[0].description, 'Old phone')
  assert.deepEqual((await alice.call('DELETE', at('1'))).json, OK)
  assert.equal((await alice.get(CREDENTIALS)).json.data, null)
})

test('WAN-11 a passkey signs in at level 1, and only the password raises that; where it is configured it is level 2 at once', async (t) => {
  const { withKey, signInBy, levelOf, storage } = await lab(t)
  const { authenticator } = await withKey('alice')
  await storage.totp.save(totpOf('alice'))
  const { client, reply } = await signInBy(authenticator)
  assert.deepEqual([reply.status, reply.json], [200, OK])
  const state = (await client.get('/api/state')).json.data
  assert.deepEqual([state.authentication_level, state.factor_knowledge], [1, false])
  const elevated = await client.call('PUT', REGISTER, { description: 'x' })
  assert.equal(elevated.json.data.second_factor, true, 'a passkey alone changes no account')
  const target = { targetURL: 'https://two.example.com/' }
  assert.equal((await client.post('/api/secondfactor/password', { password: 'wrong', ...target })).status, 401)
  assert.equal((await client.post('/api/secondfactor/password', '{')).status, 401)
  assert.equal(await levelOf(client), 1)
  const right = await client.post('/api/secondfactor/password', { password: 'password', ...target })
  assert.deepEqual([right.status, right.json.data], [200, { redirect: 'https://two.example.com/' }])
  assert.equal(await levelOf(client), 2)
  assert.equal((await client.get('/api/state')).json.data.factor_knowledge, true)

  const strict = await lab(t, { webauthn: { ...PASSKEYS, verifiedPasskeyIsTwoFactors: true } })
  const { authenticator: verified } = await strict.withKey('alice')
  const two = await strict.signInBy(verified, {}, target)
  assert.deepEqual(two.reply.json.data, { redirect: 'https://two.example.com/' })
  assert.equal(await strict.levelOf(two.client), 2)
  const one = await strict.signInBy(verified, { userVerified: false }, target)
  assert.deepEqual([one.reply.json, await strict.levelOf(one.client)], [OK, 1])
})

test('MFA-08 after a passkey nobody is asked for a push, and a passcode of Duo’s raises nothing', async (t) => {
  const { withKey, signInBy, levelOf, duo } = await lab(t, { webauthn: PASSKEYS, hasDuo: true })
  const { authenticator } = await withKey('alice')
  duo.users.set('alice', { kind: 'auth', devices: [device('D1')] })
  const { client } = await signInBy(authenticator)
  for (const body of [{}, { passcode: '123456' }]) {
    const { status, json } = await client.post('/api/secondfactor/duo', body)
    assert.deepEqual([status, json], [403, KO2], JSON.stringify(body))
  }
  assert.equal(await levelOf(client), 1)
})

test('MFA-08 two proofs of one kind are one factor: every pair of them, in every order', async (t) => {
  const { client, withKey, signInBy, levelOf, storage, clock, show } = await lab(t)
  const { authenticator } = await withKey('alice')
  const { authenticator: other } = await withKey('bob')
  await storage.totp.save(totpOf('alice'))
  const code = () => {
    clock.advance(30_000)
    return codeOf(stepAt(clock.now()))
  }
  type Client = ReturnType<typeof client>
  const proofs: Readonly<Record<string, (who: Client) => Promise<unknown>>> = {
    password: (who) => who.post('/api/secondfactor/password', { password: 'password' }),
    again: (who) => who.post('/api/firstfactor/reauthenticate', { password: 'password' }),
    code: (who) => who.post('/api/secondfactor/totp', { token: code() }),
    key: async (who) => {
      const begun = await who.get(SECOND)
      if (begun.status !== 200) return begun
      return who.post(SECOND, { response: authenticator.get(begun.json.data.publicKey) })
    },
    'somebody else’s key': async (who) => {
      const begun = await who.get(SECOND)
      if (begun.status !== 200) return begun
      return who.post(SECOND, { response: other.get({ ...begun.json.data.publicKey, allowCredentials: [] }) })
    },
  }
  const afterPassword = { password: 1, again: 1, code: 2, key: 2, 'somebody else’s key': 1 }
  const afterPasskey = { password: 2, again: 1, code: 1, key: 1, 'somebody else’s key': 1 }
  for (const [name, prove] of Object.entries(proofs)) {
    const byPassword = client()
    await byPassword.signIn('alice')
    await prove(byPassword)
    assert.equal(await levelOf(byPassword), afterPassword[name as keyof typeof afterPassword], `password, ${name}`)
    const { client: byPasskey } = await signInBy(authenticator)
    await prove(byPasskey)
    await prove(byPasskey)
    assert.equal(await levelOf(byPasskey), afterPasskey[name as keyof typeof afterPasskey], `passkey, ${name}`)
  }
  const { client: many } = await signInBy(authenticator)
  for (const name of ['code', 'key', 'code', 'again', 'code', 'key']) await proofs[name]?.(many)
  assert.equal(await levelOf(many), 1, 'however many of them')
  const fresh = client()
  await fresh.signIn('alice')
  assert.equal((await show(fresh, authenticator)).status, 200)
})

test('a passkey signs in where it is configured, remembers where asked, and nobody who is signed in already', async (t) => {
  const { client, withKey, signInBy } = await lab(t)
  const { client: alice, authenticator } = await withKey('alice')
  for (const reply of [await alice.get(PASSKEY), await alice.post(PASSKEY, { response: {} })])
    assert.deepEqual([reply.status, reply.json], [403, KO2])
  const begun = await client().get(PASSKEY)
  const { challenge, ...options } = begun.json.data.publicKey
  assert.deepEqual(options, { timeout: 60_000, rpId: 'auth.example.com', userVerification: 'preferred' })
  assert.ok(challenge.length > 40)
  const [cookie = ''] = begun.headers['set-cookie'] ?? []
  assert.match(cookie, /^__Host-latchkey_passkey=[\w-]+; Path=\/; Max-Age=300; Secure; HttpOnly; SameSite=Strict$/)
  assert.equal(cookie.includes(challenge), false)
  const { reply, client: remembered } = await signInBy(authenticator, {}, { keepMeLoggedIn: true })
  assert.equal(reply.status, 200)
  assert.ok((reply.headers['set-cookie'] ?? []).some((line) => /^__Secure-latchkey_session=.*Expires=/.test(line)))
  assert.equal(remembered.jar.has('__Host-latchkey_passkey'), false, 'forgotten when it is used')
  const wrong = client()
  assert.equal((await wrong.post(PASSKEY, { response: {} })).status, 400)
  assert.equal((await wrong.post(PASSKEY, '[')).status, 400)
  assert.equal((await wrong.post(PASSKEY, { response: authenticator.get({ ...options, challenge }) })).status, 403)
})

test('what is switched off isn’t there', async (t) => {
  const off = await apiFixture(t, { webauthn: { ...WEBAUTHN, disable: true } })
  const alice = off.client()
  await alice.signIn('alice')
  for (const path of [PASSKEY, SECOND, CREDENTIALS]) assert.equal((await alice.get(path)).status, 404, path)
  assert.equal((await alice.call('PUT', REGISTER, {})).status, 404)
  assert.equal((await alice.call('DELETE', '/api/secondfactor/webauthn/credential/1')).status, 404)
  assert.equal((await alice.post('/api/secondfactor/password', {})).status, 404)
  const noPasskeys = await apiFixture(t, { webauthn: WEBAUTHN })
  const bob = noPasskeys.client()
  assert.equal((await bob.get(PASSKEY)).status, 404)
  await bob.signIn('bob')
  assert.equal((await bob.post('/api/secondfactor/password', {})).status, 404)
  assert.equal((await bob.get(CREDENTIALS)).status, 200)
})

test('ENU-04 what a passkey is asked with tells nothing of anybody, and names no key before the password', async (t) => {
  const { client, withKey } = await lab(t)
  const asked = async (query: string) => {
    const { status, json } = await client().get(`${PASSKEY}${query}`)
    const { challenge, ...options } = json.data.publicKey
    assert.match(challenge, /^[\w-]{22,}$/)
    return [status, options]
  }
  const before = await asked('')
  await withKey('alice')
  for (const query of ['', '?username=alice', '?username=nobody']) assert.deepEqual(await asked(query), before, query)
  assert.equal('allowCredentials' in (before[1] ?? {}), false)
  const stranger = await client().get(SECOND)
  assert.equal(stranger.status, 403)
  assert.doesNotMatch(stranger.body, /allowCredentials|challenge/)
})
