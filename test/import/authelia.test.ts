import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { copyFileSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { type TestContext, test } from 'node:test'
import { manualClock } from '../../src/base/clock.ts'
import { Fault } from '../../src/base/fault.ts'
import { importAuthelia } from '../../src/import/authelia.ts'
import { detectDatabase } from '../../src/storage/detect-database.ts'
import { locateStorage, openStorage } from '../../src/storage/open-storage.ts'
import { temporaryFolder } from '../storage/temporary-folder.ts'

const KEY = 'a_very_important_secret_of_mine'
const SECRETS = {
  alice: 'JSYWRMSXHG76RBCFDFFIY5ZWSQPH5HHAOM6ZIRX5HW4S46B6XGAQ',
  bob: '3PCWHHBULVEDRHZHOCTKET6GRL7DTJEU7EV7K7JAK7OIMFZTWKDQ',
}
/** Sealed by Authelia itself under KEY: by schema 26 bound to their rows, by schema 24 (4.39 and before) not bound. */
const SEALED = {
  26: {
    check: 'l6q6H6ZKFg7Wdhba1Mlb6Cc5/483NWvxXwqNoVPtaaY+zE1wSrAItBqrXOjpXkNSKnkh1k4zyLNp5VzMezMExg==',
    alice:
      'E07+r681QdN5Oc1SUtHr3rBai3bsfMmEE0Kfqwftg0KB9zSJsDS7wb9he90GSuOjJt1sQqtyDmJzYWEBMmYbXG2u7h3OVtu7tHSNf1uuJcw=',
    bob: 'd1WuXL7CvJFNSKL90bMkz6obFThrCBCLfpSMfor8mN65VBLCdnjWxcMzKBErxR8M7H+f2lJhLnB/lHLZw0hG2eLPR9/70BZDTPgrfDtNdg0=',
  },
  24: {
    check: 't8cVnhChdEn1+gqe1UIdJDPhSi8lKk07KPxkxOevCMkXp4IKpoNz9fUvE6A1/yZG9CABV5vO0iC2hZZbMEasfA==',
    alice:
      'LJ89OtDAsCfotdfcvZpzthNVF8xY+mh/PKl8RE5MdUIWGoIDh90SvxNGe3efUGzsJBWfZGnBXvqQ4VioH0kXy3PoKdnro6ME6xMXoNOcTzo=',
    bob: 'Yp7Ro7rQ9xCEDZOLB04GQ8zTVvZ6vcElWqBvy0mpxFIFn+baZJssN2XQEbEIkwgj+BCNG/iXnlnGEergUYxa4XkLYxnnvdQvoRQYGkIOUiM=',
  },
} as const

const NONE = { imported: [], kept: [], skipped: [] } as const

/** A database as Authelia leaves it, as far as the import looks. */
function autheliaDatabase(path: string, schema: 24 | 26, more = ''): void {
  const database = new DatabaseSync(path)
  database.exec(`
    CREATE TABLE migrations (id INTEGER PRIMARY KEY AUTOINCREMENT, version_before INTEGER, version_after INTEGER NOT NULL);
    CREATE TABLE encryption (id INTEGER PRIMARY KEY AUTOINCREMENT, name VARCHAR(100), value BLOB NOT NULL);
    CREATE TABLE totp_configurations (id INTEGER PRIMARY KEY AUTOINCREMENT, created_at DATETIME NOT NULL,
      last_used_at DATETIME, username VARCHAR(100) NOT NULL, issuer VARCHAR(100), algorithm VARCHAR(6) NOT NULL,
      digits INTEGER NOT NULL, period INTEGER NOT NULL, secret BLOB NOT NULL);
    CREATE TABLE user_preferences (id INTEGER PRIMARY KEY AUTOINCREMENT, username VARCHAR(100) NOT NULL,
      second_factor_method VARCHAR(11) NOT NULL);
    CREATE TABLE duo_devices (id INTEGER PRIMARY KEY, username TEXT, device TEXT, method TEXT);
    CREATE TABLE banned_ip (id INTEGER PRIMARY KEY);
    INSERT INTO migrations (version_before, version_after) VALUES (0, 26), (26, ${schema});
    INSERT INTO user_preferences (username, second_factor_method) VALUES ('alice', 'totp'), ('carol', 'webauthn');
    INSERT INTO duo_devices (username, device, method) VALUES ('carol', 'D1', 'push');
    INSERT INTO banned_ip VALUES (1), (2);`)
  const sealed = SEALED[schema]
  database.prepare("INSERT INTO encryption (name, value) VALUES ('check', ?)").run(Buffer.from(sealed.check, 'base64'))
  const insert = database.prepare(
    `INSERT INTO totp_configurations (created_at, last_used_at, username, issuer, algorithm, digits, period, secret)
     VALUES ('2026-11-24 03:53:44.835797858+00:00', ?, ?, ?, ?, ?, ?, ?)`,
  )
  insert.run(null, 'alice', 'Authelia', 'SHA1', 6, 30, Buffer.from(sealed.alice, 'base64'))
  insert.run('2026-11-24 04:00:00+00:00', 'bob', 'My', 'SHA512', 8, 60, Buffer.from(sealed.bob, 'base64'))
  database.exec(more)
  database.close()
}

async function storageFor(t: TestContext, path: string) {
  const storage = await openStorage({ path, encryptionKey: 'a key of our own, long enough', clock: manualClock(0) })
  t.after(() => storage.close())
  return storage
}
const base32 = (bytes: Uint8Array | undefined): string =>
  [...(bytes ?? [])]
    .map((byte) => byte.toString(2).padStart(8, '0'))
    .join('')
    .replace(/(.{1,5})/g, (bits) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'[Number.parseInt(bits.padEnd(5, '0'), 2)] ?? '')
const failsWith = (code: string, pattern: RegExp) => (error: unknown) =>
  error instanceof Fault && error.code === code && pattern.test(`${error.message} ${error.hint}`)

test('storage at the path of Authelia’s database opens beside it, names it, and never writes it', async (t) => {
  const folder = temporaryFolder(t)
  const path = join(folder, 'db.sqlite3')
  autheliaDatabase(path, 26)
  const bytes = readFileSync(path)
  assert.equal(detectDatabase(path), 'authelia')
  const storage = await storageFor(t, path)
  assert.equal(storage.path, join(folder, 'latchkey.sqlite3'))
  assert.equal(storage.autheliaPath, path)
  await storage.preferences.save('alice', { method: 'totp' })
  assert.deepEqual(readFileSync(path), bytes)
  assert.ok(!readdirSync(folder).some((name) => name.startsWith('db.sqlite3-')))
  assert.equal(detectDatabase(storage.path), 'latchkey')
})

test('Authelia’s database under the name of ours is refused', (t) => {
  const path = join(temporaryFolder(t), 'latchkey.sqlite3')
  autheliaDatabase(path, 26)
  assert.throws(() => locateStorage(path), failsWith('database-foreign', /Rename/))
})

for (const schema of [24, 26] as const) {
  test(`one-time-code devices and preferences come over from schema ${schema}`, async (t) => {
    const path = join(temporaryFolder(t), 'db.sqlite3')
    autheliaDatabase(path, schema)
    const bytes = readFileSync(path)
    const modified = statSync(path).mtimeMs
    const storage = await storageFor(t, path)
    const from = { sourcePath: path, encryptionKey: KEY }
    const expected = {
      schemaVersion: schema,
      factors: ['alice', 'bob'].map((username) => ({ username, subject: 'totp' })),
      totp: { imported: ['alice', 'bob'], kept: [], skipped: [] },
      handles: NONE,
      passkeys: NONE,
      duo: { imported: ['carol'], kept: [], skipped: [] },
      preferences: { imported: ['alice', 'carol'], kept: [], skipped: [] },
      identifiers: NONE,
      left: [{ table: 'banned_ip', rows: 2 }],
    }
    assert.deepEqual(await importAuthelia({ ...from, target: { dryRun: true, storage: undefined } }), expected)
    assert.deepEqual(await importAuthelia({ ...from, target: { dryRun: true, storage } }), expected)
    assert.deepEqual(await storage.totp.list(), [])
    assert.deepEqual(await importAuthelia({ ...from, target: { dryRun: false, storage } }), expected)

    const [alice, bob] = await storage.totp.list()
    assert.equal(base32(alice?.secret), SECRETS.alice)
    assert.equal(base32(bob?.secret), SECRETS.bob)
    assert.deepEqual(
      [bob?.issuer, bob?.algorithm, bob?.digits, bob?.period, bob?.createdAt, bob?.lastUsedAt],
      ['My', 'SHA512', 8, 60, Date.UTC(2026, 10, 24, 3, 53, 44, 835), Date.UTC(2026, 10, 24, 4)],
    )
    assert.equal((await storage.preferences.find('carol'))?.method, 'webauthn')
    assert.deepEqual({ ...(await storage.duo.find('carol')) }, { device: 'D1', method: 'push' })
    assert.deepEqual(readFileSync(path), bytes)
    assert.equal(statSync(path).mtimeMs, modified)
  })
}

test('a code that Authelia accepted last is used up here', async (t) => {
  const path = join(temporaryFolder(t), 'db.sqlite3')
  autheliaDatabase(path, 26)
  const storage = await storageFor(t, path)
  await importAuthelia({ sourcePath: path, encryptionKey: KEY, target: { dryRun: false, storage } })
  const bob = await storage.totp.find('bob')
  const step = Date.UTC(2026, 10, 24, 4) / 60_000
  assert.equal(await storage.totp.consumeStep('bob', bob?.createdAt ?? 0, step, 0), false)
  assert.equal(await storage.totp.consumeStep('bob', bob?.createdAt ?? 0, step + 1, 0), true)
})

test('a second import keeps what happened here since', async (t) => {
  const path = join(temporaryFolder(t), 'db.sqlite3')
  autheliaDatabase(path, 26)
  const storage = await storageFor(t, path)
  const options = { sourcePath: path, encryptionKey: KEY, target: { dryRun: false, storage } } as const
  await importAuthelia(options)
  const alice = await storage.totp.find('alice')
  assert.ok(alice)
  await storage.totp.save({ ...alice, secret: Buffer.alloc(20) })
  await storage.preferences.save('alice', { method: 'mobile_push' })
  await storage.duo.save('carol', { device: 'D2', method: 'push' })
  const again = await importAuthelia(options)
  assert.deepEqual(again.totp, { imported: [], kept: ['alice', 'bob'], skipped: [] })
  assert.deepEqual(again.preferences, { imported: [], kept: ['alice', 'carol'], skipped: [] })
  assert.deepEqual((await storage.totp.find('alice'))?.secret, Buffer.alloc(20))
  assert.equal((await storage.preferences.find('alice'))?.method, 'mobile_push')
  assert.deepEqual(again.duo.kept, ['carol'])
  assert.equal((await storage.duo.find('carol'))?.device, 'D2')
})

test('a wrong key, a device that can’t be read, a schema not known and what is no database of Authelia’s are told apart', async (t) => {
  const folder = temporaryFolder(t)
  const target = { dryRun: true, storage: undefined } as const
  const run = (name: string, encryptionKey = KEY) =>
    importAuthelia({ sourcePath: join(folder, name), encryptionKey, target })

  autheliaDatabase(join(folder, 'a'), 26)
  await assert.rejects(run('a', 'another key of twenty bytes'), failsWith('authelia-encryption-key', /key/))

  // alice's sealed secret in bob's row
  autheliaDatabase(
    join(folder, 'b'),
    26,
    "UPDATE totp_configurations SET secret = (SELECT secret FROM totp_configurations WHERE username = 'alice')",
  )
  await assert.rejects(run('b'), failsWith('authelia-database', /bob/))

  autheliaDatabase(join(folder, 'c'), 26, 'INSERT INTO migrations (version_after) VALUES (99)')
  await assert.rejects(run('c'), failsWith('authelia-database', /99/))

  await assert.rejects(run('missing'), failsWith('authelia-database', /does not exist/))
  await (await storageFor(t, join(folder, 'ours'))).close()
  await assert.rejects(run('ours'), failsWith('authelia-database', /own/))
})

/** Every file of a folder, and what its bytes are. */
const bytesIn = (folder: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(folder).map((name) => [
      name,
      createHash('sha256')
        .update(readFileSync(join(folder, name)))
        .digest('hex'),
    ]),
  )

test('what lies in the log beside a database that was not closed comes over, and no byte of any file changes', async (t) => {
  const living = temporaryFolder(t)
  const database = join(living, 'db.sqlite3')
  autheliaDatabase(database, 26, 'PRAGMA journal_mode = WAL')
  const open = new DatabaseSync(database)
  open.exec(
    "PRAGMA wal_autocheckpoint = 0; INSERT INTO user_preferences (username, second_factor_method) VALUES ('dave', 'totp')",
  )
  const folder = temporaryFolder(t)
  for (const name of ['db.sqlite3', 'db.sqlite3-wal', 'db.sqlite3-shm'])
    copyFileSync(join(living, name), join(folder, name))
  open.close()
  const before = bytesIn(folder)
  const storage = await storageFor(t, join(temporaryFolder(t), 'ours.sqlite3'))
  const scratch = temporaryFolder(t)
  const usual = process.env['TMPDIR']
  process.env['TMPDIR'] = scratch
  t.after(() => {
    if (usual === undefined) delete process.env['TMPDIR']
    else process.env['TMPDIR'] = usual
  })
  const from = { sourcePath: join(folder, 'db.sqlite3'), encryptionKey: KEY }
  const dry = await importAuthelia({ ...from, target: { dryRun: true, storage } })
  assert.deepEqual(bytesIn(folder), before)
  const { preferences } = await importAuthelia({ ...from, target: { dryRun: false, storage } })
  assert.deepEqual(preferences.imported, ['alice', 'carol', 'dave'])
  assert.deepEqual(dry.preferences, preferences)
  assert.deepEqual(bytesIn(folder), before)
  await assert.rejects(
    importAuthelia({ ...from, encryptionKey: 'another key of twenty bytes', target: { dryRun: true, storage } }),
    failsWith('authelia-encryption-key', /key/),
  )
  assert.deepEqual(bytesIn(folder), before)
  assert.deepEqual(readdirSync(scratch), [])
})

test('opaque identifiers come over; what is in the way is said, and stays', async (t) => {
  const path = join(temporaryFolder(t), 'db.sqlite3')
  const [one, two, three, four] = ['1', '2', '3', '4'].map((digit) => `f091935${digit}-9d15-4e15-bcba-83b41620a073`)
  autheliaDatabase(
    path,
    26,
    `CREATE TABLE user_opaque_identifier (id INTEGER PRIMARY KEY, service TEXT, sector_id TEXT, username TEXT, identifier TEXT);
     INSERT INTO user_opaque_identifier (service, sector_id, username, identifier) VALUES
       ('openid', '', 'alice', '${one}'), ('openid', 'a.example', 'alice', '${two}'), ('openid', '', 'bob', '${three}'),
       ('other', '', 'bob', '${four}')`,
  )
  const storage = await storageFor(t, path)
  await storage.identifiers.add([{ service: 'openid', sectorId: '', username: 'mallory', identifier: three as string }])
  const options = { sourcePath: path, encryptionKey: KEY, target: { dryRun: false, storage } } as const
  const skipped = [
    { name: 'bob at openid', why: 'the identifier is another user’s here' },
    { name: 'bob at other', why: 'there is no service other here' },
  ]
  const names = ['alice at openid', 'alice at openid a.example']
  assert.deepEqual((await importAuthelia(options)).identifiers, { imported: names, kept: [], skipped })
  assert.deepEqual((await importAuthelia(options)).identifiers, { imported: [], kept: names, skipped })
  assert.equal((await storage.identifiers.list()).find(({ sectorId }) => sectorId !== '')?.identifier, two)
})

test('a row that can’t be read leaves nothing half done', async (t) => {
  const path = join(temporaryFolder(t), 'db.sqlite3')
  autheliaDatabase(path, 26, "UPDATE totp_configurations SET digits = 7 WHERE username = 'bob'")
  const storage = await storageFor(t, path)
  const options = { sourcePath: path, encryptionKey: KEY, target: { dryRun: false, storage } } as const
  await assert.rejects(importAuthelia(options), failsWith('authelia-database', /bob/))
  assert.deepEqual(await storage.totp.list(), [])
})
