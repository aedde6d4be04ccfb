import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { type TestContext, test } from 'node:test'
import { manualClock } from '../../src/base/clock.ts'
import { Fault } from '../../src/base/fault.ts'
import { changeStorageKey } from '../../src/storage/change-storage-key.ts'
import { openStorage } from '../../src/storage/open-storage.ts'
import { temporaryFolder } from './temporary-folder.ts'

const KEY = 'for tests only, twenty bytes'
const clock = manualClock(0)
const CODES = ['AAAABBBBCCCC', 'DDDDEEEEFFFF', 'GGGGHHHHJJJJ']

async function storageFor(t: TestContext) {
  const path = join(temporaryFolder(t), 'db.sqlite3')
  const storage = await openStorage({ path, encryptionKey: KEY, clock })
  t.after(() => storage.close())
  return { path, recovery: storage.recovery, storage }
}

test('a recovery code works once, and how many are left is known', async (t) => {
  const { recovery } = await storageFor(t)
  assert.equal(await recovery.find('alice'), undefined)
  assert.equal(await recovery.consume('alice', 'AAAABBBBCCCC', 1), 'unknown')
  await recovery.save('alice', CODES, 10)
  assert.deepEqual(await recovery.find('alice'), { createdAt: 10, total: 3, left: 3, lastUsedAt: undefined })
  assert.equal(await recovery.consume('alice', 'AAAABBBBCCCC', 20), 'consumed')
  assert.equal(await recovery.consume('alice', 'AAAABBBBCCCC', 21), 'used')
  assert.equal(await recovery.consume('alice', 'ZZZZZZZZZZZZ', 22), 'unknown')
  assert.equal(await recovery.consume('bob', 'DDDDEEEEFFFF', 22), 'unknown', 'another user')
  assert.deepEqual(await recovery.find('alice'), { createdAt: 10, total: 3, left: 2, lastUsedAt: 20 })
})

test('new recovery codes void all earlier ones; removed ones are gone', async (t) => {
  const { recovery } = await storageFor(t)
  await recovery.save('alice', CODES, 10)
  await recovery.save('bob', CODES, 10)
  await recovery.save('alice', ['KKKKMMMMNNNN'], 20)
  assert.equal(await recovery.consume('alice', 'AAAABBBBCCCC', 21), 'unknown')
  assert.equal(await recovery.consume('alice', 'KKKKMMMMNNNN', 21), 'consumed')
  assert.equal(await recovery.delete('alice'), true)
  assert.equal(await recovery.delete('alice'), false)
  assert.equal(await recovery.find('alice'), undefined)
  assert.equal(await recovery.consume('bob', 'AAAABBBBCCCC', 22), 'consumed', 'another user keeps his')
})

test('of 200 who use one recovery code at once, one gets in', async (t) => {
  const { path, recovery } = await storageFor(t)
  await recovery.save('alice', CODES, 10)
  const other = await openStorage({ path, encryptionKey: KEY, clock })
  const answers = await Promise.all(
    Array.from({ length: 200 }, (_, i) => (i % 2 ? recovery : other.recovery).consume('alice', 'AAAABBBBCCCC', 20)),
  )
  await other.close()
  assert.equal(answers.filter((answer) => answer === 'consumed').length, 1)
  assert.equal(answers.filter((answer) => answer === 'used').length, 199)
})

test('recovery codes are stored as hashes that say nothing without the key, and hold for one user only', async (t) => {
  const { path, recovery } = await storageFor(t)
  await recovery.save('alice', CODES, 10)
  await recovery.save('bob', CODES, 10)
  const raw = new DatabaseSync(path)
  t.after(() => raw.close())
  const hashes = raw
    .prepare('SELECT hash FROM recovery_codes')
    .all()
    .map((row) => String(row['hash']))
  assert.equal(new Set(hashes).size, 6, 'the same codes have other hashes')
  for (const file of [path, `${path}-wal`])
    for (const code of CODES) assert.equal(readFileSync(file).includes(code), false)
  // A user who can write into the database gives somebody else's codes to himself, with and without the key they were hashed with.
  raw.exec("DELETE FROM recovery_codes WHERE username = 'bob'")
  raw.exec("UPDATE recovery_codes SET username = 'bob' WHERE username = 'alice'")
  assert.equal(await recovery.consume('bob', 'AAAABBBBCCCC', 20), 'unknown')
  raw.exec(
    "UPDATE recovery_sets SET key = (SELECT key FROM recovery_sets WHERE username = 'alice') WHERE username = 'bob'",
  )
  await assert.rejects(
    recovery.consume('bob', 'AAAABBBBCCCC', 20),
    (error) => error instanceof Fault && error.code === 'storage-sealed-value',
  )
})

test('recovery codes outlive a change of the encryption key', async (t) => {
  const { path, recovery, storage } = await storageFor(t)
  await recovery.save('alice', CODES, 10)
  await storage.close()
  changeStorageKey({ path, from: KEY, to: 'another key of twenty bytes', clock })
  const again = await openStorage({ path, encryptionKey: 'another key of twenty bytes', clock })
  assert.equal(await again.recovery.consume('alice', 'AAAABBBBCCCC', 20), 'consumed')
  await again.close()
})

test('failures are counted, outlive the codes and a restart, and are forgotten after a success', async (t) => {
  const { path, recovery, storage } = await storageFor(t)
  assert.deepEqual(await recovery.failures('alice'), { failures: 0, lastFailureAt: 0 })
  const counted = await Promise.all(Array.from({ length: 50 }, () => recovery.countFailure('alice', 5)))
  assert.deepEqual(
    counted.map(({ failures }) => failures).sort((a, b) => a - b),
    Array.from({ length: 50 }, (_, i) => i + 1),
  )
  await recovery.save('alice', CODES, 10)
  await recovery.delete('alice')
  await storage.close()
  const again = await openStorage({ path, encryptionKey: KEY, clock })
  assert.deepEqual(await again.recovery.failures('alice'), { failures: 50, lastFailureAt: 5 })
  await again.recovery.clearFailures('alice')
  assert.equal((await again.recovery.failures('alice')).failures, 0)
  await again.close()
})
