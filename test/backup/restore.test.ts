import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { setTimeout as after } from 'node:timers/promises'
import { checkBackup } from '../../src/backup/restore.ts'
import { systemClock } from '../../src/base/clock.ts'
import { Fault } from '../../src/base/fault.ts'
import { openSessions } from '../../src/session/open-sessions.ts'
import { storageKey } from '../../src/storage/encryption.ts'
import { openStorage } from '../../src/storage/open-storage.ts'
import { mountedFolder } from '../storage/mounted-folder.ts'
import { backUpTo, KEY, placeIn, read, restoreFrom, SECRET, signedIn, signIn, write } from './fixture.ts'

const code = (expected: string) => (error: unknown) => {
  assert.ok(error instanceof Fault, `${error}`)
  assert.equal(error.code, expected, error.message)
  return true
}
const hidden = (folder: string): string[] => readdirSync(folder).filter((name) => name.startsWith('.'))

test('what was backed up comes back at another place, sessions and all, for its owner alone', async (t) => {
  const place = placeIn(t)
  await write(place, 'old')
  await signIn(t, place, 'alice')
  const file = join(place.folder, 'b.enc')
  await backUpTo(place, file, { passphrase: 'correct horse' })
  const other = placeIn(t)
  const { restored, kept } = await restoreFrom(other, file, { passphrase: 'correct horse' })
  assert.deepEqual([restored, kept], [['storage', 'sessions'], []])
  assert.equal(await read(other), 'old')
  assert.deepEqual(await signedIn(other), ['alice'])
  for (const path of [other.storagePath, other.sessionsPath]) assert.equal(statSync(path).mode & 0o777, 0o600)
  assert.deepEqual(hidden(other.folder), [])
})

test('a database that is there is replaced only with force, and kept beside the new one', async (t) => {
  const place = placeIn(t)
  const file = join(place.folder, 'b.tar.gz')
  await write(place, 'old')
  await backUpTo(place, file)
  await write(place, 'new')
  await assert.rejects(restoreFrom(place, file), code('restore-exists'))
  assert.equal(await read(place), 'new')
  const { kept } = await restoreFrom(place, file, { force: true })
  assert.equal(await read(place), 'old')
  assert.equal(kept.length, 1)
  const aside = { ...place, storagePath: kept[0] ?? '' }
  assert.equal(await read(aside), 'new')
})

test('a session that was ended after the backup stays ended, unless those of the backup are asked for', async (t) => {
  const place = placeIn(t)
  const file = join(place.folder, 'b.tar.gz')
  await write(place, 'old')
  await signIn(t, place, 'alice')
  await signIn(t, place, 'bob')
  await backUpTo(place, file)
  const sessions = await openSessions({ path: place.sessionsPath, secret: SECRET, clock: systemClock })
  await sessions.revokeUser('bob')
  await sessions.close()

  assert.deepEqual((await restoreFrom(place, file, { force: true })).restored, ['storage'])
  assert.deepEqual(await signedIn(place), ['alice'])
  const later = { now: () => systemClock.now() + 60_000 }
  const taken = await restoreFrom(place, file, { force: true, sessions: 'take', clock: later })
  assert.deepEqual([taken.restored, taken.kept.length], [['storage', 'sessions'], 2])
  assert.deepEqual(await signedIn(place), ['alice', 'bob'])
  const fresh = placeIn(t)
  assert.deepEqual((await restoreFrom(fresh, file, { sessions: 'leave' })).restored, ['storage'])
  assert.equal(existsSync(fresh.sessionsPath), false)
})

test('while a server holds the database, or a command uses it, nothing is restored', async (t) => {
  const place = placeIn(t)
  const file = join(place.folder, 'b.tar.gz')
  await write(place, 'old')
  await backUpTo(place, file)
  await write(place, 'new')
  const server = await openStorage({ path: place.storagePath, encryptionKey: KEY, clock: systemClock, exclusive: true })
  await assert.rejects(restoreFrom(place, file, { force: true }), code('database-locked'))
  await server.close()
  const command = await openStorage({ path: place.storagePath, encryptionKey: KEY, clock: systemClock })
  await assert.rejects(restoreFrom(place, file, { force: true }), code('database-busy'))
  await command.close()
  assert.equal(await read(place), 'new')
  assert.deepEqual(hidden(place.folder), [])
})

test('what is damaged, of another key, of a newer version or no backup changes nothing', async (t) => {
  const place = placeIn(t)
  const file = join(place.folder, 'b.tar.gz')
  await write(place, 'old')
  await backUpTo(place, file)
  await write(place, 'new')
  const refused = (path: string, expected: string, changes: object = {}) =>
    assert.rejects(restoreFrom(place, path, { force: true, ...changes }), code(expected))

  const bytes = readFileSync(file)
  const bad = join(place.folder, 'bad')
  writeFileSync(bad, bytes.subarray(0, bytes.length - 30))
  await refused(bad, 'backup-damaged')
  writeFileSync(bad, 'users: {}\n')
  await refused(bad, 'backup-damaged')
  await refused(place.folder, 'backup-unreadable')
  await refused(join(place.folder, 'absent'), 'backup-unreadable')
  await refused(file, 'encryption-key', { key: storageKey('another key of twenty bytes') })

  const future = placeIn(t)
  await write(future, 'future')
  const raw = new DatabaseSync(future.storagePath)
  // A backup by a newer version: made by hand here, since this one refuses to make it.
  raw.exec('PRAGMA wal_checkpoint(TRUNCATE)')
  raw.close()
  const newer = join(future.folder, 'b.tar.gz')
  await backUpTo(future, newer)
  const { gunzipSync, gzipSync } = await import('node:zlib')
  const tar = gunzipSync(readFileSync(newer))
  const text = tar.toString('latin1').replace('"version": 1,', '"version": 9,')
  writeFileSync(newer, gzipSync(Buffer.from(text, 'latin1')))
  await refused(newer, 'database-newer')
  assert.equal(await read(place), 'new')
  assert.deepEqual(hidden(place.folder), [])
})

test('a check changes nothing, and works beside a running server', async (t) => {
  const place = placeIn(t)
  const file = join(place.folder, 'b.tar.gz')
  await write(place, 'old')
  await backUpTo(place, file)
  const server = await openStorage({ path: place.storagePath, encryptionKey: KEY, clock: systemClock, exclusive: true })
  t.after(() => server.close())
  const before = readdirSync(place.folder)
  const manifest = await checkBackup({ ...place, file, passphrase: undefined, key: storageKey(KEY), tell: () => {} })
  assert.equal(manifest.parts.length, 1)
  assert.deepEqual(readdirSync(place.folder), before)
})

test('a damaged database is replaced and kept as it was, its log with it', async (t) => {
  const place = placeIn(t)
  const file = join(place.folder, 'b.tar.gz')
  await write(place, 'old')
  await backUpTo(place, file)
  const bytes = readFileSync(place.storagePath)
  writeFileSync(place.storagePath, Buffer.concat([bytes.subarray(0, 100), Buffer.alloc(bytes.length - 100, 0xff)]))
  writeFileSync(`${place.storagePath}-wal`, 'the log of a crashed server')
  const { kept } = await restoreFrom(place, file, { force: true })
  assert.equal(await read(place), 'old')
  assert.equal(readFileSync(kept.find((name) => name.endsWith('-wal')) ?? '', 'utf8'), 'the log of a crashed server')
})

test('what root restores belongs to whom it belonged before', {
  skip: process.getuid?.() !== 0 && 'needs to be root',
}, async (t) => {
  const place = placeIn(t)
  const file = join(place.folder, 'b.tar.gz')
  await write(place, 'old')
  await signIn(t, place, 'alice')
  await backUpTo(place, file)
  const other = placeIn(t)
  mkdirSync(join(other.folder, 'state'))
  chownSync(join(other.folder, 'state'), 1234, 1234)
  const inside = placeIn(t, join(other.folder, 'state'))
  await restoreFrom(inside, file)
  for (const name of readdirSync(inside.folder)) assert.equal(statSync(join(inside.folder, name)).uid, 1234, name)
})

test('a link in place of the lock is followed neither by writing nor by giving away what it points to', async (t) => {
  const place = placeIn(t)
  const file = join(place.folder, 'b.tar.gz')
  await write(place, 'old')
  await backUpTo(place, file)
  const other = placeIn(t)
  const elsewhere = join(place.folder, 'elsewhere')
  symlinkSync(elsewhere, `${other.storagePath}.lock`)
  await assert.rejects(restoreFrom(other, file), code('database-unwritable'))
  assert.equal(existsSync(elsewhere), false)
})

test('killed at any moment, a restore leaves the old database or the new one, whole', {
  timeout: 120_000,
}, async (t) => {
  const place = placeIn(t)
  const files = ['one', 'two'].map((word) => join(place.folder, `${word}.tar.gz`))
  for (const [i, word] of ['one', 'two'].entries()) {
    await write(place, word)
    await backUpTo(place, files[i] ?? '')
  }
  const script = join(import.meta.dirname, 'backup-child.ts')
  const found = new Set<string>()
  for (let round = 0; round < 10; round++) {
    const child = spawn(process.execPath, [script, 'restore', place.storagePath, ...files], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const ended = once(child, 'close')
    await once(child.stdout, 'data')
    // Whenever: the moment of the kill is the test's random input.
    await after(10 + Math.random() * 150)
    child.kill('SIGKILL')
    await ended
    const word = await read(place)
    assert.match(word, /^(one|two)$/)
    found.add(word)
  }
  assert.ok(found.size > 0)
})

test('a full disk: what was there is as it was, and nothing else stays', async (t) => {
  const folder = mountedFolder(t, 'size=800k')
  if (folder === undefined) return t.skip('needs to be root, and to mount')
  const place = placeIn(t, folder)
  await write(place, 'small')
  const big = placeIn(t)
  await write(big, 'big')
  const raw = new DatabaseSync(big.storagePath)
  raw.exec(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 8000)
    INSERT INTO preferences SELECT hex(randomblob(100)), 'totp' FROM n`)
  raw.close()
  const file = join(big.folder, 'b.tar.gz')
  await backUpTo(big, file)
  await assert.rejects(restoreFrom(place, file, { force: true }), (error: unknown) => {
    assert.ok(error instanceof Fault, `${error}`)
    assert.equal(error.code, 'database-unwritable')
    assert.match(error.message, /There is no room beside the database/)
    return true
  })
  assert.equal(await read(place), 'small')
  assert.deepEqual(hidden(folder), [])
})
