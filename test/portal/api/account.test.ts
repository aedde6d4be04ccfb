// What somebody signed in sees and changes through the API: his info, his preference, his one-time codes.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeTotpSecret } from '../../../src/login/totp-registration.ts'
import { maskEmail } from '../../../src/portal/mask-email.ts'
import { codeOf, stepAt, TOTP, totpOf } from '../../login/fixture.ts'
import { apiFixture, OK, OWN_COOKIE } from './fixture.ts'

const SETUP_KO = { status: 'KO', message: 'Unable to set up one-time password.' }
const CHOICE = { algorithm: 'SHA1', length: 6, period: 30 }
const missing = (name: string) => ({
  status: 'KO',
  data: {
    elevation: name === 'elevation',
    first_factor: name === 'first_factor',
    second_factor: name === 'second_factor',
  },
})
const REGISTER = '/api/secondfactor/totp/register'
const ELEVATED = [
  ['GET', REGISTER],
  ['PUT', REGISTER],
  ['POST', REGISTER],
  ['DELETE', REGISTER],
  ['DELETE', '/api/secondfactor/totp'],
] as const

test('user/info says nothing of factors until its first POST, and masks addresses', async (t) => {
  const { client, storage } = await apiFixture(t)
  await storage.totp.save(totpOf('bob'))
  const browser = client()
  await browser.signIn('bob')
  const info = {
    display_name: 'BOB',
    emails: ['b*b@example.com'],
    method: '',
    has_totp: false,
    has_webauthn: false,
    has_duo: false,
  }
  assert.deepEqual((await browser.get('/api/user/info')).json, { ...OK, data: info })
  const made = { ...info, method: 'totp', has_totp: true }
  assert.deepEqual((await browser.post('/api/user/info')).json.data, { ...made, emails: null })
  assert.deepEqual((await browser.get('/api/user/info')).json.data, made)
})

test('e-mail addresses are masked by characters', () => {
  for (const [address, masked] of [
    ['john@example.com', 'j**n@example.com'],
    ['abc@x', 'a*c@x'],
    ['ab@x', '**@x'],
    ['a@x', '*@x'],
    ['jöhn😀@x', 'j***😀@x'],
    ['none', ''],
    ['a@b@c', ''],
  ] as const)
    assert.equal(maskEmail(address), masked)
})

test('MFA-05 only an available method can be preferred', async (t) => {
  const { client, storage } = await apiFixture(t)
  const browser = client()
  await browser.signIn('bob')
  for (const body of [
    { method: 'webauthn' },
    { method: 'mobile_push' },
    { method: 'TOTP' },
    {},
    { method: 1 },
    '{',
    '',
  ])
    assert.deepEqual((await browser.post('/api/user/info/2fa_method', body)).json, {
      status: 'KO',
      message: 'Operation failed.',
    })
  assert.deepEqual((await browser.post('/api/user/info/2fa_method', { method: 'totp' })).json, OK)
  assert.deepEqual(await storage.preferences.find('bob'), { method: 'totp' })
})

test('safe-redirection: 401 for the anonymous, a verdict for what can be read, KO for the rest', async (t) => {
  const { client } = await apiFixture(t)
  const browser = client()
  const ask = (uri: unknown) => browser.post('/api/checks/safe-redirection', { uri })
  const anonymous = await ask('https://app.example.com/')
  assert.deepEqual([anonymous.status, anonymous.body], [401, '401 Unauthorized'])
  await browser.signIn('bob')
  assert.deepEqual((await ask('https://app.example.com/')).json, { ...OK, data: { ok: true } })
  for (const uri of ['https://evil.com/', 'http://app.example.com/', '//app.example.com'])
    assert.deepEqual((await ask(uri)).json, { ...OK, data: { ok: false } }, uri)
  for (const uri of ['', 'relative', 7, ['https://app.example.com'], { a: 1 }]) {
    const { status, json } = await ask(uri)
    assert.deepEqual([status, json], [200, { status: 'KO', message: 'Operation failed.' }], JSON.stringify(uri))
  }
})

test('one-time codes: none, set up, seen, used, removed', async (t) => {
  const { client, clock, storage } = await apiFixture(t)
  const browser = client()
  await browser.signIn('bob')
  const none = await browser.get('/api/secondfactor/totp')
  assert.deepEqual([none.status, none.json.message], [404, 'Could not find TOTP Configuration for user.'])
  const options = { algorithm: 'SHA1', algorithms: ['SHA1'], length: 6, lengths: [6], period: 30, periods: [30] }
  assert.deepEqual((await browser.get(REGISTER)).json.data, options)
  const put = await browser.call('PUT', REGISTER, CHOICE)
  assert.deepEqual(Object.keys(put.json.data), ['base32_secret', 'otpauth_url'])
  assert.equal(await storage.totp.find('bob'), undefined)
  assert.deepEqual((await browser.post(REGISTER, { token: codeOf(stepAt(clock.now())) })).json, OK)

  const seen = await browser.get('/api/secondfactor/totp')
  assert.deepEqual(Object.keys(seen.json.data), [
    'created_at',
    'last_used_at',
    'issuer',
    'algorithm',
    'digits',
    'period',
  ])
  // TOT-01 the code that set it up is used up
  assert.equal((await browser.post('/api/secondfactor/totp', { token: codeOf(stepAt(clock.now())) })).status, 403)
  clock.advance(30_000)
  assert.equal((await browser.post('/api/secondfactor/totp', { token: codeOf(stepAt(clock.now())) })).status, 200)
  assert.deepEqual((await browser.call('DELETE', '/api/secondfactor/totp')).json, OK)
  const again = await browser.call('DELETE', '/api/secondfactor/totp')
  assert.deepEqual([again.status, again.json.message], [403, 'Unable to delete one-time password.'])
  assert.equal((await browser.get('/api/state')).json.data.authentication_level, 2)
})

test('TOT-05 a choice off the lists, or of the wrong type, is 400', async (t) => {
  const { client } = await apiFixture(t)
  const browser = client()
  await browser.signIn('bob')
  for (const body of [
    { ...CHOICE, algorithm: 'MD5' },
    { ...CHOICE, length: 1 },
    { ...CHOICE, period: 86_400 },
    { ...CHOICE, period: -30 },
    { ...CHOICE, length: '6' },
    { ...CHOICE, period: 30.5 },
    {},
    '{',
  ]) {
    const { status, json } = await browser.call('PUT', REGISTER, body)
    assert.deepEqual([status, json], [400, SETUP_KO], JSON.stringify(body))
  }
})

test('TOT-06 the secret is shown once, when it is made, and is in no other answer and no log', async (t) => {
  const { client, clock, log } = await apiFixture(t)
  const browser = client()
  await browser.signIn('bob')
  const secret = (await browser.call('PUT', REGISTER, CHOICE)).json.data.base32_secret
  const answers = [
    await browser.get(REGISTER),
    await browser.post(REGISTER, { token: '000000' }),
    await browser.post(REGISTER, { token: codeOf(stepAt(clock.now())) }),
    await browser.get('/api/secondfactor/totp'),
    await browser.get('/api/user/info'),
    await browser.get('/api/state'),
  ]
  assert.ok(answers.every(({ body }) => !body.includes(secret)))
  assert.ok(!JSON.stringify(log.lines).includes(secret))
})

test('TOT-07 a proposal belongs to its session, is replaced by the next one, and replaces nothing without its code', async (t) => {
  const { client, clock, storage } = await apiFixture(t)
  const [a, b] = [client(), client()]
  await a.signIn('bob')
  await b.signIn('bob')
  const token = codeOf(stepAt(clock.now()))
  await a.call('PUT', REGISTER, CHOICE)
  const elsewhere = await b.post(REGISTER, { token })
  assert.deepEqual([elsewhere.status, elsewhere.json], [403, SETUP_KO])
  for (const [body, status] of [
    [{ token: '000000' }, 403],
    [{}, 403],
    [{ token: 7 }, 400],
    ['{', 400],
  ] as const)
    assert.equal((await a.post(REGISTER, body)).status, status)
  assert.equal(await storage.totp.find('bob'), undefined)
  const second = await a.call('PUT', REGISTER, CHOICE)
  assert.equal((await a.post(REGISTER, { token })).status, 200)
  const stored = encodeTotpSecret((await storage.totp.find('bob'))?.secret ?? new Uint8Array())
  assert.equal(stored, second.json.data.base32_secret)
})

test('TOT-07 a proposal can be dropped, and is gone after ten minutes', async (t) => {
  const { client, clock } = await apiFixture(t)
  const browser = client()
  await browser.signIn('bob')
  await browser.call('PUT', REGISTER, CHOICE)
  assert.deepEqual((await browser.call('DELETE', REGISTER)).json, OK)
  assert.equal((await browser.post(REGISTER, { token: codeOf(stepAt(clock.now())) })).status, 403)
  await browser.call('PUT', REGISTER, CHOICE)
  clock.advance(600_000)
  await browser.post('/api/firstfactor/reauthenticate', { password: 'password' })
  assert.equal((await browser.post(REGISTER, { token: codeOf(stepAt(clock.now())) })).status, 403)
})

test('MFA-01 what changes factors names the one proof that is missing', async (t) => {
  const { client, clock, storage } = await apiFixture(t)
  const all = async (browser: ReturnType<typeof client>, name: string) => {
    for (const [method, path] of ELEVATED) {
      const { status, json } = await browser.call(
        method,
        path,
        method === 'GET' || method === 'DELETE' ? undefined : CHOICE,
      )
      assert.deepEqual([status, json], [403, missing(name)], `${method} ${path}`)
    }
  }
  const browser = client()
  await all(browser, 'first_factor')
  await browser.signIn('bob')
  clock.advance(300_000)
  await all(browser, 'elevation')
  await browser.post('/api/firstfactor/reauthenticate', { password: 'password' })
  assert.equal((await browser.get(REGISTER)).status, 200)
  // who has a device can't replace it by the password alone
  await storage.totp.save(totpOf('bob'))
  await all(browser, 'second_factor')
  await browser.post('/api/secondfactor/totp', { token: codeOf(stepAt(clock.now())) })
  assert.equal((await browser.get(REGISTER)).status, 200)
  // the session cookie alone, as an application sees it
  browser.jar.delete(OWN_COOKIE)
  await all(browser, 'first_factor')
  assert.notEqual(await storage.totp.find('bob'), undefined)
})

test('MFA-06 a new sign-in drops what was pending and the level', async (t) => {
  const { client, clock, storage } = await apiFixture(t)
  const browser = client()
  await browser.signIn('bob')
  await browser.call('PUT', REGISTER, CHOICE)
  await browser.signIn('bob')
  assert.equal((await browser.post(REGISTER, { token: codeOf(stepAt(clock.now())) })).status, 403)
  assert.equal(await storage.totp.find('bob'), undefined)
})

test('the lists of the configuration are what is offered', async (t) => {
  const totp = { ...TOTP, allowedAlgorithms: ['SHA256', 'SHA512'], algorithm: 'SHA256', allowedDigits: [6, 8] } as const
  const { client } = await apiFixture(t, { totp })
  const browser = client()
  await browser.signIn('bob')
  const { data } = (await browser.get(REGISTER)).json
  assert.deepEqual(
    [data.algorithms, data.lengths],
    [
      ['SHA256', 'SHA512'],
      [6, 8],
    ],
  )
  assert.equal((await browser.call('PUT', REGISTER, { algorithm: 'SHA512', length: 8, period: 30 })).status, 200)
})
