// Guessing passwords and codes over the whole server: counted for the right person and the right address, also at once.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import {
  type Ask,
  assertAllowed,
  assertClosed,
  forwardAuth,
  type Lab,
  PASSWORD,
  portalHeaders,
  ROGUE,
  startLab,
} from './lab.ts'

const ONE = 'https://one.example.com/'
const basic = (username: string, password: string) =>
  [['Authorization', `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`]] as const

const MIXED = { authentication_backend: { file: { search: { email: true, case_insensitive: true } } } }
const lab = await startLab({ changes: MIXED, quick: true })
after(() => lab.close())

let address = 0
/** From an address that hasn't tried before. */
const attempt = (username: string, password: string, one: Lab = lab) =>
  one
    .browser('auth.example.com', `198.51.${address >> 8}.${address++ & 255}`)
    .post('/api/firstfactor', { username, password })

/** No ban outlasts a test. */
const later = () => lab.clock.advance(10 * 60_000)

test('BRF-01 every spelling that means the same person is counted for him, at the portal and at the gate', async () => {
  assert.equal((await attempt('BOB', PASSWORD)).status, 200, 'letter case is folded')
  assert.equal((await attempt('Bob@Example.com', PASSWORD)).status, 200, 'by e-mail')
  await Promise.all([attempt('bob', 'no'), attempt('BoB', 'no')])
  await lab.ask(forwardAuth(ONE, { extra: basic('BOB@example.com', 'no') }))
  for (const name of ['bob', 'BOB', 'bob@example.com']) {
    assert.equal((await attempt(name, PASSWORD)).status, 401, name)
    assertClosed(await lab.ask(forwardAuth(ONE, { extra: basic(name, PASSWORD) })), name)
  }
  later()
  assert.equal((await attempt('bob', PASSWORD)).status, 200)
  for (const name of [' bob', 'bob ', 'bob\u200b', 'ｂｏｂ', 'bob\u0000', 'bob\n', 'bo\u0301b', '']) {
    assert.equal((await attempt(name, PASSWORD)).status, 401, JSON.stringify(name))
    assertClosed(await lab.ask(forwardAuth(ONE, { extra: basic(name, PASSWORD) })), JSON.stringify(name))
  }
  assert.equal((await attempt('bob', PASSWORD)).status, 200, 'what means nobody is counted for nobody')
})

test('BRF-01 proving the password again counts as well', async () => {
  later()
  const bob = await lab.signedIn('bob', 1)
  for (let i = 0; i < 3; i++)
    assert.equal((await bob.post('/api/firstfactor/reauthenticate', { password: 'no' })).status, 401)
  assert.equal((await bob.post('/api/firstfactor/reauthenticate', { password: PASSWORD })).status, 401)
  assert.equal((await attempt('bob', PASSWORD)).status, 401)
  assertAllowed(await bob.asks(ONE), 'bob', 'BRF-04 a ban shuts nobody out who is in')
})

test('BRF-03 an address that a client writes himself doesn’t make him another one', async () => {
  later()
  const statuses = await Promise.all(
    Array.from({ length: 50 }, (_, i) => {
      const list = `10.1.${i}.7, 198.18.0.1`
      return lab.browser('auth.example.com', list).post('/api/firstfactor', { username: `nobody-${i}`, password: 'no' })
    }),
  )
  assert.ok(statuses.some(({ status }) => status === 429) || (await limited('198.18.0.1')))
  assert.equal(await limited('198.18.0.1'), true)
  assert.equal(await limited('::ffff:198.18.0.1'), true, 'the same address as IPv6')
  await Promise.all(
    Array.from({ length: 50 }, (_, i) =>
      lab
        .browser('auth.example.com', `2001:db8:1:2::${i}`)
        .post('/api/firstfactor', { username: `nobody-${i}`, password: 'no' }),
    ),
  )
  assert.equal(await limited('2001:db8:1:2:ffff::1'), true, 'a /64 is one')
  assert.equal(await limited('2001:db8:1:3::1'), false)
  const rogue = async (i: number): Promise<number> => {
    const body = JSON.stringify({ username: 'carol', password: `no-${i}` })
    const headers = [...portalHeaders('auth.example.com', `10.2.0.${i}`), ['Content-Type', 'application/json'] as const]
    const ask: Ask = { method: 'POST', path: '/api/firstfactor', from: ROGUE, headers, body }
    return (await lab.ask(ask)).status
  }
  assert.equal(await rogue(1), 403, 'whoever is no proxy has no portal over http at all')
})

async function limited(client: string): Promise<boolean> {
  const answer = await lab
    .browser('auth.example.com', client)
    .post('/api/firstfactor', { username: 'nobody', password: 'no' })
  return answer.status === 429
}

test('BRF-06 two hundred passwords at once are looked at no more than a ban allows, and then the right one is refused', async () => {
  later()
  const statuses = new Map<number, number>()
  const before = lab.log().length
  const answers = await Promise.all(Array.from({ length: 200 }, (_, i) => attempt('alice', `wrong-${i}`)))
  for (const { status } of answers) statuses.set(status, (statuses.get(status) ?? 0) + 1)
  assert.deepEqual(
    [...statuses.keys()].filter((status) => status !== 401 && status !== 429),
    [],
  )
  assert.equal((await attempt('alice', PASSWORD)).status, 401)
  const looked = lab
    .log()
    .slice(before)
    .filter((line) => JSON.stringify(line).includes('wrong-password'))
  assert.ok(looked.length <= 3, `${looked.length} were looked at`)
  later()
  assert.equal((await attempt('alice', PASSWORD)).status, 200, 'the ban ends')
})

test('BRF-06 TOT-03 neither are two hundred codes, over however many sessions, and a new password resets nothing', async () => {
  later()
  const sessions = await Promise.all(Array.from({ length: 4 }, () => lab.signedIn('bob', 1)))
  lab.clock.advance(60_000)
  const wrong = (i: number) => String((Number(lab.code('bob')) + 1 + i) % 1_000_000).padStart(6, '0')
  const answers = await Promise.all(
    Array.from({ length: 100 }, (_, i) => {
      const session = sessions[i % sessions.length]
      assert.ok(session)
      const client = lab.browser('auth.example.com', `198.19.${i}.1`)
      for (const [name, value] of session.jar) client.jar.set(name, value)
      return client.post('/api/secondfactor/totp', { token: wrong(i * 7) })
    }),
  )
  assert.deepEqual([...new Set(answers.map(({ status }) => status))].toSorted(), [403, 429])
  const fresh = await lab.signedIn('bob', 1)
  const locked = await fresh.post('/api/secondfactor/totp', { token: lab.code('bob') })
  assert.notEqual(locked.status, 200, 'the right code, while nothing is looked at')
  assert.equal((await fresh.state()).authentication_level, 1)
})

test('ENU-01 from outside all refusals are one: status, headers, body, length', async () => {
  later()
  for (let i = 0; i < 3; i++) await attempt('carol', 'no')
  const cases = {
    unknown: 'nobody-at-all',
    wrong: 'alice',
    disabled: 'dave',
    banned: 'carol',
    email: 'alice@example.com',
  }
  const seen = new Set<string>()
  for (const [what, username] of Object.entries(cases)) {
    const { status, headers, body } = await attempt(username, 'no')
    const { date, ...rest } = headers
    seen.add(JSON.stringify({ status, body, rest }))
    assert.equal(seen.size, 1, what)
  }
})
