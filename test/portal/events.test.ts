// What the pages record in the trail: who, from where, in which session; nothing of what was typed.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { codeOfStep, timeStep } from '../../src/login/totp-code.ts'
import { decodeTotpSecret } from '../../src/login/totp-registration.ts'
import { type Client, CODE, openLab, PASSWORD } from './lab.ts'

const lab = await openLab()
after(() => lab.close())
const BROWSER = { 'user-agent': 'a browser' }
const sessionOf = (client: Client): string => client.cookies.get('__Secure-latchkey_session') ?? ''

test('signing in, the second factor and signing out are recorded, each with the session it made', async () => {
  const client = lab.client()
  await client.post('/', { username: 'alice', password: PASSWORD }, BROWSER)
  const first = sessionOf(client)
  await client.post('/2fa', { code: CODE }, BROWSER)
  const second = sessionOf(client)
  await client.post('/logout', {}, BROWSER)
  await client.post('/logout', {}, BROWSER)
  const about = { username: 'alice', from: '203.0.113.7', userAgent: 'a browser' }
  assert.deepEqual(lab.events, [
    { ...about, kind: 'sign-in', subject: '1fa', session: first },
    { ...about, kind: 'second-factor', subject: 'totp', session: second },
    { ...about, kind: 'sign-out', session: second },
  ])
  assert.notEqual(first, second)
})

test('one-time codes that are set up are recorded, and nothing of their secret', async () => {
  lab.events.length = 0
  lab.codes.delete('bob')
  const client = lab.client()
  await client.signIn('bob')
  const page = await client.get('/register/one-time-code')
  const text = /id="secret">([^<]*)</.exec(page.body)?.[1]?.replaceAll(' ', '') ?? ''
  const secret = decodeTotpSecret(text)
  assert.ok(secret)
  const step = timeStep(lab.clock.now(), 30)
  const confirm = (code: string) => client.post('/register/one-time-code/confirm', { code })
  await confirm('000000')
  await confirm(codeOfStep({ secret, algorithm: 'SHA1', digits: 6, period: 30 }, step))
  assert.deepEqual(
    lab.events.map(({ kind, username, subject }) => [kind, username, subject]),
    [
      ['sign-in', 'bob', '1fa'],
      ['factor-added', 'bob', 'totp'],
    ],
  )
  assert.equal(lab.events[1]?.session, sessionOf(client))
  assert.ok(!JSON.stringify(lab.events).includes(text))
  assert.ok(!JSON.stringify(lab.events).includes(PASSWORD))
})
