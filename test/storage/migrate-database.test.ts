import assert from 'node:assert/strict'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { manualClock } from '../../src/base/clock.ts'
import { Fault } from '../../src/base/fault.ts'
import { lockDatabase } from '../../src/storage/database-lock.ts'
import { storageKey } from '../../src/storage/encryption.ts'
import { readHistory, readSchema, STORAGE_STEPS } from '../../src/storage/inspect-database.ts'
import { migrateDatabase } from '../../src/storage/migrate-database.ts'
import { STORAGE_MIGRATIONS } from '../../src/storage/migrations.ts'
import { openStorage } from '../../src/storage/open-storage.ts'
import { temporaryFolder } from './temporary-folder.ts'

const KEY = 'an encryption key for tests only'
const NEWEST = STORAGE_MIGRATIONS.length

test('a database of the first version keeps what it holds and says when it was brought further', async (t) => {
  const path = join(temporaryFolder(t), 'db.sqlite3')
  assert.deepEqual(migrateDatabase(path, 1, 500), { before: 0, after: 1 })
  const raw = new DatabaseSync(path)
  raw.exec("INSERT INTO preferences VALUES ('alice', 'totp')")
  raw.close()
  assert.equal(readHistory(path)[0]?.appliedAt, null)
  assert.deepEqual(readSchema(path, storageKey(KEY)).encryptionKey, 'absent')

  const storage = await openStorage({ path, encryptionKey: KEY, clock: manualClock(1000) })
  assert.deepEqual({ ...(await storage.preferences.find('alice')) }, { method: 'totp' })
  await storage.close()
  assert.deepEqual(
    readHistory(path).map(({ after, appliedAt }) => [after, appliedAt]),
    [
      [1, null],
      [2, 1000],
      [3, 1000],
      [4, 1000],
    ],
  )
  const { version, newest, encryptionKey } = readSchema(path, storageKey(KEY))
  assert.deepEqual([version, newest, encryptionKey], [NEWEST, NEWEST, 'valid'])
  assert.equal(readSchema(path, storageKey('another key')).encryptionKey, 'invalid')
})

test('a new database knows the time of each of its steps; each step has a name', (t) => {
  const path = join(temporaryFolder(t), 'db.sqlite3')
  assert.deepEqual(readHistory(path), [])
  assert.equal(readSchema(path, storageKey(KEY)).version, 0)
  migrateDatabase(path, NEWEST, 7)
  assert.deepEqual(
    readHistory(path).map(({ appliedAt }) => appliedAt),
    STORAGE_MIGRATIONS.map(() => 7),
  )
  assert.equal(STORAGE_STEPS.length, NEWEST)
  assert.deepEqual(migrateDatabase(path, NEWEST, 8), { before: NEWEST, after: NEWEST })
})

test('the tables are not changed under a running server, which may be of an earlier version', async (t) => {
  const path = join(temporaryFolder(t), 'db.sqlite3')
  migrateDatabase(path, 1, 0)
  const clock = manualClock(1000)
  const server = lockDatabase(path, 0)
  t.after(() => server.release())
  const isLocked = (error: unknown) => error instanceof Fault && error.code === 'database-locked'
  assert.throws(() => migrateDatabase(path, NEWEST, 0), isLocked)
  await assert.rejects(openStorage({ path, encryptionKey: KEY, clock }), isLocked)
  assert.equal(readSchema(path, storageKey(KEY)).version, 1)
  server.release()
  await (await openStorage({ path, encryptionKey: KEY, clock })).close()
  assert.equal(readSchema(path, storageKey(KEY)).version, NEWEST)
})
