// The page where somebody signed in shows afresh who he is, as a browser without JavaScript uses it.
import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import type { Mail } from '../../src/notify/mailer.ts'
import { type Client, CODE, type OpenLab, openLab, PASSWORD } from './lab.ts'

const HERE = '/register/one-time-code'
const CONFIRM = `/confirm?for=${encodeURIComponent(HERE)}`
const VAULT = 'https://vault.example.com/'
let lab: OpenLab
beforeEach(async () => {
  lab = await openLab()
})
afterEach(() => lab.close())

async function signedIn(username: string): Promise<Client> {
  const client = lab.client()
  await client.signIn(username)
  return client
}
const mailed = (): Mail<'one-time-code'>['values'] => (lab.mails.at(-1) as Mail<'one-time-code'>).values

test('whoever may be mailed is sent a code when he asks for it, and goes on with it', async () => {
  lab.codes.delete('alice')
  const alice = await signedIn('alice')
  assert.equal((await alice.get(HERE)).headers.location, CONFIRM)
  const asked = await alice.get(CONFIRM)
  assert.equal(asked.status, 200)
  assert.match(asked.body, /We’ll mail a code to a\*\*\*e@example\.com/)
  assert.doesNotMatch(asked.body, /id="code"|id="password"/)
  assert.equal(lab.mails.length, 0, 'looking at the page sends nothing')

  const sent = await alice.post('/confirm', { for: HERE, send: 'yes' })
  assert.deepEqual([sent.status, sent.headers.location], [303, CONFIRM])
  assert.equal(lab.mails.length, 1)
  const waiting = await alice.get(CONFIRM)
  assert.match(waiting.body, /id="code" name="code"/)
  const wrong = await alice.post('/confirm', { for: HERE, code: 'WRONGXXX' })
  assert.equal(wrong.status, 403)
  assert.match(wrong.body, /That code didn’t work/)
  assert.equal((await alice.post('/confirm', { for: HERE, code: ' ' })).status, 400)

  const before = alice.cookies.get('__Secure-latchkey_session')
  const right = await alice.post('/confirm', { for: HERE, code: mailed().code.toLowerCase() })
  assert.deepEqual([right.status, right.headers.location], [303, HERE])
  assert.notEqual(alice.cookies.get('__Secure-latchkey_session'), before, 'SES-01: a new id')
  assert.match((await alice.get(HERE)).body, /id="secret"/)
  assert.equal((await alice.get(CONFIRM)).headers.location, HERE, 'and is not asked again')
})

test('the way back to an application goes along, and the page says why it asks', async () => {
  lab.codes.delete('alice')
  const alice = await signedIn('alice')
  const needed = await alice.get(`/?rd=${encodeURIComponent(VAULT)}`)
  const register = await alice.get(needed.headers.location ?? '')
  const confirm = await alice.get(register.headers.location ?? '')
  assert.match(confirm.body, /you haven’t set one up yet/)
  assert.match(confirm.body, /vault\.example\.com/)
  await alice.post('/confirm', { for: HERE, rd: VAULT, rm: 'GET', send: 'yes' })
  const right = await alice.post('/confirm', { for: HERE, rd: VAULT, rm: 'GET', code: mailed().code })
  assert.equal(right.headers.location, `${HERE}?rd=${encodeURIComponent(VAULT)}&rm=GET`)
})

test('SES-14 the elevation ends with its time, and at another address at once', async () => {
  lab.codes.delete('alice')
  const alice = await signedIn('alice')
  await alice.post('/confirm', { for: HERE, send: 'yes' })
  await alice.post('/confirm', { for: HERE, code: mailed().code })
  const elsewhere = await alice.get(HERE, { 'x-forwarded-for': '203.0.113.8' })
  assert.equal(elsewhere.headers.location, CONFIRM)
  assert.equal((await alice.get(HERE)).status, 200)
  lab.clock.advance(lab.settings.elevatedSession.elevationLifespan)
  assert.equal((await alice.get(HERE)).headers.location, CONFIRM)
})

test('OTC-02 a code that was asked for in one session is worth nothing in another', async () => {
  lab.codes.delete('alice')
  const [one, two] = [await signedIn('alice'), await signedIn('alice')]
  await one.post('/confirm', { for: HERE, send: 'yes' })
  assert.equal((await two.post('/confirm', { for: HERE, code: mailed().code })).status, 403)
  assert.equal((await one.post('/confirm', { for: HERE, code: mailed().code })).status, 303)
})

test('MFA-01 password and code by mail together do not make up for a second factor', async () => {
  const alice = await signedIn('alice')
  const factor = `/2fa?for=${encodeURIComponent(HERE)}`
  for (const answer of [
    await alice.get(HERE),
    await alice.get(CONFIRM),
    await alice.post('/confirm', { for: HERE, send: 'yes' }),
    await alice.post('/confirm', { for: HERE, password: PASSWORD }),
  ])
    assert.deepEqual([answer.status, answer.headers.location], [303, factor])
  assert.equal(lab.mails.length, 0)
  const shown = await alice.post('/2fa/one-time-password', { for: HERE, code: CODE })
  assert.equal(shown.headers.location, HERE)
  assert.equal((await alice.get(HERE)).headers.location, CONFIRM)
})

test('skip_second_factor: at level 2 the password stands in for the code, and both are offered', async () => {
  lab.settings = { ...lab.settings, elevatedSession: { ...lab.settings.elevatedSession, skipSecondFactor: true } }
  const alice = await signedIn('alice')
  await alice.post('/2fa/one-time-password', { code: CODE })
  assert.equal((await alice.get(HERE)).status, 200, 'the password has just been given')
  lab.clock.advance(5 * 60_000)
  assert.equal((await alice.get(HERE)).headers.location, CONFIRM)
  const page = (await alice.get(CONFIRM)).body
  assert.match(page, /id="password"/)
  assert.match(page, /Mail me a code/)
  assert.equal((await alice.post('/confirm', { for: HERE, password: PASSWORD })).headers.location, HERE)
  assert.equal((await alice.get(HERE)).status, 200)
})

test('a password alone is no proof where a code can be mailed', async () => {
  lab.codes.delete('alice')
  const alice = await signedIn('alice')
  assert.equal((await alice.post('/confirm', { for: HERE, password: PASSWORD })).status, 303)
  assert.equal((await alice.get(HERE)).headers.location, CONFIRM)
})

test('to whom nothing can be mailed his password is asked for', async () => {
  lab.codes.delete('bob')
  const bob = await signedIn('bob')
  assert.equal((await bob.get(HERE)).status, 200, 'it has just been given')
  lab.clock.advance(5 * 60_000)
  assert.equal((await bob.get(HERE)).headers.location, CONFIRM)
  const page = (await bob.get(CONFIRM)).body
  assert.match(page, /type your password once more/)
  assert.doesNotMatch(page, /Mail me/)
  assert.equal((await bob.post('/confirm', { for: HERE, password: 'wrong' })).status, 401)
  assert.equal((await bob.post('/confirm', { for: HERE, password: '' })).status, 400)
  assert.equal((await bob.post('/confirm', { for: HERE, send: 'yes' })).status, 200)
  assert.equal(lab.mails.length, 0)
  const before = bob.cookies.get('__Secure-latchkey_session')
  assert.equal((await bob.post('/confirm', { for: HERE, password: PASSWORD })).headers.location, HERE)
  assert.notEqual(bob.cookies.get('__Secure-latchkey_session'), before, 'SES-01: a new id')
})

test('RED-01 the page leads to pages of the portal only', async () => {
  lab.codes.delete('bob')
  const bob = await signedIn('bob')
  for (const goOn of ['https://evil.example/', '//evil.example', '/\\evil.example', '/a/../b', '/%2f', 'account', '']) {
    const answer = await bob.get(`/confirm?for=${encodeURIComponent(goOn)}`)
    assert.deepEqual([answer.status, answer.headers.location], [303, '/'], goOn)
  }
})

test('a stranger is asked to sign in', async () => {
  for (const answer of [
    await lab.client().get(CONFIRM),
    await lab.client().post('/confirm', { for: HERE, send: 'yes' }),
    await lab.client().post('/confirm', { for: HERE, code: 'AAAAAAAA' }),
  ])
    assert.deepEqual([answer.status, answer.headers.location], [303, '/'])
})

test('RST-01 the link in the mail is the configured address, whatever the request said of its host', async () => {
  lab.codes.delete('alice')
  const alice = await signedIn('alice')
  const headers = {
    'x-forwarded-host': 'auth.example.com:1234',
    'x-original-url': 'https://evil.example/',
    forwarded: 'host=evil.example',
  }
  await alice.post('/confirm', { for: HERE, send: 'yes' }, headers)
  assert.match(mailed().revokeUrl, /^https:\/\/auth\.example\.com\/revoke\/one-time-code\?id=[\w-]{22}$/)
})

test('OTC-03 the mail’s link takes the code back, but only when its button is pressed, and by anybody', async () => {
  lab.codes.delete('alice')
  const alice = await signedIn('alice')
  await alice.post('/confirm', { for: HERE, send: 'yes' })
  const { code, revokeUrl } = mailed()
  const { pathname, search, searchParams } = new URL(revokeUrl)
  const id = searchParams.get('id') ?? ''
  const stranger = lab.client()
  const page = await stranger.get(pathname + search)
  assert.equal(page.status, 200)
  assert.ok(page.body.includes(`value="${id}"`))
  assert.match((await alice.get(CONFIRM)).body, /id="code"/, 'a scanner of mails has changed nothing')
  assert.equal((await stranger.post(pathname, { id })).status, 200)
  assert.equal((await stranger.post(pathname, { id })).status, 404)
  assert.equal((await stranger.post(pathname, { id: '../..' })).status, 404)
  assert.equal((await alice.post('/confirm', { for: HERE, code })).status, 403)
})

test('mails are limited for each address, as through the API', async () => {
  lab.codes.delete('alice')
  lab.settings = {
    ...lab.settings,
    rateLimits: {
      ...lab.settings.rateLimits,
      session_elevation_start: { enable: true, buckets: [{ period: 60_000, requests: 1 }] },
    },
  }
  const alice = await signedIn('alice')
  assert.equal((await alice.post('/confirm', { for: HERE, send: 'yes' })).status, 303)
  const more = await alice.post('/confirm', { for: HERE, send: 'yes' })
  assert.deepEqual([more.status, more.headers['retry-after']], [429, '60'])
})
