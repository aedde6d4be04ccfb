import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { type TestContext, test } from 'node:test'
import { manualClock } from '../../src/base/clock.ts'
import { Fault } from '../../src/base/fault.ts'
import { openStorage } from '../../src/storage/open-storage.ts'
import { temporaryFolder } from './temporary-folder.ts'

const KEY = 'an encryption key for tests only'
const clock = manualClock(1_700_000_000_000)

async function open(t: TestContext, path: string, more: { encryptionKey?: string; exclusive?: boolean } = {}) {
  const storage = await openStorage({ path, encryptionKey: KEY, clock, ...more })
  t.after(() => storage.close())
  return storage
}
const failsWith = (code: string, pattern: RegExp) => (error: unknown) => {
  assert.ok(error instanceof Fault, `${error}`)
  assert.equal(error.code, code)
  assert.match(`${error.message} ${error.hint}`, pattern)
  return true
}

test('a new database is made, kept over a restart, and belongs to its owner alone', async (t) => {
  const path = join(temporaryFolder(t), 'db.sqlite3')
  const before = process.umask(0)
  const storage = await open(t, path)
  await storage.preferences.save('alice', { method: 'totp' })
  for (const name of readdirSync(join(path, '..'))) {
    assert.equal(statSync(join(path, '..', name)).mode & 0o777, 0o600, `CRY-04 ${name}`)
  }
  process.umask(before)
  await storage.close()
  const again = await open(t, path)
  assert.deepEqual({ ...(await again.preferences.find('alice')) }, { method: 'totp' })
  assert.equal(again.path, path)
  assert.equal(again.autheliaPath, undefined)
})

test('CRY-02 another encryption key than the first one is refused at the start', async (t) => {
  const path = join(temporaryFolder(t), 'db.sqlite3')
  await (await open(t, path)).close()
  await assert.rejects(
    open(t, path, { encryptionKey: 'some other encryption key' }),
    failsWith('encryption-key', /key/),
  )
  await open(t, path)
})

test('CRY-01 a one-time-code secret is nowhere in the files, and a row of another user does not open', async (t) => {
  const folder = temporaryFolder(t)
  const path = join(folder, 'db.sqlite3')
  const storage = await open(t, path)
  const secret = Buffer.from('a secret to search for')
  const configuration = { issuer: 'x', algorithm: 'SHA1', digits: 6, period: 30, lastUsedAt: undefined } as const
  await storage.totp.save({ ...configuration, username: 'alice', secret, createdAt: 1 })
  await storage.totp.save({ ...configuration, username: 'mallory', secret: Buffer.from('hers'), createdAt: 1 })
  for (const name of readdirSync(folder)) {
    const content = readFileSync(join(folder, name))
    for (const form of [secret, secret.toString('hex'), secret.toString('base64')]) {
      assert.equal(content.indexOf(form), -1, name)
    }
  }
  assert.deepEqual(Buffer.from((await storage.totp.find('alice'))?.secret ?? []), secret)
  const raw = new DatabaseSync(path)
  raw.exec(`UPDATE totp_configurations SET secret =
    (SELECT secret FROM totp_configurations WHERE username = 'mallory') WHERE username = 'alice'`)
  raw.close()
  await assert.rejects(storage.totp.find('alice'), failsWith('storage-sealed-value', /alice/))
})

test('DEP-08 a second server on the same database is refused and told who holds it; a command is not', async (t) => {
  const path = join(temporaryFolder(t), 'db.sqlite3')
  const first = await open(t, path, { exclusive: true })
  await assert.rejects(
    open(t, path, { exclusive: true }),
    failsWith('database-locked', new RegExp(`process ${process.pid} `)),
  )
  await (await open(t, path)).preferences.save('alice', { method: 'totp' })
  await first.close()
  await open(t, path, { exclusive: true })
})

test('DEP-08 processes that open a new database at once all come through', async (t) => {
  const path = join(temporaryFolder(t), 'db.sqlite3')
  const script = join(import.meta.dirname, 'open-child.ts')
  const children = [1, 2, 3, 4].map(() => spawn(process.execPath, [script, path, KEY]))
  t.after(() => children.forEach((child) => void child.kill()))
  await Promise.all(children.map((child) => once(child.stdout, 'data')))
  const ended = children.map((child) => once(child, 'close'))
  for (const child of children) child.stdin.write('go')
  assert.deepEqual(
    (await Promise.all(ended)).map(([code]) => code),
    [0, 0, 0, 0],
  )
})

test('a link to the database is the same database: one lock, one set of files', async (t) => {
  const folder = temporaryFolder(t)
  const path = join(folder, 'db.sqlite3')
  await open(t, path, { exclusive: true })
  symlinkSync(path, join(folder, 'link'))
  await assert.rejects(open(t, join(folder, 'link'), { exclusive: true }), failsWith('database-locked', /process/))
  assert.deepEqual(
    readdirSync(folder).filter((name) => name.startsWith('link')),
    ['link'],
  )
})

test('a database of a newer Latchkey is refused and left alone', async (t) => {
  const path = join(temporaryFolder(t), 'db.sqlite3')
  await (await open(t, path)).close()
  const raw = new DatabaseSync(path)
  raw.exec('PRAGMA user_version = 999')
  raw.close()
  await assert.rejects(open(t, path), failsWith('database-newer', /999/))
})

test('what is no database of ours is refused with the reason and left alone', async (t) => {
  const folder = temporaryFolder(t)
  const text = join(folder, 'text')
  writeFileSync(text, 'users:\n  alice: {}\n'.repeat(50))
  await assert.rejects(open(t, text), failsWith('database-unreadable', /not a database/))
  assert.match(readFileSync(text, 'utf8'), /^users:/)

  const foreign = join(folder, 'foreign.sqlite3')
  const raw = new DatabaseSync(foreign)
  raw.exec('CREATE TABLE bookmarks (url TEXT)')
  raw.close()
  const bytes = readFileSync(foreign)
  await assert.rejects(open(t, foreign), failsWith('database-foreign', /another program/))
  assert.deepEqual(readFileSync(foreign), bytes)

  mkdirSync(join(folder, 'folder'))
  await assert.rejects(open(t, join(folder, 'folder')), failsWith('database-unreadable', /not a file/))
  await assert.rejects(open(t, join(folder, 'absent', 'db')), failsWith('database-folder', /absent/))
  await assert.rejects(
    open(t, join(folder, 'absent', 'db'), { exclusive: true }),
    failsWith('database-folder', /absent/),
  )
})

test('a damaged database is found at the start', async (t) => {
  const path = join(temporaryFolder(t), 'db.sqlite3')
  const storage = await open(t, path)
  for (let i = 0; i < 200; i++) await storage.preferences.save(`user-${i}`.padEnd(200), { method: 'totp' })
  await storage.close()
  const bytes = readFileSync(path)
  bytes.fill(0xff, 4096)
  writeFileSync(path, bytes)
  await assert.rejects(open(t, path), failsWith('database-unreadable', /damaged/))
})

test('a folder that may not be written is refused', { skip: !process.setegid && 'POSIX only' }, async (t) => {
  const folder = temporaryFolder(t)
  chmodSync(folder, 0o555)
  const asNobody = process.getuid?.() === 0
  if (asNobody) process.seteuid?.(65534)
  try {
    await assert.rejects(open(t, join(folder, 'db')), failsWith('database-unwritable', /permissions/))
    await assert.rejects(
      open(t, join(folder, 'db'), { exclusive: true }),
      failsWith('database-unwritable', /permissions/),
    )
  } finally {
    if (asNobody) process.seteuid?.(0)
    chmodSync(folder, 0o755)
  }
})
