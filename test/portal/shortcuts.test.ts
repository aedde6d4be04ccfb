// Shortcuts to a second factor that isn't there, or past one that is: combinations of ways that are each right by themselves.
import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { newRecoveryCodes, readRecoveryCode } from '../../src/login/recovery-code.ts'
import type { PortalSettings } from '../../src/portal/portal.ts'
import { Authenticator } from '../login/authenticator.ts'
import { device } from '../login/duo/stand-in.ts'
import { WEBAUTHN } from '../login/webauthn-storage.ts'
import { type Client, CODE, DOMAIN, type OpenLab, openLab, PASSWORD, PORTAL } from './lab.ts'
import { addPasskey, setUp } from './steps.ts'

const VAULT = 'https://vault.example.com/'
const OTHER_DOMAIN = { ...DOMAIN, domain: 'example.org', portalUrl: 'https://auth.example.org/' }

async function labFor(t: TestContext, changed: Partial<PortalSettings>): Promise<OpenLab> {
  const lab = await openLab(changed)
  t.after(() => lab.close())
  return lab
}
async function signedIn(lab: OpenLab, username: string): Promise<Client> {
  const client = lab.client()
  await client.signIn(username)
  return client
}
const json = { 'content-type': 'application/json', 'sec-fetch-site': 'same-origin' }
const optionsOf = ({ body }: { readonly body: string }) => JSON.parse(body).data.publicKey

test('MFA-08 a passkey and a recovery code are both possessed: together they are one factor, and no proof', async (t) => {
  const lab = await labFor(t, { webauthn: { ...WEBAUTHN, passkeyLogin: true } })
  const bob = await signedIn(lab, 'bob')
  const authenticator = new Authenticator(PORTAL)
  const register = '/api/secondfactor/webauthn/credential/register'
  const begun = await bob.send('PUT', register, json, JSON.stringify({ description: 'Phone' }))
  await bob.post('/register/passkey', { response: JSON.stringify(authenticator.create(optionsOf(begun))) })
  const [typed = ''] = newRecoveryCodes()
  const code = readRecoveryCode(typed)
  assert.ok(code)
  await lab.recovery.save('bob', [code], lab.clock.now())

  const key = lab.client()
  const asked = await key.get('/api/firstfactor/passkey')
  await key.post('/passkey', { response: JSON.stringify(authenticator.get(optionsOf(asked))) })
  assert.match((await key.get('/')).body, /Signed in with a passkey/)
  const answer = await key.post('/2fa/recovery-code', { code: typed })
  assert.equal(answer.headers.location, '/2fa')
  assert.match((await key.get('/')).body, /Signed in with a passkey/)
  assert.match((await key.get('/account/one-time-code/remove')).headers.location ?? '', /^\/2fa\?for=/)
  assert.equal((await lab.recovery.find('bob'))?.left, 1, 'it is not used up')
})

test('MFA-01 WAN-04 a passkey of one portal guards the account at all of them', async (t) => {
  const lab = await labFor(t, { webauthn: WEBAUTHN, cookies: [DOMAIN, OTHER_DOMAIN] })
  await addPasskey(lab, 'bob', 'Key', 'auth.example.org')
  const bob = await signedIn(lab, 'bob')
  for (const page of ['/register/one-time-code', '/register/passkey', '/account/recovery-codes']) {
    const { status, body } = await bob.get(page)
    assert.equal(status, 403, page)
    assert.match(body, /auth\.example\.org/)
  }
  for (const path of ['/api/secondfactor/totp/register', '/api/secondfactor/webauthn/credential/register']) {
    const { status, body } = await bob.send('PUT', path, json, '{"description":"x"}')
    assert.deepEqual([status, JSON.parse(body).data.second_factor], [403, true], path)
  }
  const wanted = await bob.get(`/?rd=${encodeURIComponent(VAULT)}`)
  assert.deepEqual([wanted.status, /auth\.example\.org/.test(wanted.body)], [403, true], 'nothing new is offered')
  const elevation = JSON.parse((await bob.get('/api/user/session/elevation')).body).data
  assert.equal(elevation.require_second_factor, true)

  await addPasskey(lab, 'eve', 'Key', 'auth.example.net')
  const eve = await signedIn(lab, 'eve')
  assert.equal((await eve.get('/register/one-time-code')).status, 200, 'of a portal that is no more')
})

test('MFA-01 Duo lets nobody pass, or enrol, whose passkey belongs to another portal', async (t) => {
  const lab = await labFor(t, { hasDuo: true, webauthn: WEBAUTHN, cookies: [DOMAIN, OTHER_DOMAIN] })
  await addPasskey(lab, 'bob', 'Key', 'auth.example.org')
  const bob = await signedIn(lab, 'bob')
  const devices = async () => JSON.parse((await bob.get('/api/secondfactor/duo_devices')).body).data
  assert.deepEqual(await devices(), { result: 'enroll' })
  assert.doesNotMatch((await bob.post('/2fa/push-notification', {})).body, /duo\.example/)
  lab.duo.users.set('bob', { kind: 'allow' })
  assert.deepEqual(await devices(), { result: 'deny' })
  await bob.post('/2fa/push-notification', {})
  assert.match((await bob.get('/')).body, /Signed in with a password/)
})

test('MFA-01 a trusted browser opens no enrolment at Duo past another factor', async (t) => {
  const lab = await labFor(t, { hasDuo: true, trustedBrowser: 86_400_000 })
  const alice = await signedIn(lab, 'alice')
  const devices = async () => JSON.parse((await alice.get('/api/secondfactor/duo_devices')).body).data
  await alice.post('/2fa/one-time-password', { code: CODE, trust: 'yes' })
  assert.equal((await devices()).enroll_url, 'https://duo.example/portal?code=1', 'who has given his code may')
  await alice.signIn('alice')
  assert.match((await alice.get('/')).body, /Signed in with two proofs/)
  assert.deepEqual(await devices(), { result: 'enroll' })
})

test("MFA-01 who has shown a passcode of Duo's has a second factor, though he is never asked for a push", async (t) => {
  const lab = await labFor(t, { hasDuo: true })
  lab.duo.users.set('bob', { kind: 'auth', devices: [{ ...device('T1', 'none'), isToken: true }] })
  const bob = await signedIn(lab, 'bob')
  lab.duo.passcodes.add('123456')
  await bob.post('/2fa/push-notification/passcode', { passcode: '123456' })
  assert.match((await bob.get('/')).body, /Signed in with two proofs/)

  const thief = await signedIn(lab, 'bob')
  const isKept = async () =>
    assert.match((await thief.get('/register/one-time-code')).headers.location ?? '', /^\/2fa\?for=/)
  await isKept()
  await thief.post('/2fa/push-notification', {})
  await isKept()
  const { body } = await thief.get('/api/secondfactor/duo')
  assert.deepEqual(JSON.parse(body).data, { result: 'auth' }, 'a token is no device that could be asked')
})

const trustedBrowsersOf = async (lab: OpenLab, username: string): Promise<number> =>
  (await lab.browsers.list(username)).filter(({ trustedUntil }) => trustedUntil !== undefined).length

test('MFA-01 who was let pass by Duo has shown nothing that his browser could be trusted for', async (t) => {
  const lab = await labFor(t, { hasDuo: true, trustedBrowser: 86_400_000 })
  lab.duo.users.set('bob', { kind: 'allow' })
  const bob = await signedIn(lab, 'bob')
  await bob.post('/2fa/push-notification', { trust: 'yes' })
  assert.match((await bob.get('/')).body, /Signed in with two proofs/)
  assert.equal(await trustedBrowsersOf(lab, 'bob'), 0)
})

test('MFA-01 what was wished with a push that nobody approved does not count for what is given later', async (t) => {
  const lab = await labFor(t, { hasDuo: true, trustedBrowser: 86_400_000 })
  lab.duo.users.set('bob', { kind: 'auth', devices: [device('D1')] })
  const bob = await signedIn(lab, 'bob')
  await bob.post('/2fa/push-notification', { trust: 'yes' })
  await lab.duo.isOut()
  lab.duo.answer({ kind: 'deny', reason: 'denied' })
  lab.duo.passcodes.add('123456')
  await bob.post('/2fa/push-notification/passcode', { passcode: '123456' })
  assert.match((await bob.get('/')).body, /Signed in with two proofs/)
  assert.equal(await trustedBrowsersOf(lab, 'bob'), 0)
})

test('MFA-01 a session that is ended while a code is looked at gains nothing by it', async (t) => {
  const lab = await labFor(t, { trustedBrowser: 86_400_000 })
  const alice = await signedIn(lab, 'alice')
  const spent = lab.spent.add.bind(lab.spent)
  lab.spent.add = (username) => {
    lab.endSessions(username)
    return spent(username)
  }
  await alice.post('/2fa/one-time-password', { code: CODE, trust: 'yes' })
  assert.ok(lab.spent.has('alice'))
  assert.equal(await trustedBrowsersOf(lab, 'alice'), 0)
})

test('a factor is told of, whatever became of the session that added it', async (t) => {
  const lab = await labFor(t, {})
  const bob = await signedIn(lab, 'bob')
  const add = lab.codes.add.bind(lab.codes)
  lab.codes.add = (username) => {
    lab.endSessions(username)
    return add(username)
  }
  await setUp(lab, bob)
  assert.ok(lab.codes.has('bob'))
  assert.ok(lab.events.some(({ kind, subject }) => kind === 'factor-added' && subject === 'totp'))
})

test('RST-01 no notice leads where the Host of a request says', async (t) => {
  const lab = await labFor(t, { cookies: [{ ...DOMAIN, portalUrl: undefined }], passwordChangeDisabled: false })
  const alice = await signedIn(lab, 'alice')
  const spoofed = { host: 'evil.example.com:8443' }
  await alice.post('/2fa/one-time-password', { code: CODE }, spoofed)
  const again = 'another battery staple'
  const changed = await alice.post('/account/password', { password: PASSWORD, new: again, again }, spoofed)
  assert.equal(changed.status, 200)
  const [typed = ''] = newRecoveryCodes()
  await lab.recovery.save('alice', [readRecoveryCode(typed) ?? ''], lab.clock.now())
  await alice.post('/2fa/recovery-code', { code: typed }, spoofed)
  const told = lab.mails.map(({ values }) => [
    'event' in values && values.event,
    'portalUrl' in values && values.portalUrl,
  ])
  assert.deepEqual(told, [
    ['password-changed', 'https://example.com/'],
    ['recovery-code-used', 'https://example.com/'],
  ])
})

test('a session that ended before its trusted browser could raise it leaves no second factor in the trail', async (t) => {
  const lab = await labFor(t, { trustedBrowser: 86_400_000 })
  const alice = await signedIn(lab, 'alice')
  await alice.post('/2fa/one-time-password', { code: CODE, trust: 'yes' })
  const before = lab.events.length
  const isTrusted = lab.browsers.isTrusted.bind(lab.browsers)
  lab.browsers.isTrusted = async (...asked) => {
    lab.endSessions('alice')
    return isTrusted(...asked)
  }
  await alice.signIn('alice')
  assert.deepEqual(
    lab.events.slice(before).map(({ kind }) => kind),
    ['sign-in'],
  )
})
