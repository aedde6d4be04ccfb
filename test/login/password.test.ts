// The password at the portal: regulation, races, what is recorded, and that every refusal is alike.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createLogin } from '../../src/login/create-login.ts'
import { fakeDirectory, fixture, from, REGULATION, settle, TOTP } from './fixture.ts'

const REFUSED_BAN = { kind: 'refused', reason: 'banned-user' }

test('the right password is accepted under the canonical name and recorded', async () => {
  const { login, storage } = fixture()
  const outcome = await login.password('BOB@example.com', 'password', from())
  assert.equal(outcome.kind === 'accepted' && outcome.user.username, 'bob')
  assert.deepEqual(
    storage.rows.map(({ username, successful, kind, requestUri }) => ({ username, successful, kind, requestUri })),
    [{ username: 'bob', successful: true, kind: '1FA', requestUri: 'https://app.example.com/a' }],
  )
})

test('a password that is changed, or a user who is removed, while the answer is held back: refused', async () => {
  for (const change of ['setPassword', 'remove'] as const) {
    const { login, directory, waits } = fixture()
    waits.push = () => {
      directory[change]('bob', 'new')
      return 1
    }
    assert.deepEqual(await login.password('bob', 'password', from()), { kind: 'refused', reason: 'wrong-password' })
    assert.equal((await login.reauthenticate('alice', 'password', from())).kind, 'accepted')
  }
})

test('the third failure bans, the ban outlasts the right password, and ends ban_time after the last failure', async () => {
  const { login, storage, clock } = fixture()
  for (let i = 0; i < 3; i++) {
    assert.deepEqual(await login.password('bob', 'wrong', from()), { kind: 'refused', reason: 'wrong-password' })
    clock.advance(1000)
  }
  assert.equal(storage.allBans.length, 1)
  clock.advance(298_999)
  assert.deepEqual(await login.password('bob', 'password', from()), REFUSED_BAN)
  assert.equal(storage.rows.at(-1)?.banned, true)
  clock.advance(1)
  assert.equal((await login.password('bob', 'password', from())).kind, 'accepted')
})

test('a success wipes the count, failures older than find_time count no more, and attempts during a ban do not prolong it', async () => {
  const { login, storage, clock } = fixture()
  const fail = () => login.password('bob', 'wrong', from())
  await fail()
  await fail()
  await login.password('bob', 'password', from())
  await fail()
  await fail()
  assert.equal(storage.allBans.length, 0)
  clock.advance(120_001)
  await fail()
  await fail()
  assert.equal(storage.allBans.length, 0)
  await fail()
  assert.equal(storage.allBans.length, 1)
  for (let i = 0; i < 5; i++) await fail()
  assert.equal(storage.allBans.length, 1)
  clock.advance(300_000)
  // failures from before the ban count no more
  await fail()
  await fail()
  assert.equal(storage.allBans.length, 1)
})

test('max_retries 0 bans nobody, but a ban made by hand holds', async () => {
  const { login, storage, clock } = fixture({ regulation: { maxRetries: 0 } })
  for (let i = 0; i < 10; i++) await login.password('bob', 'wrong', from())
  assert.equal(storage.allBans.length, 0)
  await storage.bans.add({
    kind: 'user',
    value: 'bob',
    createdAt: clock.now(),
    expiresAt: undefined,
    source: 'cli',
    reason: '',
  })
  assert.deepEqual(await login.password('bob', 'password', from()), REFUSED_BAN)
})

test('a ban by hand of one IPv6 address holds for it, whatever its /64 is', async () => {
  const { login, storage, clock } = fixture()
  const ban = { kind: 'ip', createdAt: clock.now(), expiresAt: undefined, source: 'cli', reason: '' } as const
  await storage.bans.add({ ...ban, value: '2001:db8::5' })
  assert.deepEqual(await login.password('bob', 'password', from('2001:db8:0::5')), {
    kind: 'refused',
    reason: 'banned-address',
  })
  assert.equal((await login.password('bob', 'password', from('2001:db8::6'))).kind, 'accepted')
})

test('BRF-01 all spellings of one user share a counter, on every path', async () => {
  const { login } = fixture()
  await login.password('bob', 'wrong', from())
  await login.basic('BOB@example.com', 'wrong', from('198.51.100.1'), 0)
  await login.reauthenticate('bob', 'wrong', from('198.51.100.2'))
  for (const typed of ['bob', 'BOB', 'Bob@Example.com'])
    assert.deepEqual(await login.password(typed, 'password', from()), REFUSED_BAN, typed)
  assert.deepEqual(await login.basic('bob', 'password', from(), 60_000), REFUSED_BAN)
  assert.deepEqual(await login.reauthenticate('bob', 'password', from()), REFUSED_BAN)
})

test('BRF-01 spellings that resolve to nobody count for the address', async () => {
  const { login, storage } = fixture({ regulation: { modes: ['ip'] } })
  for (const typed of [' bob', 'bob\u200b', 'ｂｏｂ']) {
    assert.deepEqual(await login.password(typed, 'password', from()), { kind: 'refused', reason: 'unknown-user' })
  }
  assert.deepEqual(
    storage.allBans.map(({ kind, value }) => ({ kind, value })),
    [{ kind: 'ip', value: '203.0.113.7' }],
  )
  assert.ok(storage.rows.every((row) => row.username === ''))
})

test('BRF-03 IPv6 counts by /64 and an IPv4-mapped address as IPv4', async () => {
  const { login } = fixture({ regulation: { modes: ['ip'] } })
  for (let i = 1; i <= 3; i++) await login.password(`user${i}`, 'x', from(`2001:db8:1:2::${i}`))
  const banned = { kind: 'refused', reason: 'banned-address' }
  assert.deepEqual(await login.password('bob', 'password', from('2001:db8:1:2:ffff::1')), banned)
  assert.equal((await login.password('bob', 'password', from('2001:db8:1:3::1'))).kind, 'accepted')
  for (let i = 1; i <= 3; i++) await login.password('x', 'x', from(i % 2 ? '::ffff:192.0.2.1' : '192.0.2.1'))
  assert.deepEqual(await login.password('bob', 'password', from('192.0.2.1')), banned)
})

test('BRF-04 in ip mode failures from elsewhere keep nobody out', async () => {
  const { login } = fixture({ regulation: { modes: ['ip'] } })
  for (let i = 0; i < 9; i++) await login.password('alice', 'wrong', from(`198.51.100.${i >> 1}`))
  assert.equal((await login.password('alice', 'password', from())).kind, 'accepted')
})

test('BRF-08 one password tried on many users from one address ends in a ban of the address', async () => {
  const { login, directory } = fixture({ regulation: { modes: ['user', 'ip'] } })
  for (const name of ['alice', 'bob', 'carol']) await login.password(name, 'Spring2026', from())
  assert.deepEqual(await login.password('bob', 'password', from()), { kind: 'refused', reason: 'banned-address' })
  assert.equal(directory.checks.filter(({ username }) => username !== undefined).length, 3)
})

test('BRF-09 failures of unknown users count for the address', async () => {
  const { login } = fixture({ regulation: { modes: ['ip'] } })
  for (const typed of ['x', 'y', 'z']) await login.password(typed, 'x', from())
  assert.deepEqual(await login.password('bob', 'password', from()), { kind: 'refused', reason: 'banned-address' })
})

test('BRF-06 of 200 parallel wrong passwords max_retries are really checked, whatever order they end in', async () => {
  for (const modes of [['user'], ['ip'], ['user', 'ip']] as const) {
    const { login, directory, storage } = fixture({ regulation: { modes } })
    directory.hold()
    const running = Array.from({ length: 200 }, (_, i) => login.password('bob', `guess ${i}`, from()))
    await settle()
    assert.equal(directory.checks.filter(({ username }) => username === 'bob').length, 3)
    directory.release()
    const outcomes = await Promise.all(running)
    assert.equal(directory.checks.filter(({ username }) => username === 'bob').length, 3, modes.join())
    const reasons = outcomes.map((outcome) => (outcome.kind === 'refused' ? outcome.reason : outcome.kind))
    assert.equal(reasons.filter((reason) => reason === 'wrong-password').length, 3)
    assert.equal(reasons.filter((reason) => reason.startsWith('banned-')).length, 197)
    assert.deepEqual(new Set(storage.allBans.map(({ kind }) => kind)).size, storage.allBans.length)
    if (modes[0] === 'user')
      assert.deepEqual(await login.password('bob', 'password', from('198.51.100.1')), REFUSED_BAN)
    // 200 failures at once are paid back by their address
    assert.equal((await login.password('carol', 'password', from())).kind, 'throttled')
  }
})

test('BRF-06 200 parallel right passwords are delayed by each other and all accepted: a reservation never bans', async () => {
  for (const modes of [['user'], ['user', 'ip']] as const) {
    const { login, directory, storage } = fixture({ regulation: { modes } })
    directory.hold()
    const running = Array.from({ length: 200 }, () => login.password('bob', 'password', from()))
    await settle()
    assert.equal(directory.checks.length, 3)
    directory.release()
    assert.ok((await Promise.all(running)).every(({ kind }) => kind === 'accepted'))
    assert.equal(storage.allBans.length, 0)
  }
})

test('BRF-06 two failures and a success among parallel attempts leave the others their turn', async () => {
  const { login, storage } = fixture()
  const outcomes = await Promise.all(
    ['wrong', 'wrong', 'password', 'wrong', 'password'].map((password) => login.password('bob', password, from())),
  )
  assert.deepEqual(
    outcomes.map(({ kind }) => kind),
    ['refused', 'refused', 'accepted', 'refused', 'accepted'],
  )
  assert.equal(storage.allBans.length, 0)
})

test('BRF-06 a race over several users from one address stays within its limit', async () => {
  const { login, directory } = fixture({ regulation: { modes: ['ip'] } })
  const names = ['alice', 'bob', 'carol', 'nobody', 'none']
  await Promise.all(Array.from({ length: 60 }, (_, i) => login.password(names[i % 5] ?? '', `guess ${i}`, from())))
  assert.ok(directory.checks.filter(({ username }) => username !== undefined).length <= 3)
})

test('BRF-10 what cannot be asked refuses, says so in the log, and holds nobody up afterwards', async () => {
  const { login, storage, directory, log } = fixture()
  storage.broken = true
  const outcomes = await Promise.all(Array.from({ length: 20 }, () => login.password('bob', 'password', from())))
  assert.ok(outcomes.every((outcome) => outcome.kind === 'refused' && outcome.reason === 'unavailable'))
  assert.equal((await login.basic('bob', 'password', from(), 0)).kind, 'refused')
  assert.ok(log.lines.some(({ level }) => level === 'error'))
  storage.broken = false
  directory.broken = true
  assert.deepEqual(await login.password('bob', 'password', from()), { kind: 'refused', reason: 'unavailable' })
  directory.broken = false
  assert.equal((await login.password('bob', 'password', from())).kind, 'accepted')
})

test('BRF-10 a right password whose success cannot be recorded is refused', async () => {
  const { login, storage, directory } = fixture()
  directory.whileHashing = () => {
    storage.broken = true
  }
  assert.deepEqual(await login.password('bob', 'password', from()), { kind: 'refused', reason: 'unavailable' })
})

test('BRF-14 a clock set back neither lifts a ban early nor makes it last for ever', async () => {
  const { login, clock } = fixture()
  for (let i = 0; i < 3; i++) await login.password('bob', 'wrong', from())
  clock.advance(-3_600_000)
  assert.deepEqual(await login.password('bob', 'password', from()), REFUSED_BAN)
  clock.advance(3_600_000 + 300_000)
  assert.equal((await login.password('bob', 'password', from())).kind, 'accepted')
})

test('BRF-14 failures recorded in the future ban no longer than ban_time from now', async () => {
  const { login, clock, storage } = fixture()
  await login.password('bob', 'wrong', from())
  await login.password('bob', 'wrong', from())
  clock.advance(-3_600_000)
  await login.password('bob', 'wrong', from())
  assert.ok(storage.allBans.every(({ expiresAt }) => (expiresAt ?? Number.NaN) <= clock.now() + 300_000))
})

test('BAS-03 an empty, over-long or NUL-carrying name or password is refused before anything is asked', async () => {
  const { login, directory, storage } = fixture()
  for (const [typed, password] of [
    ['', 'password'],
    ['bob', ''],
    ['', ''],
    ['bob\0', 'password'],
    ['bob', 'password\0'],
    ['b'.repeat(513), 'password'],
    ['bob', 'p'.repeat(4097)],
  ] as const) {
    for (const outcome of [
      await login.password(typed, password, from()),
      await login.basic(typed, password, from(), 60_000),
      await login.reauthenticate(typed, password, from()),
    ])
      assert.deepEqual(outcome, { kind: 'refused', reason: 'malformed' })
  }
  assert.equal(directory.checks.length, 0)
  assert.equal(storage.rows.length, 0)
})

test('a full hashing queue throttles known and unknown alike and counts for nobody', async () => {
  const { login, directory, storage } = fixture()
  directory.overloaded = true
  const known = await login.password('bob', 'wrong', from())
  assert.equal(known.kind, 'throttled')
  assert.deepEqual(await login.password('nobody', 'wrong', from()), known)
  assert.equal(storage.rows.length, 0)
  directory.overloaded = false
  for (let i = 0; i < 2; i++) await login.password('bob', 'wrong', from())
  assert.equal((await login.password('bob', 'password', from())).kind, 'accepted')
})

test('ENU-01 every refusal costs one hash, whoever it was about', async () => {
  const { login, directory } = fixture({ regulation: { maxRetries: 1 } })
  for (const [typed, username] of [
    ['bob', 'bob'],
    ['bob', undefined],
    ['nobody', undefined],
  ] as const) {
    const before = directory.checks.length
    assert.equal((await login.password(typed, 'wrong', from())).kind, 'refused')
    assert.equal(directory.checks.length, before + 1)
    assert.equal(directory.checks.at(-1)?.username, username)
  }
})

test('ENU-01 a burst about an unknown name is let in as one about a known name is', async () => {
  const inFlight = async (typed: string) => {
    const { login, directory } = fixture()
    directory.hold()
    const running = Array.from({ length: 20 }, (_, i) => login.password(typed, `guess ${i}`, from()))
    await settle()
    const first = directory.checks.length
    directory.release()
    await Promise.all(running)
    return { first, all: directory.checks.length }
  }
  assert.deepEqual(await inFlight('nobody'), await inFlight('bob'))
})

test('LOG-01 neither the log nor the attempts hold a password, what was typed as a name, or the query of the way back', async () => {
  const { login, log, storage, events } = fixture()
  await login.password('my-password-by-mistake', 'canary-password', from())
  await login.password('bob', 'canary-password', from())
  const written = JSON.stringify([log.lines, storage.rows, events])
  assert.equal(events.length, 2)
  assert.doesNotMatch(written, /canary|by-mistake/)
})

test('a password that is changed, or a user who is removed, while it is hashed: the old one does not let in', async () => {
  const before = fakeDirectory()
  let now = before
  const { storage, clock, log } = fixture()
  const login = createLogin({
    directory: () => now,
    storage,
    audit: { record: async () => {} },
    clock,
    log,
    random: (size) => new Uint8Array(size),
    regulation: () => REGULATION,
    totp: () => TOTP,
    wait: async () => {},
  })
  const change = async (to: ReturnType<typeof fakeDirectory>) => {
    now = before
    before.whileHashing = () => {
      now = to
    }
    return login.password('bob', 'password', from())
  }
  assert.equal((await change(fakeDirectory())).kind, 'accepted')
  const another = fakeDirectory()
  another.setPassword('bob', 'another')
  assert.deepEqual(await change(another), { kind: 'refused', reason: 'wrong-password' })
  assert.deepEqual(await change(fakeDirectory(['alice'])), { kind: 'refused', reason: 'wrong-password' })
})
