import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { codeOfStep, timeStep } from '../../src/login/totp-code.ts'
import { decodeTotpSecret } from '../../src/login/totp-registration.ts'
import type { Mail } from '../../src/notify/mailer.ts'
import { type Client, CODE, openLab, PASSWORD } from './lab.ts'

const HERE = '/register/one-time-code'
const VAULT = 'https://vault.example.com/'
const lab = await openLab()
after(() => lab.close())

const secretOf = (body: string): string => /id="secret">([^<]*)</.exec(body)?.[1]?.replaceAll(' ', '') ?? ''

function codeNow(body: string): string {
  const secret = decodeTotpSecret(secretOf(body))
  assert.ok(secret)
  return codeOfStep({ secret, algorithm: 'SHA1', digits: 6, period: 30 }, timeStep(lab.clock.now(), 30))
}

async function signedIn(username: string): Promise<Client> {
  const client = lab.client()
  await client.signIn(username)
  return client
}

test('a stranger is asked to sign in, and comes back to where he wanted to go', async () => {
  const { status, headers } = await lab.client().get(`${HERE}?rd=${encodeURIComponent(VAULT)}`)
  assert.equal(status, 303)
  assert.equal(headers.location, `/?rd=${encodeURIComponent(VAULT)}&rm=GET`)
})

test('whoever needs a second factor and has none is told why, and led to set it up and then on', async () => {
  lab.codes.delete('bob')
  const client = await signedIn('bob')
  const needed = await client.get(`/?rd=${encodeURIComponent(VAULT)}`)
  assert.equal(needed.headers.location, `${HERE}?rd=${encodeURIComponent(VAULT)}&rm=GET`)
  const page = await client.get(needed.headers.location ?? '')
  assert.match(page.body, /vault\.example\.com asks for a one-time code besides your password/)
  assert.match(page.body, /<a class="qr" href="otpauth:\/\/totp\/[^"]*"[^>]*><svg/)
  const wrong = await client.post(`${HERE}/confirm`, { rd: VAULT, rm: 'GET', code: '000000' })
  assert.equal(wrong.status, 403)
  assert.equal(secretOf(wrong.body), secretOf(page.body), 'a wrong code keeps the secret that was scanned')
  assert.equal(lab.codes.has('bob'), false)
  const right = await client.post(`${HERE}/confirm`, { rd: VAULT, rm: 'GET', code: codeNow(page.body) })
  assert.equal(right.status, 303)
  assert.equal(lab.codes.has('bob'), true)
  assert.match((await client.get(right.headers.location ?? '')).body, /content="0;url=https:\/\/vault\.example\.com\/"/)
})

test('CSR-03 TOT-07 the password must have been given a short while ago, where nothing can be mailed', async () => {
  lab.codes.delete('bob')
  const client = await signedIn('bob')
  lab.clock.advance(5 * 60_000)
  const wanted = await client.get(`/?rd=${encodeURIComponent(VAULT)}`)
  const way = `rd=${encodeURIComponent(VAULT)}&rm=GET`
  assert.equal(wanted.headers.location, `${HERE}?${way}`)
  const here = await client.get(`${HERE}?${way}`)
  assert.equal(here.headers.location, `/confirm?${way}&for=${encodeURIComponent(HERE)}`)
  assert.match((await client.get(here.headers.location ?? '')).body, /you haven’t set one up yet/)
  const proven = await client.post('/confirm', { rd: VAULT, rm: 'GET', for: HERE, password: PASSWORD })
  assert.equal(proven.headers.location, `${HERE}?${way}`)
  const page = await client.get(HERE)
  assert.notEqual(secretOf(page.body), '')
  lab.clock.advance(5 * 60_000)
  const late = await client.post(`${HERE}/confirm`, { code: codeNow(page.body) })
  assert.deepEqual([late.status, late.headers.location], [303, `/confirm?for=${encodeURIComponent(HERE)}`])
  assert.equal(lab.codes.has('bob'), false)
})

test('a secret that waited too long is replaced, and nothing is set up by its code', async () => {
  lab.codes.delete('bob')
  const client = await signedIn('bob')
  const page = await client.get(HERE)
  lab.clock.advance(10 * 60_000)
  await client.post('/confirm', { for: HERE, password: PASSWORD })
  const late = await client.post(`${HERE}/confirm`, { code: codeNow(page.body) })
  assert.equal(late.status, 403)
  assert.match(late.body, /took too long, so nothing was set up/)
  assert.notEqual(secretOf(late.body), secretOf(page.body))
  assert.equal(lab.codes.has('bob'), false)
})

test('TOT-07 a secret belongs to the session that it was shown to', async () => {
  lab.codes.delete('bob')
  const one = await signedIn('bob')
  const two = await signedIn('bob')
  const page = await one.get(HERE)
  assert.equal(secretOf((await one.get(HERE)).body), secretOf(page.body))
  assert.notEqual(secretOf((await two.get(HERE)).body), secretOf(page.body))
  assert.equal((await two.post(`${HERE}/confirm`, { code: codeNow(page.body) })).status, 403)
  const three = await signedIn('bob')
  assert.equal((await three.post(`${HERE}/confirm`, { code: codeNow(page.body) })).status, 403)
  assert.equal(lab.codes.has('bob'), false)
})

test('MFA-01 a password alone does not replace codes that are there already', async () => {
  const client = await signedIn('alice')
  for (const answer of [await client.get(HERE), await client.post(`${HERE}/confirm`, { code: CODE })])
    assert.deepEqual([answer.status, answer.headers.location], [303, `/2fa?for=${encodeURIComponent(HERE)}`])
  const asked = await client.get(`/2fa?for=${encodeURIComponent(HERE)}`)
  assert.match(asked.body, /Show one of them before you replace them/)
  const shown = await client.post('/2fa', { code: CODE, for: HERE })
  assert.equal(shown.headers.location, HERE)
  const unconfirmed = await client.get(HERE)
  assert.equal(unconfirmed.headers.location, `/confirm?for=${encodeURIComponent(HERE)}`)
  await client.post('/confirm', { for: HERE, send: 'yes' })
  const { code } = (lab.mails.at(-1) as Mail<'one-time-code'>).values
  assert.equal((await client.post('/confirm', { for: HERE, code })).headers.location, HERE)
  assert.notEqual(secretOf((await client.get(HERE)).body), '')
})

test('TOT-06 the secret is on the page that shows it, and nowhere else', async () => {
  lab.codes.delete('bob')
  const client = await signedIn('bob')
  const page = await client.get(HERE)
  const secret = secretOf(page.body)
  assert.equal(page.headers['cache-control'], 'no-store')
  assert.equal(JSON.stringify(page.headers).includes(secret), false)
  assert.equal(lab.logged.join('\n').includes(secret), false)
  await client.post(`${HERE}/confirm`, { code: codeNow(page.body) })
  for (const path of ['/', '/?done=registration', '/2fa', HERE])
    assert.equal((await client.get(path)).body.includes(secret), false, path)
})

test('MFA-05 where one-time codes are turned off there is nothing to set up', async () => {
  const own = await openLab({ totpDisabled: true })
  try {
    const client = own.client()
    await client.signIn('bob')
    assert.equal((await client.get(HERE)).status, 404)
    assert.doesNotMatch((await client.get('/')).body, /register\/one-time-code/)
    const needed = await client.get(`/?rd=${encodeURIComponent(VAULT)}`)
    assert.equal(needed.status, 403)
    assert.match(needed.body, /and none can be given here/)
  } finally {
    await own.close()
  }
})
