import assert from 'node:assert/strict'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { Kysely, sql } from 'kysely'
import { nodeSqliteDialect } from '../../src/storage/node-sqlite-dialect.ts'
import { logToDisk, shared } from '../../src/storage/to-disk.ts'
import { temporaryFolder } from './temporary-folder.ts'

/** A disk that is done when it is told to be. */
function slowDisk() {
  const waiting: { done: () => void; fail: (error: Error) => void }[] = []
  const sync = () => new Promise<void>((resolve, reject) => void waiting.push({ done: resolve, fail: reject }))
  return { sync, waiting, turn: () => new Promise((resolve) => setImmediate(resolve)) }
}

test('who commits while the disk is busy waits for the time after, together with the others', async () => {
  const { sync, waiting, turn } = slowDisk()
  const toDisk = shared(sync)
  const over: string[] = []
  const first = toDisk().then(() => over.push('first'))
  await turn()
  const later = ['a', 'b', 'c'].map((name) => toDisk().then(() => over.push(name)))
  await turn()
  assert.equal(waiting.length, 1)
  waiting[0]?.done()
  await first
  await turn()
  assert.deepEqual([waiting.length, over], [2, ['first']])
  waiting[1]?.done()
  await Promise.all(later)
  assert.deepEqual(over, ['first', 'a', 'b', 'c'])
})

test('a disk that fails is told to those who waited for it, and tried again for the next', async () => {
  const { sync, waiting, turn } = slowDisk()
  const toDisk = shared(sync)
  const first = toDisk()
  await turn()
  const second = toDisk()
  waiting[0]?.fail(new Error('EIO'))
  await assert.rejects(first, /EIO/)
  await turn()
  waiting[1]?.done()
  await second
})

test('a statement that may write is over when it is on the disk; one that reads waits for nothing', async () => {
  const { sync, waiting, turn } = slowDisk()
  const database = new DatabaseSync(':memory:')
  database.exec('CREATE TABLE t (x)')
  const db = new Kysely<{ t: { x: number } }>({ dialect: nodeSqliteDialect(database, shared(sync)) })
  const writes = [
    () => db.insertInto('t').values({ x: 1 }).execute(),
    () => db.insertInto('t').values({ x: 2 }).returning('x').execute(),
    () => db.updateTable('t').set({ x: 3 }).execute(),
    () => sql`DELETE FROM t WHERE x = 4`.execute(db),
  ]
  const reader = database.prepare('SELECT count(*) AS n FROM t')
  for (const [i, write] of writes.entries()) {
    let isOver = false
    const writing = write().then(() => {
      isOver = true
    })
    while (waiting.length <= i) await turn()
    // What is committed can be seen meanwhile.
    assert.ok(Number(reader.get()?.['n']) > 0)
    assert.equal(isOver, false)
    waiting[i]?.done()
    await writing
  }
  assert.equal((await db.selectFrom('t').selectAll().execute()).length, 2)
  assert.equal(waiting.length, writes.length)
})

test('the log of a real database is brought to the disk, and one that is missing is told to the writer', async (t) => {
  const folder = temporaryFolder(t)
  const database = new DatabaseSync(`${folder}/db.sqlite3`)
  t.after(() => database.close())
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; CREATE TABLE t (x)')
  const log = logToDisk(`${folder}/db.sqlite3`)
  database.exec('INSERT INTO t VALUES (1)')
  await log.toDisk()
  await log.close()
  const none = logToDisk(`${folder}/other.sqlite3`)
  await assert.rejects(none.toDisk(), { code: 'ENOENT' })
  await none.close()
})
