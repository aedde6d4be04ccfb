// Codes by mail: for whom they are good, how often, how long, and how they are made.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { randomText } from '../../src/base/random-text.ts'
import { type Asker, CODE_CHARACTERS } from '../../src/login/elevation-codes.ts'
import type { Mail } from '../../src/notify/mailer.ts'
import { ELEVATED_SESSION, fixture, user } from './fixture.ts'

const asker = (change: Partial<Asker> = {}): Asker => ({
  user: user('alice'),
  session: 'a'.repeat(64),
  from: '203.0.113.7',
  ...change,
})
const way = { language: 'en', revokeUrl: (handle: string) => `https://auth.example.com/revoke?id=${handle}` }
const codeOf = (mail: Mail | undefined): string => (mail as Mail<'one-time-code'>).values.code

function lab() {
  const parts = fixture()
  const send = async (who = asker()) => {
    const sent = await parts.elevation.send(who, ELEVATED_SESSION, way)
    assert.equal(sent.kind, 'sent')
    return { handle: sent.kind === 'sent' ? sent.handle : '', code: codeOf(parts.mails.at(-1)) }
  }
  const kind = async (code: string, who = asker()) => (await parts.elevation.redeem(who, code)).kind
  return { ...parts, send, kind }
}

test('OTC-04 the code goes to the stored address, with what one needs to know of it', async () => {
  const { send, mails } = lab()
  const { handle, code } = await send()
  assert.equal(mails.length, 1)
  assert.deepEqual(mails[0], {
    name: 'one-time-code',
    to: { address: 'alice@example.com', displayName: 'ALICE' },
    language: 'en',
    values: { code, minutes: 5, revokeUrl: way.revokeUrl(handle), from: '203.0.113.7' },
  })
  assert.match(code, /^[A-Z2-9]{8}$/)
  assert.match(handle, /^[\w-]{22}$/)
})

test('OTC-02 a code counts once, for the user, session and address it was sent for', async () => {
  const { send, kind } = lab()
  const { code } = await send()
  for (const other of [{ user: user('bob') }, { session: 'b'.repeat(64) }, { from: '203.0.113.8' }])
    assert.equal(await kind(code, asker(other)), 'refused', JSON.stringify(other))
  assert.equal(await kind(code), 'accepted')
  assert.equal(await kind(code), 'refused')
})

test('OTC-02 small letters and gaps are forgiven, other scripts are not', async () => {
  const { send, kind } = lab()
  const { code } = await send()
  const wide = [...code].map((character) => String.fromCharCode(character.charCodeAt(0) + 0xfee0)).join('')
  assert.equal(await kind(wide), 'refused')
  assert.equal(await kind(` ${code.slice(0, 4).toLowerCase()} ${code.slice(4)}\t`), 'accepted')
})

test('OTC-02 a code ends with its time, with a newer one, and when it is taken back', async () => {
  const { send, kind, clock, elevation } = lab()
  const first = await send()
  const second = await send()
  assert.equal(await kind(first.code), 'refused')
  assert.equal(await elevation.isSent(asker()), true)
  clock.advance(ELEVATED_SESSION.codeLifespan)
  assert.equal(await elevation.isSent(asker()), false)
  assert.equal(await kind(second.code), 'refused')
  const third = await send()
  assert.equal(await elevation.revoke(third.handle, '198.51.100.1'), true)
  assert.equal(await elevation.revoke(third.handle, '198.51.100.1'), false)
  assert.equal(await kind(third.code), 'refused')
  const fourth = await send()
  await elevation.endAll('alice')
  assert.equal(await kind(fourth.code), 'refused')
})

test('OTC-03 what is no handle, or nobody’s, revokes nothing', async () => {
  const { send, elevation } = lab()
  const { code } = await send()
  const handles = ['', '..%2f', 'A'.repeat(22), '!'.repeat(22), '🔑'.repeat(11), 'A'.repeat(1_000_000), code]
  for (const handle of handles) assert.equal(await elevation.revoke(handle, ''), false)
})

test('OTC-02 of many who redeem one code at once a single one succeeds', async () => {
  const { send, kind } = lab()
  const { code } = await send()
  // fewer than the limit of guesses, else that would be what refuses them
  const kinds = await Promise.all(Array.from({ length: 9 }, () => kind(code)))
  assert.equal(kinds.filter((each) => each === 'accepted').length, 1)
})

test('BRF-06 of two hundred guesses at once ten are looked at, and then the right code waits as well', async () => {
  const { send, kind, clock, events } = lab()
  const { code } = await send()
  const kinds = await Promise.all(Array.from({ length: 200 }, () => kind('WRONGXXX')))
  assert.equal(kinds.filter((each) => each === 'refused').length, 10)
  assert.equal(kinds.filter((each) => each === 'throttled').length, 190)
  assert.deepEqual(await kind(code), 'throttled')
  assert.equal(events.filter(({ reason }) => reason === 'wrong-code').length, 10)
  clock.advance(3_600_000)
  const again = await send()
  assert.equal(await kind(again.code), 'accepted')
})

test('guesses are counted for the address too, whoever makes them', async () => {
  const { kind } = lab()
  const kinds: string[] = []
  for (let i = 0; i < 40; i++) kinds.push(await kind('WRONGXXX', asker({ user: user(`user${i}`) })))
  assert.deepEqual(kinds, [...Array(30).fill('refused'), ...Array(10).fill('throttled')])
})

test('a right code makes up for the guesses before it', async () => {
  const { send, kind } = lab()
  for (let round = 0; round < 3; round++) {
    for (let i = 0; i < 5; i++) await kind('WRONGXXX')
    assert.equal(await kind((await send()).code), 'accepted')
  }
})

test('codes are mailed ten times an hour at most', async () => {
  const { elevation, mails } = lab()
  for (let i = 0; i < 10; i++) await elevation.send(asker(), ELEVATED_SESSION, way)
  assert.deepEqual(await elevation.send(asker(), ELEVATED_SESSION, way), { kind: 'throttled', retryAfterSeconds: 3600 })
  assert.equal(mails.length, 10)
})

test('redeeming takes a second at least, good or bad', async () => {
  const { send, kind, waits } = lab()
  const { code } = await send()
  await kind('WRONGXXX')
  await kind(code)
  await kind('WRONGXXX')
  assert.equal(waits.length, 3)
  assert.ok(waits.every((wait) => wait >= 1000))
})

test('to whom no mail can be sent it looks as if one were, and there is no code', async () => {
  const { elevation, mails, storage, clock } = lab()
  const withoutAddress = asker({ user: { ...user('alice'), emails: [] } })
  for (const [who, by] of [
    [withoutAddress, way],
    [asker(), undefined],
  ] as const) {
    const sent = await elevation.send(who, ELEVATED_SESSION, by)
    assert.match(sent.kind === 'sent' ? sent.handle : '', /^[\w-]{22}$/)
    assert.equal(await storage.codes.newest('change-account', 'alice', who.session, clock.now()), undefined)
  }
  assert.deepEqual(mails, [])
})

test('OTC-05 codes are unbiased, of the characters that are not taken for one another', () => {
  const counts = new Map<string, number>()
  const characters = 1_000_000
  for (const character of randomText(characters, CODE_CHARACTERS))
    counts.set(character, (counts.get(character) ?? 0) + 1)
  assert.deepEqual([...counts.keys()].sort(), [...CODE_CHARACTERS].sort())
  assert.equal(new Set(CODE_CHARACTERS).size, CODE_CHARACTERS.length)
  for (const ambiguous of 'IOS015') assert.equal(CODE_CHARACTERS.includes(ambiguous), false)
  const expected = characters / CODE_CHARACTERS.length
  const chiSquare = [...counts.values()].reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0)
  // 29 degrees of freedom: more than 80 in one of a million runs
  assert.ok(chiSquare < 80, `chi square ${chiSquare}`)
  assert.ok(8 * Math.log2(CODE_CHARACTERS.length) > 39)
})

test('LOG-01 neither code nor handle is in the trail or the log, nor in storage as such', async () => {
  const { send, kind, events, log, storage, clock } = lab()
  const { code, handle } = await send()
  const stored = await storage.codes.newest('change-account', 'alice', asker().session, clock.now())
  await kind(code)
  const told = JSON.stringify([events, log.lines])
  assert.deepEqual(
    events.map(({ kind: what }) => what),
    ['elevation-asked', 'elevation'],
  )
  for (const secret of [code, handle]) {
    assert.equal(told.includes(secret), false)
    assert.equal(JSON.stringify(stored).includes(secret), false)
  }
})
