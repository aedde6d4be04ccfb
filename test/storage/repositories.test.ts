import assert from 'node:assert/strict'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { manualClock } from '../../src/base/clock.ts'
import type { AttemptRow } from '../../src/storage/attempts.ts'
import { openStorage } from '../../src/storage/open-storage.ts'
import type { TotpConfiguration } from '../../src/storage/totp-configurations.ts'
import { temporaryFolder } from './temporary-folder.ts'

async function storageFor(t: TestContext) {
  const path = join(temporaryFolder(t), 'db.sqlite3')
  const storage = await openStorage({ path, encryptionKey: 'for tests only, twenty bytes', clock: manualClock(0) })
  t.after(() => storage.close())
  return storage
}
const attempt: AttemptRow = {
  time: 0,
  successful: false,
  banned: false,
  username: 'alice',
  kind: '1FA',
  remoteAddress: '203.0.113.7',
  requestUri: '',
  requestMethod: '',
  userAgent: '',
}

test('recent attempts are the counted ones of that user or address, newest first, later than asked', async (t) => {
  const { attempts } = await storageFor(t)
  await attempts.add({ ...attempt, time: 1 })
  await attempts.add({ ...attempt, time: 2, successful: true })
  await attempts.add({ ...attempt, time: 2 })
  await attempts.add({ ...attempt, time: 3, banned: true })
  await attempts.add({ ...attempt, time: 3, kind: 'TOTP' })
  await attempts.add({ ...attempt, time: 4, username: '', remoteAddress: '203.0.113.8' })
  assert.deepEqual(await attempts.recent({ username: 'alice' }, 0, 10), [
    { time: 2, successful: false },
    { time: 2, successful: true },
    { time: 1, successful: false },
  ])
  assert.equal((await attempts.recent({ username: 'alice' }, 1, 10)).length, 2)
  assert.equal((await attempts.recent({ username: 'alice' }, 0, 1)).length, 1)
  assert.deepEqual(await attempts.recent({ remoteAddress: '203.0.113.8' }, 0, 10), [{ time: 4, successful: false }])
  assert.equal(await attempts.prune(3), 3)
  assert.deepEqual(await attempts.recent({ username: 'alice' }, 0, 10), [])
})

test('a ban is in force until its end or its revocation, and its end is remembered', async (t) => {
  const { bans } = await storageFor(t)
  const ban = { kind: 'user', value: 'alice', source: 'regulation', reason: 'failures' } as const
  assert.equal(await bans.active('user', 'alice', 0), undefined)
  assert.equal(await bans.lastEnd('user', 'alice', 0), 0)
  const made = await bans.add({ ...ban, createdAt: 10, expiresAt: 20 })
  assert.deepEqual(await bans.active('user', 'alice', 19), made)
  assert.equal(await bans.active('user', 'alice', 20), undefined)
  assert.equal(await bans.active('ip', 'alice', 19), undefined)
  assert.equal(await bans.lastEnd('user', 'alice', 19), 0)
  assert.equal(await bans.lastEnd('user', 'alice', 20), 20)
  const forever = await bans.add({ ...ban, createdAt: 30, expiresAt: undefined })
  await bans.add({ ...ban, createdAt: 30, expiresAt: 40 })
  assert.equal((await bans.active('user', 'alice', 30))?.id, forever.id)
  assert.equal((await bans.list(30)).length, 2)
  assert.equal(await bans.revoke('user', 'alice', 35), 2)
  assert.equal(await bans.revoke('user', 'alice', 35), 0)
  assert.equal(await bans.active('user', 'alice', 36), undefined)
  assert.equal(await bans.lastEnd('user', 'alice', 36), 35)
})

const configuration: TotpConfiguration = {
  username: 'alice',
  issuer: 'example.com',
  algorithm: 'SHA256',
  digits: 8,
  period: 60,
  secret: Uint8Array.of(1, 2, 3),
  createdAt: 100,
  lastUsedAt: undefined,
}

test('a one-time-code device comes back as it was saved; a new one replaces it', async (t) => {
  const { totp } = await storageFor(t)
  await totp.save(configuration)
  const found = await totp.find('alice')
  assert.deepEqual({ ...found, secret: Uint8Array.from(found?.secret ?? []) }, configuration)
  await totp.save({ ...configuration, createdAt: 200, digits: 6 })
  assert.deepEqual(
    (await totp.list()).map((c) => [c.username, c.createdAt, c.digits]),
    [['alice', 200, 6]],
  )
  assert.equal(await totp.delete('alice'), true)
  assert.equal(await totp.delete('alice'), false)
  assert.equal(await totp.find('alice'), undefined)
})

test('a time step is consumed once in a race, never at or before an earlier one, never of a replaced device', async (t) => {
  const { totp } = await storageFor(t)
  await totp.save(configuration)
  const race = await Promise.all(Array.from({ length: 50 }, () => totp.consumeStep('alice', 100, 7, 1234)))
  assert.equal(race.filter(Boolean).length, 1)
  assert.equal(await totp.consumeStep('alice', 100, 6, 1234), false)
  assert.equal(await totp.consumeStep('alice', 100, 8, 1235), true)
  assert.equal((await totp.find('alice'))?.lastUsedAt, 1235)
  await totp.save({ ...configuration, createdAt: 200 })
  assert.equal(await totp.consumeStep('alice', 100, 9, 1236), false)
  assert.equal(await totp.consumeStep('alice', 200, 1, 1236), true)
  assert.equal(await totp.consumeStep('bob', 200, 1, 1236), false)
})

test('failures are counted each, also at once, and outlive the device', async (t) => {
  const { totp } = await storageFor(t)
  assert.deepEqual(await totp.failures('alice'), { failures: 0, lastFailureAt: 0 })
  const counts = await Promise.all(Array.from({ length: 20 }, (_, i) => totp.countFailure('alice', i)))
  assert.deepEqual(
    counts.map((c) => c.failures).sort((a, b) => a - b),
    Array.from({ length: 20 }, (_, i) => i + 1),
  )
  await totp.save(configuration)
  await totp.delete('alice')
  assert.deepEqual(await totp.failures('alice'), { failures: 20, lastFailureAt: 19 })
  await totp.clearFailures('alice')
  assert.deepEqual(await totp.failures('alice'), { failures: 0, lastFailureAt: 0 })
})

test('INJ-02 names are data: quotes, semicolons and NUL come back as they were and touch nothing else', async (t) => {
  const { preferences } = await storageFor(t)
  await preferences.save('alice', { method: 'totp' })
  for (const name of ["x' OR '1'='1", 'x"; DROP TABLE preferences; --', 'a\0b', '%', '_']) {
    assert.equal(await preferences.find(name), undefined)
    await preferences.save(name, { method: name })
    assert.equal((await preferences.find(name))?.method, name)
  }
  assert.equal((await preferences.find('alice'))?.method, 'totp')
})

test('settings keep the first or the last value, as asked', async (t) => {
  const { settings } = await storageFor(t)
  assert.equal(await settings.saveNew('x', Uint8Array.of(1)), true)
  assert.equal(await settings.saveNew('x', Uint8Array.of(2)), false)
  assert.deepEqual(await settings.find('x'), Uint8Array.of(1))
  await settings.save('x', Uint8Array.of(3))
  assert.deepEqual(await settings.find('x'), Uint8Array.of(3))
  assert.equal(await settings.find('y'), undefined)
})

test('attempts are listed newest first by user, address, result and time, and counted', async (t) => {
  const { attempts } = await storageFor(t)
  assert.deepEqual(await attempts.stats(), {
    total: 0,
    successful: 0,
    failed: 0,
    banned: 0,
    oldest: undefined,
    newest: undefined,
  })
  await attempts.add({ ...attempt, time: 1 })
  await attempts.add({ ...attempt, time: 2, successful: true, remoteAddress: '203.0.113.8' })
  await attempts.add({ ...attempt, time: 3, username: '', banned: true })
  const times = async (...asked: Parameters<typeof attempts.list>) =>
    (await attempts.list(...asked)).map(({ time }) => time)
  assert.deepEqual(await times({}, 10), [3, 2, 1])
  assert.deepEqual(await times({}, 2), [3, 2])
  assert.deepEqual(await times({ username: 'alice' }, 10), [2, 1])
  assert.deepEqual(await times({ remoteAddress: '203.0.113.8' }, 10), [2])
  assert.deepEqual(await times({ successful: false }, 10), [3, 1])
  assert.deepEqual(await times({ since: 2 }, 10), [3, 2])
  assert.deepEqual(await attempts.stats(), { total: 3, successful: 1, failed: 2, banned: 1, oldest: 1, newest: 3 })
})

test('identifiers are added all or none', async (t) => {
  const { identifiers } = await storageFor(t)
  const one = { service: 'openid', sectorId: '', username: 'alice', identifier: 'a' }
  assert.deepEqual(await identifiers.add([one]), [])
  const other = { ...one, username: 'bob', identifier: 'b' }
  assert.deepEqual(await identifiers.add([other, { ...one, identifier: 'c' }]), [{ ...one, identifier: 'c' }])
  assert.deepEqual(await identifiers.add([other, { ...one, sectorId: 'x', identifier: 'a' }]), [
    { ...one, sectorId: 'x', identifier: 'a' },
  ])
  assert.deepEqual(await identifiers.list(), [one])
  assert.deepEqual(await identifiers.add([other]), [])
  assert.deepEqual(await identifiers.list(), [one, other])
})
