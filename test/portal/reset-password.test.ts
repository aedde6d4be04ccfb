// A forgotten password, as a browser without JavaScript and a scanner of mails meet it.
import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import type { Mail } from '../../src/notify/mailer.ts'
import { type OpenLab, openLab, PASSWORD } from './lab.ts'

const GOOD = 'truck-sail-orbit-plum'
const STEP1 = '/reset-password/step1'
const STEP2 = '/reset-password/step2'
let lab: OpenLab
beforeEach(async () => {
  lab = await openLab({ passwordResetDisabled: false })
})
afterEach(() => lab.close())

const mailed = () => (lab.mails.at(-1) as Mail<'reset-password'>).values
async function linkFor(username: string): Promise<{ readonly path: string; readonly token: string }> {
  await lab.client().post(STEP1, { username })
  const { pathname, search, searchParams } = new URL(mailed().resetUrl)
  return { path: pathname + search, token: searchParams.get('token') ?? '' }
}
const fields = (token: string, password = GOOD) => ({ token, password, again: password })

test('from “Forgot your password?” to the new one: mail, form, signed out elsewhere, notice, sign-in', async () => {
  const elsewhere = lab.client()
  await elsewhere.signIn('alice')
  const client = lab.client()
  assert.match((await client.get('/')).body, /<a href="\/reset-password\/step1"[^>]*>Forgot your password\?/)
  assert.equal((await client.get(STEP1)).status, 200)
  const asked = await client.post(STEP1, { username: 'alice' })
  assert.equal(asked.status, 200)
  assert.match(asked.body, /If there is an account of that name/)

  const { path, token } = await linkFor('alice')
  const page = await client.get(path)
  assert.equal(page.status, 200)
  assert.match(page.body, /Choose a new password/)
  assert.match(page.body, /at least 8 characters/)
  const done = await client.post(STEP2, fields(token))
  assert.equal(done.status, 200)
  assert.match(done.body, /Your new password counts/)
  assert.equal(done.headers['set-cookie'], undefined, 'RST-06: nobody is signed in by it')
  assert.match((await elsewhere.get('/')).body, /name="username"/, 'signed out')
  assert.deepEqual(
    lab.mails.map(({ name }) => name),
    ['reset-password', 'reset-password', 'notice'],
  )
  assert.equal((await client.post('/', { username: 'alice', password: PASSWORD })).status, 401)
  assert.equal((await client.post('/', { username: 'alice', password: GOOD })).status, 303)
})

test('RST-06 the second factor stays, and is asked for afterwards', async () => {
  const { token } = await linkFor('alice')
  const client = lab.client()
  await client.post(STEP2, fields(token))
  assert.equal(lab.codes.has('alice'), true)
  await client.post('/', { username: 'alice', password: GOOD })
  assert.match((await client.get('/?rd=https://vault.example.com/')).body, /id="code"/)
})

test('ENU-02 ENU-08 the answer is the same for everybody, byte by byte but for the nonces', async () => {
  const answers: string[] = []
  for (const username of ['alice', 'bob', 'nobody', 'alice@example.com', 'ALICE\u0130']) {
    const { status, body, headers } = await lab.client().post(STEP1, { username })
    const { date: _, 'content-security-policy': policy, ...rest } = headers
    answers.push(
      JSON.stringify([status, body.replace(/nonce="[^"]*"/g, ''), rest, String(policy).replace(/nonce-[^']*/g, '')]),
    )
  }
  assert.equal(new Set(answers).size, 1)
  assert.doesNotMatch(answers[0] ?? '', /@example/)
})

test('RST-02 fetching the link, as scanners of mails do, uses nothing up; the form does, once', async () => {
  const { path, token } = await linkFor('alice')
  for (const method of ['GET', 'HEAD', 'GET']) assert.equal((await lab.client().send(method, path)).status, 200)
  const answers = await Promise.all(Array.from({ length: 20 }, () => lab.client().post(STEP2, fields(token))))
  assert.equal(answers.filter(({ status }) => status === 200).length, 1)
  assert.equal(answers.filter(({ status }) => status !== 200 && status !== 403 && status !== 429).length, 0)
  assert.equal((await lab.client().get(path)).status, 403)
})

test('what is wrong with the new password is said, and the link stays good', async () => {
  const { token } = await linkFor('alice')
  const client = lab.client()
  for (const [answer, says] of [
    [await client.post(STEP2, fields(token, 'short')), /too short: it needs 8 characters/],
    [await client.post(STEP2, { token, password: GOOD, again: 'another' }), /differ/],
    [await client.post(STEP2, { token, password: '', again: '' }), /Fill in all the fields/],
  ] as const) {
    assert.equal(answer.status, 400)
    assert.match(answer.body, says)
    assert.ok(!answer.body.includes('short"'), 'what was typed is not sent back')
  }
  assert.equal((await client.post(STEP2, fields(token))).status, 200)
})

test('RST-02 a link that is no link, or no longer one, says what to do', async () => {
  const { token } = await linkFor('alice')
  await linkFor('alice')
  for (const [path, wrong] of [
    [`${STEP2}?token=${token}`, token],
    [STEP2, ''],
    [`${STEP2}?token=a&token=b`, 'a'],
    [`${STEP2}?token=${encodeURIComponent('../../etc')}`, '../../etc'],
  ] as const) {
    const page = await lab.client().get(path)
    assert.equal(page.status, 403, path)
    assert.match(page.body, /Ask for a new one/)
    assert.equal((await lab.client().post(STEP2, fields(wrong))).status, 403)
  }
  assert.equal(lab.passwords.get('alice'), PASSWORD)
})

test('RST-02 nobody’s link sets a password in the browser of somebody else who is signed in', async () => {
  const { path, token } = await linkFor('alice')
  const bob = lab.client()
  await bob.signIn('bob')
  assert.equal((await bob.get(path)).status, 403)
  assert.equal((await bob.post(STEP2, fields(token))).status, 403)
  assert.deepEqual([lab.passwords.get('alice'), lab.passwords.get('bob')], [PASSWORD, PASSWORD])
  const alice = lab.client()
  await alice.signIn('alice')
  assert.equal((await alice.post(STEP2, fields(token))).status, 200)
})

test('RST-01 links are made of the configured address, whatever the request says of its host', async () => {
  for (const headers of [
    { 'x-forwarded-host': 'auth.example.com:1234' },
    { 'x-original-url': 'https://evil.example/' },
    { forwarded: 'host=evil.example' },
    { 'x-forwarded-prefix': '/evil' },
    { 'x-forwarded-host': 'AUTH.example.com' },
  ]) {
    await lab.client().post(STEP1, { username: 'alice' }, { ...headers, origin: 'https://auth.example.com' })
    const { resetUrl, revokeUrl } = mailed()
    assert.ok(resetUrl.startsWith('https://auth.example.com/reset-password/step2?token='), resetUrl)
    assert.ok(revokeUrl.startsWith('https://auth.example.com/revoke/reset-password?token='), revokeUrl)
  }
  const before = lab.mails.length
  const evil = await lab.client().post(STEP1, { username: 'alice' }, { 'x-forwarded-host': 'evil.example' })
  assert.equal(evil.status, 421)
  assert.equal(lab.mails.length, before)
})

test('RST-01 where no address is configured nothing is mailed', async () => {
  const [domain] = lab.settings.cookies
  assert.ok(domain)
  lab.settings = { ...lab.settings, cookies: [{ ...domain, portalUrl: undefined }] }
  assert.equal((await lab.client().get(STEP1)).status, 404)
  assert.equal((await lab.client().post(STEP1, { username: 'alice' })).status, 404)
  assert.doesNotMatch((await lab.client().get('/')).body, /Forgot/)
  assert.deepEqual(lab.mails, [])
})

test('the link that takes it back does so when its button is pressed, by anybody', async () => {
  const { token } = await linkFor('alice')
  const path = '/revoke/reset-password'
  assert.equal((await lab.client().get(`${path}?token=${token}`)).status, 200)
  assert.equal((await lab.client().get(`${STEP2}?token=${token}`)).status, 200)
  assert.equal((await lab.client().post(path, { token })).status, 200)
  assert.equal((await lab.client().post(path, { token })).status, 403)
  assert.equal((await lab.client().get(`${STEP2}?token=${token}`)).status, 403)
})

test('where resetting is turned off, or done elsewhere, the pages are not there', async () => {
  for (const settings of [{ passwordResetDisabled: true }, { passwordResetUrl: 'https://reset.example.com/' }]) {
    lab.settings = { ...lab.settings, passwordResetDisabled: false, passwordResetUrl: undefined, ...settings }
    for (const path of [STEP1, STEP2, '/revoke/reset-password']) {
      assert.equal((await lab.client().get(path)).status, 404, path)
      assert.equal((await lab.client().post(path, { username: 'alice' })).status, 404, path)
    }
    const link = /href="([^"]*)"[^>]*>Forgot/.exec((await lab.client().get('/')).body)?.[1]
    assert.equal(link, settings.passwordResetUrl)
  }
  assert.deepEqual(lab.mails, [])
})

test('a users file that can not be written is said before any mail, to everybody alike', async () => {
  lab.store.isReadOnly = true
  for (const username of ['alice', 'nobody']) {
    const answer = await lab.client().post(STEP1, { username })
    assert.equal(answer.status, 503)
    assert.match(answer.body, /can’t write down a new password/)
  }
  assert.deepEqual(lab.mails, [])
})

test('ENU-07 asking is limited for each address, whoever is asked for', async () => {
  const { rateLimits } = lab.settings
  const reset_password_start = { enable: true, buckets: [{ period: 60_000, requests: 2 }] }
  lab.settings = { ...lab.settings, rateLimits: { ...rateLimits, reset_password_start } }
  const statuses: number[] = []
  for (const username of ['alice', 'nobody', 'alice'])
    statuses.push((await lab.client().post(STEP1, { username })).status)
  assert.deepEqual(statuses, [200, 200, 429])
})

test('LOG-01 neither token nor password is in the log', async () => {
  const { token, path } = await linkFor('alice')
  await lab.client().get(path)
  await lab.client().post(STEP2, fields(token, 'short-and-secret'.slice(0, 6)))
  await lab.client().post(STEP2, fields(token))
  const told = lab.logged.join('\n') + JSON.stringify(lab.events)
  for (const secret of [token, GOOD]) assert.equal(told.includes(secret), false)
})
