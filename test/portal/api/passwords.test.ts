// Passwords through the API: resetting a forgotten one, changing one's own, and the policy.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Mail } from '../../../src/notify/mailer.ts'
import { totpOf } from '../../login/fixture.ts'
import { apiFixture, OK } from './fixture.ts'

const START = '/api/reset-password/identity/start'
const FINISH = '/api/reset-password/identity/finish'
const RESET = '/api/reset-password'
const CHANGE = '/api/change-password'
const GRANT = '__Host-latchkey_reset'
const GOOD = 'truck-sail-orbit-plum'
const FAILED = { status: 'KO', message: 'Operation failed' }
const UNABLE = { status: 'KO', message: 'Unable to reset your password.' }
const WEAK = { status: 'KO', message: 'Your supplied password does not meet the password policy requirements.' }

async function lab(context: Parameters<typeof apiFixture>[0], changes: Parameters<typeof apiFixture>[1] = {}) {
  const parts = await apiFixture(context, { mails: true, passwordChangeDisabled: false, ...changes })
  const off = { enable: false, buckets: [] }
  Object.assign(parts.place.settings.rateLimits, { reset_password_start: off, reset_password_finish: off })
  const links = () => parts.mails.filter(({ name }) => name === 'reset-password') as Mail<'reset-password'>[]
  const tokenFor = async (username = 'alice') => {
    await parts.client().post(START, { username })
    return new URL(links().at(-1)?.values.resetUrl ?? '').searchParams.get('token') ?? ''
  }
  const canSignIn = async (username: string, password: string) =>
    (await parts.client().post('/api/firstfactor', { username, password })).status === 200
  return { ...parts, links, tokenFor, canSignIn }
}

/** Node sends no length with a DELETE unless told. */
const revokeBy = (browser: ReturnType<Awaited<ReturnType<typeof lab>>['client']>, token: string) => {
  const body = JSON.stringify({ token })
  return browser.call('DELETE', RESET, body, { 'content-length': String(body.length) })
}

test('start, finish, set: the browser that redeemed the link sets the password, once, and nobody is signed in by it', async (context) => {
  const { client, tokenFor, canSignIn, mails } = await lab(context)
  const elsewhere = client()
  await elsewhere.signIn('alice')
  const token = await tokenFor()
  const browser = client()
  const finished = await browser.post(FINISH, { token })
  assert.deepEqual([finished.status, finished.json], [200, OK])
  assert.deepEqual([...browser.jar.keys()], [GRANT])
  const cookie = String(finished.headers['set-cookie'])
  for (const attribute of ['Path=/', 'HttpOnly', 'Secure', 'SameSite=Strict', 'Max-Age='])
    assert.ok(cookie.includes(attribute), attribute)
  assert.equal((await browser.get('/api/state')).json.data.authentication_level, 0)

  assert.deepEqual((await client().post(RESET, { password: GOOD })).json, UNABLE, 'another browser')
  assert.deepEqual((await browser.post(RESET, { password: 'short' })).json, WEAK)
  assert.deepEqual((await browser.post(RESET, { password: '' })).json, WEAK)
  const set = await browser.post(RESET, { password: GOOD })
  assert.deepEqual([set.status, set.body, set.headers['content-type']], [200, '', undefined])
  assert.equal(browser.jar.size, 0)
  assert.deepEqual((await browser.post(RESET, { password: GOOD })).json, UNABLE, 'a second time')
  assert.equal((await browser.get('/api/state')).json.data.authentication_level, 0)
  assert.equal((await elsewhere.get('/api/state')).json.data.authentication_level, 0, 'other sessions end')
  assert.deepEqual([await canSignIn('alice', 'password'), await canSignIn('alice', GOOD)], [false, true])
  assert.equal(mails.at(-1)?.name, 'notice')
})

test('RST-02 twenty finish at once, and one has the grant; then the token is used up, and does not set a password itself', async (context) => {
  const { client, tokenFor } = await lab(context)
  const token = await tokenFor()
  const answers = await Promise.all(Array.from({ length: 20 }, () => client().post(FINISH, { token })))
  assert.equal(answers.filter(({ json }) => json.status === 'OK').length, 1)
  assert.deepEqual((await client().post(FINISH, { token })).json, FAILED)
  const posing = client()
  posing.jar.set(GRANT, token)
  assert.deepEqual((await posing.post(RESET, { password: GOOD })).json, UNABLE)
})

test('RST-02 time, newer links, changed passwords, gone users and revocation are looked at when a link is used', async (context) => {
  const { client, tokenFor, clock, directory } = await lab(context)
  const finish = async (token: string) => (await client().post(FINISH, { token })).json
  const revoke = (token: string) => revokeBy(client(), token)
  const first = await tokenFor()
  const second = await tokenFor()
  assert.deepEqual(await finish(first), FAILED)
  assert.deepEqual((await revoke(second)).json, OK)
  assert.deepEqual((await revoke(second)).json, {
    status: 'KO',
    message: 'Operation failed.',
  })
  assert.deepEqual(await finish(second), FAILED)
  const third = await tokenFor()
  clock.advance(301_000)
  assert.equal((await finish(third)).message, 'The identity verification token has expired')
  const fourth = await tokenFor()
  directory.setPassword('alice', 'another')
  assert.deepEqual(await finish(fourth), FAILED)
  const fifth = await tokenFor('bob')
  directory.remove('bob')
  assert.deepEqual(await finish(fifth), FAILED)
})

test('RST-02 a link of one user does nothing in a session of another', async (context) => {
  const { client, tokenFor } = await lab(context)
  const token = await tokenFor('alice')
  const bob = client()
  await bob.signIn('bob')
  assert.deepEqual((await bob.post(FINISH, { token })).json, FAILED)
  const browser = client()
  await browser.post(FINISH, { token })
  await browser.signIn('bob')
  assert.deepEqual((await browser.post(RESET, { password: GOOD })).json, UNABLE)
})

test('RST-04 what is no token of ours', async (context) => {
  const { client, tokenFor } = await lab(context)
  const token = await tokenFor()
  const [header, payload, signature] = token.split('.')
  const none = Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url')
  for (const wrong of [`${none}.${payload}.`, `${header}.${payload}.${signature?.slice(0, -2)}AA`, `${token}x`])
    assert.equal(
      (await client().post(FINISH, { token: wrong })).json.message,
      'The identity verification token has an invalid signature',
    )
  for (const body of ['', 'x', '{}', '{"token":7}', '[]', { token: '' }, { token: 'a.b' }])
    assert.deepEqual((await client().post(FINISH, body)).json, FAILED, JSON.stringify(body))
})

test('RST-06 second factors are untouched by a reset', async (context) => {
  const { client, tokenFor, storage } = await lab(context)
  await storage.totp.save(totpOf('alice'))
  const browser = client()
  await browser.post(FINISH, { token: await tokenFor() })
  await browser.post(RESET, { password: GOOD })
  assert.ok(await storage.totp.find('alice'))
})

test('RST-07 ENU-02 whatever is sent as a name the answer is the same, and mail goes to the stored address only', async (context) => {
  const { client, links } = await lab(context)
  const bodies: unknown[] = [
    { username: 'nobody' },
    { username: ['alice', 'evil@example.net'] },
    { username: { $ne: null } },
    { username: 7 },
    { username: 'alice@example.com,evil@example.net' },
    { username: 'alice%0abcc:evil@example.net' },
    { username: 'al\u0131ce' },
    {},
    '',
    'not json',
    'null',
  ]
  for (const body of bodies) {
    const answer = await client().post(START, body)
    assert.deepEqual([answer.status, answer.json, answer.headers['set-cookie']], [200, OK, undefined])
  }
  assert.deepEqual(links(), [])
  await client().post(START, '{"username":"bob","username":"alice","email":"evil@example.net"}')
  assert.deepEqual(
    links().map(({ to }) => to.address),
    ['alice@example.com'],
    'the last of two keys counts, as everywhere',
  )
})

test('ENU-02 asking takes alike, known or not', async (context) => {
  const { client, waits } = await lab(context)
  for (const username of ['alice', 'nobody', 'bob', '']) await client().post(START, { username })
  assert.equal(waits.length, 4)
  assert.ok(waits.every((wait) => wait >= 250 && wait < 600))
})

test('a users file that can not be written is said before any mail, and changes nothing', async (context) => {
  const { client, storeOfPasswords, links, tokenFor } = await lab(context)
  const browser = client()
  await browser.post(FINISH, { token: await tokenFor() })
  storeOfPasswords.isReadOnly = true
  assert.deepEqual((await client().post(START, { username: 'alice' })).json, FAILED)
  assert.deepEqual((await browser.post(RESET, { password: GOOD })).json, UNABLE)
  assert.equal(links().length, 1)
  storeOfPasswords.isReadOnly = false
  assert.equal((await browser.post(RESET, { password: GOOD })).body, '', 'the grant is good still')
})

test('where resetting is turned off, or done elsewhere, the routes are not there; so with changing', async (context) => {
  for (const changes of [{ passwordResetDisabled: true }, { passwordResetUrl: 'https://reset.example.com/' }]) {
    const { client } = await lab(context, changes)
    for (const path of [START, FINISH, RESET]) assert.equal((await client().post(path, {})).status, 404, path)
  }
  const { client } = await lab(context, { passwordChangeDisabled: true })
  assert.equal((await client().post(CHANGE, {})).status, 404)
})

test('asking and finishing are limited for each address', async (context) => {
  const { client, place } = await lab(context)
  const limit = (requests: number) => ({ enable: true, buckets: [{ period: 60_000, requests }] })
  Object.assign(place.settings.rateLimits, { reset_password_start: limit(2), reset_password_finish: limit(2) })
  const statuses: number[] = []
  for (let i = 0; i < 3; i++) statuses.push((await client().post(START, { username: 'alice' })).status)
  statuses.push((await client().post(FINISH, { token: 'x' })).status)
  statuses.push((await revokeBy(client(), 'x')).status)
  statuses.push((await client().post(FINISH, { token: 'x' })).status)
  assert.deepEqual(statuses, [200, 200, 429, 200, 200, 429])
})

test('changing: elevated only, the new one judged first, then the old one; a new id, other sessions end', async (context) => {
  const { client, canSignIn, mails } = await lab(context, { mails: false })
  const [alice, elsewhere] = [client(), client()]
  await alice.signIn('alice')
  await elsewhere.signIn('alice')
  const change = (old_password: unknown, new_password: unknown) => alice.post(CHANGE, { old_password, new_password })
  assert.deepEqual((await client().post(CHANGE, {})).status, 403)
  const answers = [
    await change(7, GOOD),
    await change('wrong', 'short'),
    await change('wrong', ''),
    await change('password', 'password'),
    await change('wrong', GOOD),
  ]
  assert.deepEqual(
    answers.map(({ status, json }) => [status, json.message]),
    [
      [400, 'Unable to change your password.'],
      [400, WEAK.message],
      [400, WEAK.message],
      [400, WEAK.message],
      [401, 'Incorrect Password'],
    ],
  )
  const before = alice.jar.get('__Secure-latchkey_session')
  const changed = await alice.post(CHANGE, { username: 'bob', old_password: 'password', new_password: GOOD })
  assert.deepEqual([changed.status, changed.json], [200, OK], 'no notifier: as when no notice could be sent')
  assert.notEqual(alice.jar.get('__Secure-latchkey_session'), before)
  assert.equal((await alice.get('/api/state')).json.data.authentication_level, 1)
  assert.equal((await elsewhere.get('/api/state')).json.data.authentication_level, 0)
  assert.deepEqual([await canSignIn('alice', GOOD), await canSignIn('bob', 'password')], [true, true])
  assert.equal(mails.length, 1, 'the notice, which a mailer that is off drops')
})

test('MFA-01 changing takes a code by mail where mail can be sent, and the second factor of who has one', async (context) => {
  const { client, storage, mails } = await lab(context)
  const alice = client()
  await alice.signIn('alice')
  const body = { old_password: 'password', new_password: GOOD }
  assert.equal((await alice.post(CHANGE, body)).json.data.elevation, true)
  await alice.post('/api/user/session/elevation', {})
  const { code } = (mails.at(-1) as Mail<'one-time-code'>).values
  await alice.call('PUT', '/api/user/session/elevation', { otc: code })
  await storage.totp.save(totpOf('alice'))
  assert.equal((await alice.post(CHANGE, body)).json.data.second_factor, true)
  await storage.totp.delete('alice')
  const changed = await alice.post(CHANGE, body)
  assert.deepEqual([changed.status, changed.body], [200, ''])
})

test('the policy is told as Authelia tells it', async (context) => {
  const none = {
    mode: 'disabled',
    min_length: 0,
    max_length: 0,
    min_score: 0,
    require_uppercase: false,
    require_lowercase: false,
    require_number: false,
    require_special: false,
  }
  const path = '/api/configuration/password-policy'
  const plain = await lab(context)
  assert.deepEqual((await plain.client().get(path)).json.data, none)
  const guessing = await lab(context, { passwordPolicy: { kind: 'zxcvbn', minScore: 3 } })
  assert.deepEqual((await guessing.client().get(path)).json.data, { ...none, mode: 'zxcvbn' })
  const standard = {
    kind: 'standard',
    minLength: 12,
    maxLength: 64,
    requireUppercase: true,
    requireLowercase: false,
    requireNumber: true,
    requireSpecial: false,
  } as const
  const counting = await lab(context, { passwordPolicy: standard })
  assert.deepEqual((await counting.client().get(path)).json.data, {
    ...none,
    mode: 'standard',
    min_length: 12,
    max_length: 64,
    require_uppercase: true,
    require_number: true,
  })
})
