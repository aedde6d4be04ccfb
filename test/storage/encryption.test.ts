import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { rmSync, statfsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { type TestContext, test } from 'node:test'
import { setTimeout as after } from 'node:timers/promises'
import { manualClock } from '../../src/base/clock.ts'
import { Fault } from '../../src/base/fault.ts'
import { changeStorageKey } from '../../src/storage/change-storage-key.ts'
import { inTransaction } from '../../src/storage/database-file.ts'
import { checkSealed, judgeKey, SEALED_COLUMNS, storageKey } from '../../src/storage/encryption.ts'
import { inspectExisting } from '../../src/storage/inspect-database.ts'
import { openStorage } from '../../src/storage/open-storage.ts'
import type { TotpConfiguration } from '../../src/storage/totp-configurations.ts'
import { mountedFolder } from './mounted-folder.ts'
import { sealed } from './sealed-devices.ts'
import { temporaryFolder } from './temporary-folder.ts'

const OLD = 'the old encryption key for tests'
const NEW = 'the new encryption key for tests'
const clock = manualClock(1_700_000_000_000)
const device = (username: string): TotpConfiguration => ({
  username,
  issuer: 'x',
  algorithm: 'SHA1',
  digits: 6,
  period: 30,
  secret: Buffer.from(`secret of ${username}`),
  createdAt: 1,
  lastUsedAt: undefined,
})

/** A closed database with as many devices. */
async function databaseWith(t: TestContext, devices: number): Promise<string> {
  const path = join(temporaryFolder(t), 'db.sqlite3')
  const storage = await openStorage({ path, encryptionKey: OLD, clock })
  for (let i = 0; i < devices; i++) await storage.totp.save(device(`user-${i}`))
  await storage.close()
  return path
}
/** Which of the two keys opens everything. A mixture fails. */
function keyOf(path: string): 'old' | 'new' {
  const opens = (key: string): boolean =>
    inspectExisting(path, (database) => {
      const fits = judgeKey(database, storageKey(key)) === 'valid'
      const invalid = checkSealed(database, storageKey(key)).flatMap((table) => table.invalid).length
      const rows = checkSealed(database, storageKey(key)).reduce((sum, table) => sum + table.rows, 0)
      assert.ok(invalid === 0 || invalid === rows, `${invalid} of ${rows} rows don't open`)
      assert.equal(fits, invalid === 0)
      return fits
    })
  assert.notEqual(opens(OLD), opens(NEW))
  return opens(NEW) ? 'new' : 'old'
}
const code = (expected: string) => (error: unknown) => error instanceof Fault && error.code === expected

test('after a change of the key every secret opens with the new one, and none with the old one', async (t) => {
  const path = await databaseWith(t, 20)
  const told: [number, number][] = []
  const secrets = changeStorageKey({ path, from: OLD, to: NEW, clock, tell: (...at) => told.push(at) })
  assert.equal(secrets, 20)
  assert.deepEqual(told.at(-1), [21, 21])
  assert.equal(keyOf(path), 'new')
  const storage = await openStorage({ path, encryptionKey: NEW, clock })
  t.after(() => storage.close())
  assert.deepEqual(Buffer.from((await storage.totp.find('user-7'))?.secret ?? []).toString(), 'secret of user-7')
  await assert.rejects(openStorage({ path, encryptionKey: OLD, clock }), code('encryption-key'))
})

test('nothing changes when the old key is wrong, a secret is damaged, a server runs, or there is no database', async (t) => {
  const path = await databaseWith(t, 5)
  assert.throws(() => changeStorageKey({ path, from: NEW, to: OLD, clock }), code('encryption-key'))
  const server = await openStorage({ path, encryptionKey: OLD, clock, exclusive: true })
  assert.throws(() => changeStorageKey({ path, from: OLD, to: NEW, clock }), code('database-locked'))
  await server.close()
  assert.equal(keyOf(path), 'old')

  const raw = new DatabaseSync(path)
  raw.exec("UPDATE totp_configurations SET secret = x'01020304' WHERE username = 'user-4'")
  raw.close()
  assert.throws(() => changeStorageKey({ path, from: OLD, to: NEW, clock }), code('storage-sealed-value'))
  const findings = inspectExisting(path, (database) => checkSealed(database, storageKey(OLD)))
  assert.deepEqual(
    findings.flatMap(({ invalid }) => invalid),
    ['user-4'],
  )
  assert.throws(
    () => changeStorageKey({ path: join(temporaryFolder(t), 'absent'), from: OLD, to: NEW, clock }),
    code('database-missing'),
  )
})

test('a command that had the database open while the key was changed saves no secret under the old key', async (t) => {
  const path = await databaseWith(t, 1)
  const command = await openStorage({ path, encryptionKey: OLD, clock })
  t.after(() => command.close())
  changeStorageKey({ path, from: OLD, to: NEW, clock })
  await assert.rejects(command.totp.save(device('late')), code('encryption-key'))
  assert.equal(keyOf(path), 'new')
})

test('killed at any moment, either the old key or the new one opens everything', { timeout: 120_000 }, async (t) => {
  const path = await databaseWith(t, 1)
  const raw = new DatabaseSync(path)
  inTransaction(raw, () => sealed(raw, OLD, 3000))
  raw.close()
  const script = join(import.meta.dirname, 'change-key-child.ts')
  const found = new Set<string>()
  for (let round = 0; round < 8; round++) {
    const [from, to] = keyOf(path) === 'old' ? [OLD, NEW] : [NEW, OLD]
    const child = spawn(process.execPath, [script, path, from, to], { stdio: ['ignore', 'pipe', 'inherit'] })
    const ended = once(child, 'close')
    await once(child.stdout, 'data')
    // Whenever: the moment of the kill is the test's random input.
    await after(Math.random() * 250)
    child.kill('SIGKILL')
    await ended
    found.add(keyOf(path))
  }
  assert.ok(found.size > 0)
})

/** Keyed digests of what lives for minutes: nothing can be read out of them, and after a change of the key none fits any more. */
const DIGESTS = ['one_time_codes.code', 'reset_tokens.binding']

test('every column that holds bytes is sealed and known to the change of the key', async (t) => {
  const path = await databaseWith(t, 0)
  const raw = new DatabaseSync(path, { readOnly: true })
  t.after(() => raw.close())
  const columns = raw
    .prepare(
      `SELECT m.name AS "table", c.name AS "column" FROM sqlite_master m, pragma_table_info(m.name) c
       WHERE m.type = 'table' AND c.type = 'BLOB'`,
    )
    .all()
    .map((row) => `${row['table']}.${row['column']}`)
  const sealed = SEALED_COLUMNS.map(({ table, column }) => `${table}.${column}`)
  assert.deepEqual(columns.sort(), [...sealed, ...DIGESTS].sort())
})

test('on a full disk nothing changes, and the message says what to look at', async (t) => {
  const folder = mountedFolder(t, 'size=2m')
  if (folder === undefined) return t.skip('needs to be root, and to mount')
  const path = join(folder, 'db.sqlite3')
  await (await openStorage({ path, encryptionKey: OLD, clock })).close()
  const raw = new DatabaseSync(path)
  inTransaction(raw, () => sealed(raw, OLD, 3000))
  raw.close()
  // Room for beginning, not for ending.
  for (const left of [0, 60_000, 200_000]) {
    const { bavail, bsize } = statfsSync(folder)
    writeFileSync(join(folder, 'filler'), Buffer.alloc(Math.max(0, bavail * bsize - left)))
    assert.throws(
      () => changeStorageKey({ path, from: OLD, to: NEW, clock }),
      (error: unknown) => {
        assert.ok(error instanceof Fault, `${error}`)
        assert.equal(error.code, 'database-unwritable')
        assert.match(error.hint ?? '', /disk is not full/)
        return true
      },
    )
    rmSync(join(folder, 'filler'))
    assert.equal(keyOf(path), 'old')
  }
  changeStorageKey({ path, from: OLD, to: NEW, clock })
  assert.equal(keyOf(path), 'new')
})
