import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  existsSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { setTimeout as after } from 'node:timers/promises'
import { readBackupFile } from '../../src/backup/backup-file.ts'
import { Fault } from '../../src/base/fault.ts'
import { storageKey } from '../../src/storage/encryption.ts'
import { mountedFolder } from '../storage/mounted-folder.ts'
import { temporaryFolder } from '../storage/temporary-folder.ts'
import { backUpTo, placeIn, signIn, write } from './fixture.ts'

const code = (expected: string) => (error: unknown) => {
  assert.ok(error instanceof Fault, `${error}`)
  assert.equal(error.code, expected, error.message)
  return true
}
const visible = (folder: string): string[] =>
  readdirSync(folder).filter((name) => name.startsWith('.latchkey') || name.startsWith('.b'))

test('a backup holds both databases, is its owner’s alone, and its secrets are sealed', async (t) => {
  const place = placeIn(t)
  await write(place, 'a word to search for')
  await signIn(t, place, 'alice')
  const file = join(place.folder, 'b.tar.gz')
  const report = await backUpTo(place, file)
  assert.deepEqual(
    report.manifest.parts.map(({ part }) => part),
    ['storage', 'sessions'],
  )
  assert.equal(statSync(file).mode & 0o777, 0o600)
  assert.deepEqual(visible(place.folder), [])
  const names = execFileSync('tar', ['tzf', file], { encoding: 'utf8' })
  assert.equal(names, 'manifest.json\nstorage.sqlite3\nsessions.sqlite3\n')
  await assert.rejects(backUpTo(place, file), code('file-exists'))
  assert.equal((await backUpTo(place, file, { force: true })).encrypted, false)
})

test('an encrypted backup shows nothing of what is in it, neither at its place nor on the way there', async (t) => {
  const place = placeIn(t)
  const target = temporaryFolder(t)
  await write(place, 'a word to search for')
  const file = join(target, 'b.enc')
  const seen = new Set<string>()
  const tell = (): void => readdirSync(target).forEach((name) => void seen.add(name))
  await backUpTo(place, file, { passphrase: 'correct horse', tell })
  assert.ok(
    [...seen].every((name) => /^\.b\.enc\.\d+\.tmp$|^b\.enc$/.test(name)),
    [...seen].join(),
  )
  for (const word of ['SQLite', 'manifest', 'a word to search for']) assert.equal(readFileSync(file).indexOf(word), -1)
  await assert.rejects(
    readBackupFile(file, undefined, undefined, () => {}),
    code('backup-passphrase'),
  )
  await assert.rejects(
    readBackupFile(file, undefined, 'wrong', () => {}),
    code('backup-passphrase'),
  )
  assert.equal((await readBackupFile(file, undefined, 'correct horse', () => {})).parts.length, 1)
})

test('while somebody writes without a pause, a backup is one moment of it', { timeout: 60_000 }, async (t) => {
  const place = placeIn(t)
  await write(place, 'x')
  const child = spawn(process.execPath, [join(import.meta.dirname, 'writer-child.ts'), place.storagePath], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  t.after(() => child.kill('SIGKILL'))
  await once(child.stdout, 'data')
  for (let round = 0; round < 3; round++) {
    const file = join(place.folder, `b${round}.tar.gz`)
    await backUpTo(place, file)
    const folder = temporaryFolder(t)
    await readBackupFile(file, folder, undefined, () => {})
    const copy = new DatabaseSync(join(folder, 'storage.sqlite3'), { readOnly: true })
    const count = (side: string): number =>
      Number(
        copy.prepare('SELECT count(*) AS count FROM preferences WHERE username LIKE ?').get(`${side}-%`)?.['count'],
      )
    assert.ok(count('left') > 200)
    assert.equal(count('left'), count('right'))
    copy.close()
  }
})

test('another key than the database’s, no database, or a damaged one make no backup', async (t) => {
  const place = placeIn(t)
  const file = join(place.folder, 'b.tar.gz')
  await assert.rejects(backUpTo(place, file), code('database-missing'))
  assert.equal(existsSync(place.storagePath), false)
  await write(place, 'x')
  await assert.rejects(backUpTo(place, file, { key: storageKey('another key, twenty bytes') }), code('encryption-key'))
  await assert.rejects(backUpTo(place, join(place.folder, 'absent', 'b')), code('backup-unwritable'))
  const bytes = readFileSync(place.storagePath)
  writeFileSync(place.storagePath, Buffer.concat([bytes.subarray(0, 4096), Buffer.alloc(bytes.length - 4096, 0xff)]))
  await assert.rejects(
    backUpTo(place, file),
    (error: unknown) => error instanceof Fault && /damaged|database-unreadable/.test(error.code),
  )
  writeFileSync(place.storagePath, 'users: {}\n'.repeat(100))
  await assert.rejects(backUpTo(place, file), code('database-unreadable'))
  assert.deepEqual(
    readdirSync(place.folder).filter((name) => name.includes('b.tar') || name.startsWith('.')),
    [],
  )
})

test('a folder that may not be written gets no backup', async (t) => {
  const place = placeIn(t)
  await write(place, 'x')
  // Root may write anywhere but on what is mounted read-only.
  const target = mountedFolder(t, 'ro') ?? temporaryFolder(t)
  if (process.getuid?.() === 0 && !target.includes('mounted')) return t.skip('root can write anywhere here')
  if (process.getuid?.() !== 0) chmodSync(target, 0o555)
  await assert.rejects(backUpTo(place, join(target, 'b')), code('backup-unwritable'))
})

test('a full disk: the message says so, the earlier backup stays, nothing else does', async (t) => {
  const folder = mountedFolder(t, 'size=300k')
  if (folder === undefined) return t.skip('needs to be root, and to mount')
  const place = placeIn(t)
  await write(place, 'x')
  const file = join(folder, 'b.tar.gz')
  await backUpTo(place, file)
  const before = readFileSync(file)
  const raw = new DatabaseSync(place.storagePath)
  raw.exec(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)
    INSERT INTO preferences SELECT hex(randomblob(300)), 'totp' FROM n`)
  raw.close()
  // Without encryption the copies lie beside the file: SQLite meets the full disk; with it, it is the file that grows.
  for (const passphrase of [undefined, 'correct horse']) {
    await assert.rejects(backUpTo(place, file, { force: true, passphrase }), (error: unknown) => {
      assert.ok(error instanceof Fault, `${error}`)
      assert.match(error.code, /^(backup|database)-unwritable$/)
      assert.match(`${error.message} ${error.hint}`, /disk is (not )?full|room/)
      return true
    })
    assert.deepEqual(readdirSync(folder), ['b.tar.gz'])
    assert.deepEqual(readFileSync(file), before)
  }
  assert.deepEqual(visible(place.folder), [])
})

test('interrupted, it leaves nothing; killed, it leaves the earlier backup whole', { timeout: 60_000 }, async (t) => {
  const place = placeIn(t)
  await write(place, 'x')
  const file = join(place.folder, 'b.tar.gz')
  await backUpTo(place, file)
  const script = join(import.meta.dirname, 'backup-child.ts')
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGKILL', 'SIGKILL', 'SIGKILL'] as const) {
    const child = spawn(process.execPath, [script, 'backup', place.storagePath, file], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const ended = once(child, 'close')
    await once(child.stdout, 'data')
    await after(20 + Math.random() * 100)
    child.kill(signal)
    const [exitCode] = await ended
    if (signal !== 'SIGKILL') {
      // 1: between two rounds.
      assert.ok([130, 143, 1].includes(exitCode), `${exitCode}`)
      assert.deepEqual(visible(place.folder), [])
    }
    assert.equal((await readBackupFile(file, undefined, undefined, () => {})).parts.length, 1)
  }
})

test('a backup file that was cut or changed is refused', async (t) => {
  const place = placeIn(t)
  await write(place, 'x')
  for (const passphrase of [undefined, 'correct horse']) {
    const some = passphrase === undefined ? (list: number[]) => list : (list: number[]) => list.slice(-1)
    const file = join(place.folder, `b-${passphrase === undefined}`)
    await backUpTo(place, file, { passphrase })
    const bytes = readFileSync(file)
    for (const at of some([70, 500, bytes.length - 20])) {
      const changed = Buffer.from(bytes)
      changed[at] = (changed[at] ?? 0) ^ 0x10
      writeFileSync(file, changed)
      await assert.rejects(
        readBackupFile(file, undefined, passphrase, () => {}),
        code('backup-damaged'),
        `byte ${at}`,
      )
    }
    for (const length of some([0, 10, 64, 300, bytes.length - 1])) {
      writeFileSync(file, bytes)
      truncateSync(file, length)
      await assert.rejects(
        readBackupFile(file, undefined, passphrase, () => {}),
        code('backup-damaged'),
        `cut at ${length}`,
      )
    }
  }
})

test('by force too, neither the database nor what is no file is replaced', async (t) => {
  const place = placeIn(t)
  await write(place, 'x')
  const before = readFileSync(place.storagePath)
  symlinkSync(place.storagePath, join(place.folder, 'link'))
  for (const file of [place.storagePath, join(place.folder, 'link'), place.folder, '/dev/null'])
    await assert.rejects(backUpTo(place, file, { force: true }), code('backup-unwritable'), file)
  assert.deepEqual(readFileSync(place.storagePath), before)
  assert.ok(statSync('/dev/null').isCharacterDevice())
})
