import assert from 'node:assert/strict'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { createSessionRows, SESSIONS_APPLICATION_ID, SESSIONS_MIGRATIONS } from '../../src/session/session-rows.ts'
import type { StoredSession } from '../../src/session/stored-session.ts'
import { openDatabaseFile } from '../../src/storage/database-file.ts'
import { migrate } from '../../src/storage/migrations.ts'
import { temporaryFolder } from '../storage/temporary-folder.ts'

function rowsFor(t: TestContext) {
  const path = join(temporaryFolder(t), 'db.sessions.sqlite3')
  const database = openDatabaseFile(path, {
    synchronous: 'NORMAL',
    applicationId: SESSIONS_APPLICATION_ID,
    holds: 'sessions',
  })
  t.after(() => database.close())
  migrate(database, path, SESSIONS_MIGRATIONS)
  return createSessionRows(database, Buffer.alloc(32))
}
const session: StoredSession = {
  domain: 'example.com',
  username: 'alice',
  level: 1,
  remembered: false,
  createdAt: 0,
  lastActivityAt: 0,
  expiresAt: 1000,
  epoch: 0,
  passwordProvenAt: 0,
}
const seenFrom = { address: '192.0.2.1', userAgent: 'x' }

test('SES-07 a key that was ended is never filled again; a key that exists is not overwritten', (t) => {
  const rows = rowsFor(t)
  assert.equal(rows.insert('k', session, seenFrom, 2000), true)
  assert.equal(rows.insert('k', { ...session, level: 2 }, seenFrom, 2000), false)
  assert.equal(rows.read('k')?.session.level, 1)
  assert.equal(rows.remove('k', 0), true)
  assert.equal(rows.remove('k', 0), false)
  assert.equal(rows.insert('k', session, seenFrom, 2000), false)
  assert.equal(rows.update('k', session, 1, 2000), false)
  assert.equal(rows.read('k'), undefined)
})

test('SES-08 an update counts once for a version', (t) => {
  const rows = rowsFor(t)
  rows.insert('k', session, seenFrom, 2000)
  assert.equal(rows.update('k', { ...session, level: 2 }, 1, 2000), true)
  assert.equal(rows.update('k', session, 1, 2000), false)
  assert.deepEqual(rows.read('k'), { session: { ...session, level: 2 }, version: 2, epoch: 0, seenFrom })
})

test('tombstones go after an hour, with the first sweep', (t) => {
  const rows = rowsFor(t)
  rows.insert('k', session, seenFrom, 2000)
  rows.remove('k', 0)
  rows.overdue(3_599_999, 10)
  assert.equal(rows.insert('k', session, seenFrom, 2000), false)
  rows.overdue(3_600_000, 10)
  assert.equal(rows.insert('k', session, seenFrom, 2000), true)
})
