// The trail over the whole server: what is recorded, what isn't, and what a visitor can't write into it.
import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { callServer } from '../../src/cli/server/admin-client.ts'
import { codeOfStep, timeStep } from '../../src/login/totp-code.ts'
import { decodeTotpSecret } from '../../src/login/totp-registration.ts'
import type { StoredEvent } from '../../src/storage/events.ts'
import { assertAllowed, type Browser, forwardAuth, type LogLine, PASSWORD, startLab } from './lab.ts'

const lab = await startLab({ quick: true })
after(() => lab.close())

const asked = async <T>(action: string, params: object): Promise<T> => {
  const answer = await callServer(join(lab.folder, 'db.sqlite3'), action, params)
  assert.equal(answer.kind, 'answered')
  return (answer as { value: T }).value
}
const lastId = async (): Promise<number> => (await asked<StoredEvent[]>('events.list', { limit: 1 }))[0]?.id ?? 0
const since = (id: number): Promise<StoredEvent[]> => asked('events.list', { after: id })
const told = (from: number): LogLine[] =>
  lab
    .log()
    .slice(from)
    .filter((line) => 'event' in line)
const brief = ({ kind, username, subject, reason }: StoredEvent): string =>
  [kind, username, subject, reason].filter((part) => part !== '').join(' ')
const basic = (username: string, password: string, client: string) =>
  forwardAuth('https://one.example.com/', {
    client,
    extra: [['Authorization', `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`]],
  })

test('LOG-02 each security event is one structured record in the log and in storage, with who, from where and why', async () => {
  const [lines, id] = [lab.log().length, await lastId()]
  const wrong = await lab.browser().post('/api/firstfactor', { username: 'bob', password: 'no' })
  assert.equal(wrong.status, 401)
  assert.equal((await lab.browser().post('/api/firstfactor', { username: 'whoever', password: 'no' })).status, 401)
  const bob = await lab.signedIn('bob', 1)
  lab.clock.advance(30_000)
  const code = lab.code('bob')
  const guess = code === '000000' ? '000001' : '000000'
  assert.equal((await bob.post('/api/secondfactor/totp', { token: guess })).status, 403)
  assert.equal((await bob.post('/api/secondfactor/totp', { token: code })).status, 200)
  await elevate(bob)
  assert.equal((await bob.post('/api/secondfactor/totp', '', 'DELETE')).status, 200)
  await setUp(bob)
  assert.equal((await bob.post('/api/logout', {})).status, 200)
  for (let i = 0; i < 3; i++)
    assert.equal((await lab.browser().post('/api/firstfactor', { username: 'carol', password: 'no' })).status, 401)
  assert.equal((await lab.browser().post('/api/firstfactor', { username: 'carol', password: PASSWORD })).status, 401)
  const [ban] = await asked<{ id: number }[]>('bans.list', {})
  await asked('bans.revoke', { id: ban?.id })
  assertAllowed(await lab.ask(basic('carol', PASSWORD, '203.0.113.9')), 'carol', 'Basic')

  const events = await since(id)
  assert.deepEqual(events.map(brief), [
    'sign-in-refused bob 1fa wrong-password',
    'sign-in-refused 1fa unknown-user',
    'sign-in bob 1fa',
    'second-factor-refused bob totp wrong-code',
    'second-factor bob totp',
    'elevation-asked bob mail',
    'elevation bob mail',
    'factor-removed bob totp',
    'factor-added bob totp',
    'sign-out bob',
    'sign-in-refused carol 1fa wrong-password',
    'banned carol too-many-failures',
    'sign-in-refused carol 1fa banned-user',
    'ban-lifted carol by-hand',
    'header-sign-in carol header',
  ])
  for (const { time, from, kind, session } of events) {
    assert.ok(Number.isSafeInteger(time))
    assert.match(from, kind === 'ban-lifted' ? /^cli$/ : /^203\.0\.113\.[79]$/)
    if (['sign-in', 'second-factor', 'factor-added', 'factor-removed', 'sign-out'].includes(kind))
      assert.match(session, /^[0-9a-f]{64}$/, kind)
  }
  assert.equal(events.find(({ reason }) => reason === 'wrong-password')?.times, 1)
  assert.deepEqual(
    [...new Set(told(lines).map((line) => line['event']))].toSorted(),
    [...new Set(events.map(({ kind }) => kind))].toSorted(),
  )
  for (const line of told(lines)) assert.match(String(line['time']), /^\d{4}-\d\d-\d\dT[\d:.]+Z$/)
})

/** By the code of the mail that the notifier writes into a file. */
async function elevate(browser: Browser): Promise<void> {
  const path = '/api/user/session/elevation'
  assert.equal((await browser.post(path, {})).status, 200)
  const mails = join(lab.folder, 'mail.txt')
  const written = (): string | undefined =>
    existsSync(mails) ? /^\s*([A-Z0-9]{8})\s*$/m.exec(readFileSync(mails, 'utf8'))?.[1] : undefined
  for (let tries = 0; written() === undefined && tries < 200; tries++) await sleep(25)
  const otc = written()
  assert.ok(otc)
  lab.secret(otc)
  assert.equal((await browser.post(path, { otc }, 'PUT')).status, 200)
}

/** One-time codes anew, by the API. */
async function setUp(browser: Browser): Promise<void> {
  const path = '/api/secondfactor/totp/register'
  const begun = await browser.post(path, { algorithm: 'SHA1', length: 6, period: 30 }, 'PUT')
  assert.equal(begun.status, 200, begun.body)
  const { data } = JSON.parse(begun.body) as { data: { base32_secret: string } }
  lab.secret(data.base32_secret)
  const secret = decodeTotpSecret(data.base32_secret)
  assert.ok(secret)
  const token = codeOfStep({ secret, algorithm: 'SHA1', digits: 6, period: 30 }, timeStep(lab.clock.now(), 30))
  const confirmed = await browser.post(path, { token })
  assert.equal(confirmed.status, 200, confirmed.body)
}

test('LOG-02 what the gate allows or refuses by a session is no event', async () => {
  const alice = await lab.signedIn('alice', 1)
  const [lines, id] = [lab.log().length, await lastId()]
  for (let i = 0; i < 5; i++) assertAllowed(await alice.asks('https://one.example.com/'), 'alice', 'allowed')
  await alice.asks('https://deny.example.com/')
  await lab.browser().asks('https://one.example.com/')
  assert.deepEqual(await since(id), [])
  assert.deepEqual(told(lines), [])
})

test('LOG-03 the filter for fail2ban of the handbook finds the true address, whatever a visitor writes', async () => {
  const page = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'how-to', 'who-signed-in.md'), 'utf8')
  const written = /failregex = (.*)/.exec(page)?.[1]
  assert.ok(written)
  const filter = new RegExp(written.replace('<HOST>', '(?<host>[0-9a-fA-F.:]+)'), 'gm')
  const before = lab.logText().length
  const hostile = [
    '{"level":"warn","time":"","event":"sign-in-refused","from":"192.0.2.66",',
    '\n{"level":"warn","time":"x","event":"sign-in-refused","from":"192.0.2.66","username":"',
    'x" from=192.0.2.66 remote_ip=192.0.2.66',
  ]
  for (const [i, text] of hostile.entries()) {
    const browser = lab.browser('auth.example.com', `203.0.113.${100 + i}`)
    const body = JSON.stringify({ username: text, password: text })
    const headers = [
      ['Content-Type', 'application/json'],
      ['Origin', 'https://auth.example.com'],
      ['User-Agent', text.replace('\n', ' ')],
    ] as const
    assert.equal((await browser.send('POST', '/api/firstfactor', body, headers)).status, 401)
  }
  const found = [...lab.logText().slice(before).matchAll(filter)].map((match) => match.groups?.['host'])
  assert.deepEqual(found, ['203.0.113.100', '203.0.113.101', '203.0.113.102'])
})

test('LOG-05 a flood of refusals is a row with a number, ten lines of the log, and one when the minute is over', async () => {
  const [lines, id] = [lab.log().length, await lastId()]
  const flood = Array.from({ length: 60 }, (_, i) => lab.ask(basic('nobody', `guess ${i}`, '203.0.113.77')))
  for (const { status } of await Promise.all(flood)) assert.notEqual(status, 200)
  const events = await since(id)
  assert.deepEqual(events.map(brief), ['sign-in-refused header unknown-user'])
  assert.equal(events[0]?.times, 60)
  assert.equal(told(lines).length, 10)
  lab.clock.advance(61_000)
  await since(id)
  assert.equal(told(lines).at(-1)?.['times'], 60)
  assert.equal(told(lines).length, 11)
})
