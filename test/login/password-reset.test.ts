// A forgotten password set anew: for whom, how often, by which link, and what it changes.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Mail } from '../../src/notify/mailer.ts'
import { PLACE, passwordsFixture } from './passwords-fixture.ts'

const LINKS = {
  resetUrl: (token: string) => `https://auth.example.com/reset?token=${token}`,
  revokeUrl: (token: string) => `https://auth.example.com/revoke?token=${token}`,
}
const GOOD = 'truck-sail-orbit-plum'

function lab() {
  const parts = passwordsFixture()
  const { resets, mails } = parts
  const links = () => mails.filter((mail) => mail.name === 'reset-password') as Mail<'reset-password'>[]
  const ask = async (typed = 'alice') => {
    await resets.ask(typed, PLACE, LINKS)
    return links().at(-1)?.values.resetUrl.split('token=')[1] ?? ''
  }
  const set = (token: string, password = GOOD) => resets.set({ kind: 'token', text: token }, password, PLACE)
  const kindOf = async (token: string) => {
    const outcome = await set(token)
    return typeof outcome === 'string' ? outcome : outcome.kind
  }
  const find = (token: string) => resets.find({ kind: 'token', text: token }, PLACE)
  return { ...parts, ask, set, kindOf, find, links }
}

test('a link sets a new password, ends what rested on the old one, and says so by mail', async () => {
  const { ask, set, find, directory, ended, mails, events } = lab()
  const token = await ask()
  assert.equal(((await find(token)) as { username: string }).username, 'alice')
  assert.deepEqual(await set(token), { kind: 'set' })
  assert.equal(directory.passwordStamp?.('alice'), GOOD)
  assert.deepEqual(ended, [
    ['alice', undefined],
    ['alice', undefined],
  ])
  assert.deepEqual(
    mails.map(({ name }) => name),
    ['reset-password', 'notice'],
  )
  const notice = mails.at(-1) as Mail<'notice'>
  assert.equal(notice.values.event, 'password-reset')
  assert.deepEqual(
    events.map(({ kind, username, reason }) => [kind, username, reason]),
    [
      ['password-reset-asked', 'alice', undefined],
      ['password-reset', 'alice', undefined],
    ],
  )
})

test('SES-07 where sessions can not be ended no password is set', async () => {
  const { ask, set, ended, directory } = lab()
  const token = await ask()
  const before = directory.passwordStamp?.('alice')
  ended.push = () => {
    throw new Error('the session database is full')
  }
  await assert.rejects(set(token), /is full/)
  assert.equal(directory.passwordStamp?.('alice'), before)
})

test('RST-02 a link is good once, whoever comes first of many at the same time', async () => {
  const { ask, kindOf } = lab()
  const token = await ask()
  const kinds = await Promise.all(Array.from({ length: 20 }, () => kindOf(token)))
  assert.deepEqual(kinds.sort(), [...Array(19).fill('gone'), 'set'])
  assert.equal(await kindOf(token), 'gone')
})

test('RST-02 looking at the link, as scanners of mails do, uses nothing up', async () => {
  const { ask, kindOf, find } = lab()
  const token = await ask()
  for (let i = 0; i < 5; i++) await find(token)
  assert.equal(await kindOf(token), 'set')
})

test('RST-02 a link ends with its time, which is looked at when it is used', async () => {
  const { ask, kindOf, clock } = lab()
  const token = await ask()
  clock.advance(301_000)
  assert.equal(await kindOf(token), 'expired')
})

test('RST-02 a newer link, another password, another address, and the user’s end each end a link', async () => {
  for (const what of ['newer', 'password', 'address', 'gone', 'revoked'] as const) {
    const { ask, kindOf, find, resets, directory } = lab()
    const token = await ask()
    if (what === 'newer') await ask()
    if (what === 'password') directory.setPassword('alice', 'set by other means')
    if (what === 'address') directory.setEmail('alice', 'alice@example.net')
    if (what === 'gone') directory.remove('alice')
    if (what === 'revoked') assert.equal(await resets.revoke(token, PLACE), true)
    assert.equal(await find(token), 'gone', what)
    assert.equal(await kindOf(token), 'gone', what)
    assert.equal(await resets.revoke(token, PLACE), what === 'password' || what === 'address' || what === 'gone', what)
  }
})

test('a weak password is refused and the link stays good', async () => {
  const { ask, set, kindOf } = lab()
  const token = await ask()
  assert.deepEqual(await set(token, 'short'), { kind: 'weak', weaknesses: [{ kind: 'too-short', least: 8 }] })
  assert.equal(await kindOf(token), 'set')
})

test('where nothing can be written nothing is used up', async () => {
  const { ask, kindOf, store } = lab()
  const token = await ask()
  store.isReadOnly = true
  assert.equal(await kindOf(token), 'failed')
  store.isReadOnly = false
  store.isBusy = true
  assert.equal(await kindOf(token), 'throttled')
  store.isBusy = false
  assert.equal(await kindOf(token), 'set')
})

test('a password that was changed while the new one was hashed is not overwritten', async () => {
  const { ask, kindOf, store, directory } = lab()
  const token = await ask()
  store.whileHashing = () => directory.setPassword('alice', 'changed meanwhile')
  assert.equal(await kindOf(token), 'gone')
  assert.equal(directory.passwordStamp?.('alice'), 'changed meanwhile')
})

test('RST-02 taking the link back works after somebody else has redeemed it, and when its own time is over', async () => {
  const { ask, resets, clock } = lab()
  const token = await ask()
  const granted = await resets.exchange(token, PLACE)
  assert.ok(typeof granted === 'object')
  clock.advance(400_000)
  assert.equal(await resets.find({ kind: 'token', text: token }, PLACE), 'expired')
  assert.equal(await resets.revoke(token, PLACE), true)
  assert.equal(await resets.set({ kind: 'grant', text: granted.grant }, GOOD, PLACE), 'gone')
  assert.equal(await resets.revoke(token, PLACE), false)
})

test('through the API a link is exchanged for a grant, once, and that sets the password once', async () => {
  const { ask, resets, kindOf, clock } = lab()
  const token = await ask()
  const grants = await Promise.all(Array.from({ length: 20 }, () => resets.exchange(token, PLACE)))
  const [granted, ...more] = grants.filter((grant) => typeof grant !== 'string')
  assert.ok(granted && more.length === 0)
  assert.equal(await kindOf(token), 'gone')
  const brought = { kind: 'grant', text: granted.grant } as const
  assert.equal(granted.expiresAt - clock.now(), 600_000)
  const outcomes = await Promise.all(Array.from({ length: 20 }, () => resets.set(brought, GOOD, PLACE)))
  assert.equal(outcomes.filter((outcome) => typeof outcome === 'object' && outcome.kind === 'set').length, 1)
  assert.equal(await resets.set(brought, GOOD, PLACE), 'gone')
})

test('a grant ends after ten minutes', async () => {
  const { ask, resets, clock } = lab()
  const granted = await resets.exchange(await ask(), PLACE)
  assert.ok(typeof granted === 'object')
  clock.advance(600_000)
  assert.equal(await resets.set({ kind: 'grant', text: granted.grant }, GOOD, PLACE), 'gone')
})

test('RST-07 ENU-08 only an exact name finds somebody, and the mail goes to the stored address', async () => {
  const { ask, links } = lab()
  for (const typed of [
    '',
    'nobody',
    'bob@example.com,evil@example.net',
    'bob\nbcc:evil@example.net',
    'bob%0abcc:evil@example.net',
    'alıce@example.com',
    'ALİCE',
    // the Kelvin sign, whose small letter is k
    'jac\u212a@example.com',
    'alice\0',
    'a'.repeat(5000),
  ])
    await ask(typed)
  assert.deepEqual(links(), [])
  await ask('Alice@Example.com')
  assert.deepEqual(
    links().map(({ to }) => to),
    [{ address: 'alice@example.com', displayName: 'ALICE' }],
  )
})

test('RST-07 the Kelvin sign does not stand for a k', async () => {
  const { ask, links } = lab()
  await ask('jac\u212a')
  assert.deepEqual(links(), [])
  await ask('JACK')
  assert.equal(links().length, 1)
})

test('ENU-02 ENU-07 for everybody it takes alike: known, unknown, without an address, too often', async () => {
  const { ask, waits, links, directory } = lab()
  directory.setEmail('carol', undefined)
  for (const typed of ['alice', 'nobody', 'carol', '', 'a'.repeat(5000), ...Array(10).fill('alice')]) await ask(typed)
  assert.equal(waits.length, 15)
  assert.equal(links().length, 6, 'and a person gets six mails an hour at most')
  // the clock stands still: whatever was done took no time, so all differences would be those of the delay
  assert.ok(
    waits.every((wait) => wait >= 250 && wait <= 500 + 84),
    String(waits),
  )
})

test('ENU-02 a storage that fails is nobody’s business either', async () => {
  const { ask, storage, waits, log, mails } = lab()
  storage.broken = true
  await ask('alice')
  assert.equal(waits.length, 1)
  assert.deepEqual(mails, [])
  assert.equal(log.lines.filter(({ level }) => level === 'error').length, 1)
})

test('RST-03 neither token nor its id is in storage, the trail or the log', async () => {
  const { ask, kindOf, events, log, stored } = lab()
  const token = await ask()
  const { jti } = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as { jti: string }
  assert.equal(Buffer.from(jti, 'base64url').length, 32, '256 bits')
  const kept = JSON.stringify(await stored(jti))
  assert.notEqual(kept, undefined)
  await kindOf(token)
  for (const secret of [token, jti, GOOD])
    for (const text of [kept, JSON.stringify([events, log.lines])]) assert.equal(text.includes(secret), false)
})

test('RST-03 no two ids are alike', async () => {
  const ids = new Set<string>()
  for (let i = 0; i < 200; i++) {
    const token = await lab().ask()
    ids.add(token.split('.')[1] ?? '')
  }
  assert.equal(ids.size, 200)
})
