// What keeps a server from starting: one clear message with the place and what to do, an exit code, and nothing left half-started. The real program.
import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { type TestContext, test } from 'node:test'
import { systemClock } from '../../src/base/clock.ts'
import { makeSelfSigned } from '../../src/certs/authority.ts'
import { openStorage } from '../../src/storage/open-storage.ts'
import { temporaryFolder } from '../storage/temporary-folder.ts'
import { furnish, launch, type ProgramOptions, SECRETS, start, type Tree } from './program.ts'

interface Refusal {
  readonly code: number | string
  readonly stderr: string
  readonly stdout: string
  readonly folder: string
}

/** Runs to the end; it must end by itself, and leave no database locked and no file half-written. */
async function refused(t: TestContext, options: ProgramOptions): Promise<Refusal> {
  const program = launch(t, options)
  const code = await program.ended
  const { stderr, stdout, folder } = program
  assert.doesNotMatch(stdout, /Latchkey listens/)
  assert.doesNotMatch(stderr, /This is a bug|\n\s+at /)
  for (const secret of Object.values(SECRETS)) assert.doesNotMatch(stdout + stderr, new RegExp(secret))
  const left = readdirSync(folder).filter((name) => /-wal$|-shm$|-journal$|\.tmp$/.test(name))
  assert.deepEqual(left, [])
  // Warnings about the configuration come before it.
  return { code, stderr: stderr.slice(stderr.indexOf('latchkey: ')), stdout, folder }
}
const withDatabase = async (t: TestContext): Promise<string> => {
  const folder = temporaryFolder(t)
  const path = join(folder, 'db.sqlite3')
  await (await openStorage({ path, encryptionKey: SECRETS.storage, clock: systemClock })).close()
  return folder
}
const madeNoDatabase = (folder: string): void =>
  assert.ok(!existsSync(join(folder, 'db.sqlite3')), 'no database is made')

/** The configuration as text, one part replaced. */
async function refusedText(t: TestContext, text: string, env: Record<string, string> = {}): Promise<Refusal> {
  const folder = temporaryFolder(t)
  writeFileSync(join(folder, 'configuration.yml'), text)
  const result = await refused(t, { folder, env })
  madeNoDatabase(folder)
  return result
}

test('broken YAML is told with its place', async (t) => {
  const { code, stderr } = await refusedText(t, 'server:\n  address: "tcp://127.0.0.1:0\nsession: {}\n')
  assert.equal(code, 1)
  assert.match(stderr, /^latchkey: the configuration is not valid\n/)
  assert.match(stderr, /^configuration\.yml:\d+:\d+ {2}error {2}/m)
})

test('wrong types and unknown keys are told all at once, with what was probably meant', async (t) => {
  const folder = temporaryFolder(t)
  const changes = { server: { adress: 'x', timeouts: { read: [1] } }, log: { level: 'loud' } }
  const { code, stderr } = await refused(t, { folder, changes })
  assert.equal(code, 1)
  assert.match(
    stderr,
    /configuration\.yml:\d+:\d+ {2}error {2}server\.adress is not a known key\n +Did you mean server\.address\?/,
  )
  assert.match(stderr, /error {2}server\.timeouts\.read /)
  assert.match(stderr, /error {2}log\.level /)
  madeNoDatabase(folder)
})

test('a configuration file that is missing, or that may not be read, is named', async (t) => {
  const folder = temporaryFolder(t)
  const missing = await refused(t, { folder, args: ['serve', '--config', 'none.yml'] })
  assert.equal(missing.code, 1)
  assert.match(missing.stderr, /none\.yml/)
  // Whoever runs this: reading it is an I/O error.
  symlinkSync('/proc/self/mem', join(folder, 'unreadable.yml'))
  const unreadable = await refused(t, { folder, args: ['serve', '--config', 'unreadable.yml'] })
  assert.equal(unreadable.code, 1)
  assert.match(unreadable.stderr, /error {2}.*unreadable\.yml/)
})

test('a missing secret, and a secret file that is not there, are named by key and variable', async (t) => {
  const folder = temporaryFolder(t)
  const missing = await refused(t, { folder, changes: { storage: { encryption_key: undefined } } })
  assert.equal(missing.code, 1)
  assert.match(missing.stderr, /storage\.encryption_key/)
  madeNoDatabase(folder)
  const file = join(folder, 'no-such-secret')
  const env = { AUTHELIA_STORAGE_ENCRYPTION_KEY_FILE: file }
  const { code, stderr } = await refused(t, { folder, env })
  assert.equal(code, 1)
  assert.match(stderr, /AUTHELIA_STORAGE_ENCRYPTION_KEY_FILE/)
  assert.match(stderr, /no-such-secret/)
})

test('a port in use is told with the address, and the database is free again', async (t) => {
  const other = createServer()
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
  t.after(() => other.close())
  const { port } = other.address() as { port: number }
  const { code, stderr, folder } = await refused(t, { changes: { server: { address: `tcp://127.0.0.1:${port}/` } } })
  assert.equal(code, 3)
  assert.equal(
    stderr,
    `latchkey: 127.0.0.1:${port} is in use by another program.\n  Stop the other program, or choose another port in server.address.\n`,
  )
  const path = join(folder, 'db.sqlite3')
  const storage = await openStorage({ path, encryptionKey: SECRETS.storage, clock: systemClock, exclusive: true })
  await storage.close()
})

test('a database folder that is missing, or is no folder, is named', async (t) => {
  const folder = temporaryFolder(t)
  writeFileSync(join(folder, 'file'), '')
  for (const path of ['missing/db.sqlite3', 'file/db.sqlite3']) {
    const place = { storage: { local: { path: join(folder, path) } } }
    const { code, stderr } = await refused(t, { folder: temporaryFolder(t), changes: place })
    assert.equal(code, 3)
    assert.match(stderr, /^latchkey: The folder .* for the database doesn't exist\.\n {2}Create it/)
  }
})

test('a database folder that may not be written is told', async (t) => {
  // Not even root may make a file there.
  const { code, stderr } = await refused(t, { changes: { storage: { local: { path: '/proc/self/db.sqlite3' } } } })
  assert.equal(code, 3)
  assert.match(stderr, /can't be written\.\n {2}E[A-Z]+: .*\n {2}Check owner/)
})

test('a database of a newer version, of another program, and what is no database are told apart and left as they are', async (t) => {
  const cases: [RegExp, (path: string) => void][] = [
    [/has version 999; this Latchkey knows versions up to \d+\.\n {2}Install the newer/, () => {}],
    [
      /is a database of another program, not Latchkey's storage\.\n {2}Set storage\.local\.path .*Nothing was changed\./,
      (path) => new DatabaseSync(path).exec('CREATE TABLE theirs (a); PRAGMA journal_mode = DELETE'),
    ],
    [
      /is damaged or not a database\.\n {2}Restore it/,
      (path) => writeFileSync(path, 'a letter to somebody\n'.repeat(99)),
    ],
  ]
  for (const [index, [message, make]] of cases.entries()) {
    const folder = index === 0 ? await withDatabase(t) : temporaryFolder(t)
    const path = join(folder, 'db.sqlite3')
    if (index === 0) {
      const database = new DatabaseSync(path)
      database.exec('PRAGMA user_version = 999; PRAGMA wal_checkpoint(TRUNCATE)')
      database.close()
    }
    make(path)
    const before = readFileSync(path)
    const { code, stderr } = await refused(t, { folder })
    assert.equal(code, 3)
    assert.match(stderr, message)
    assert.ok(readFileSync(path).equals(before))
    assert.ok(!existsSync(join(folder, 'db.sessions.sqlite3')))
  }
})

test('the wrong encryption key is found, and the message holds neither', async (t) => {
  const folder = await withDatabase(t)
  const other = 'quite-another-key-than-before'
  const { code, stderr } = await refused(t, { folder, changes: { storage: { encryption_key: other } } })
  assert.equal(code, 3)
  assert.match(
    stderr,
    /^latchkey: storage\.encryption_key is not the key that .* was written with\.\n {2}Put the earlier key back\./,
  )
  assert.doesNotMatch(stderr, new RegExp(other))
})

test('a second server on the same database is told which process has it; the first goes on', async (t) => {
  const first = await start(t)
  const { code, stderr } = await (async () => {
    const second = launch(t, { folder: first.folder })
    return { code: await second.ended, stderr: second.stderr }
  })()
  assert.equal(code, 3)
  assert.match(stderr, new RegExp(`Another Latchkey server uses the database .*\\(process ${first.child.pid} on `))
  assert.equal((await first.gate('public.example.com')).status, 200)
  assert.equal(await first.stop(), 0)
})

test('a certificate that does not fit its key, and files that are none', async (t) => {
  const folder = temporaryFolder(t)
  const lifetime = { now: Date.now(), days: 2 }
  const [a, b] = [await makeSelfSigned({ dns: ['a'] }, lifetime), await makeSelfSigned({ dns: ['b'] }, lifetime)]
  const place = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text)
    return join(folder, name)
  }
  const [certificate, key] = [place('a.crt', a.certificate), place('b.key', b.privateKey)]
  const tls = async (server: Tree): Promise<Refusal> => {
    const other = temporaryFolder(t)
    const result = await refused(t, { folder: other, changes: { server } })
    madeNoDatabase(other)
    return result
  }
  const mismatch = await tls({ tls: { certificate, key } })
  assert.equal(mismatch.code, 3)
  assert.equal(
    mismatch.stderr.split('\n')[0],
    `latchkey: The key ${key} doesn't belong to the certificate ${certificate}.`,
  )
  const garbage = place('garbage', 'nothing of use\n')
  assert.match(
    (await tls({ tls: { certificate: garbage, key } })).stderr,
    /^latchkey: server\.tls: .*garbage or .*is not usable/,
  )
  const clients = { certificate, key: place('a.key', a.privateKey), client_certificates: [garbage] }
  assert.match(
    (await tls({ tls: clients })).stderr,
    /^latchkey: server\.tls\.client_certificates: .*garbage holds no certificate\./,
  )
})

test('a users file that is missing is written as an example to fill in, and nothing starts', async (t) => {
  const folder = temporaryFolder(t)
  const path = join(folder, 'people.yml')
  const options = { folder, changes: { authentication_backend: { file: { path } } } }
  const { code, stderr } = await refused(t, options)
  assert.equal(code, 1)
  assert.match(
    stderr,
    /The users file .*people\.yml doesn't exist\.\n +An example has been written there: fill it in and start again\./,
  )
  assert.match(readFileSync(path, 'utf8'), /users:/)
  madeNoDatabase(folder)
})

test('an empty users file, and one with mistakes: every mistake with line and column', async (t) => {
  const folder = temporaryFolder(t)
  const path = join(folder, 'users.yml')
  writeFileSync(path, '')
  const empty = await refused(t, { folder })
  assert.equal(empty.code, 1)
  assert.match(empty.stderr, /users\.yml:1:1 {2}error {2}The users file is empty\./)
  writeFileSync(path, 'users:\n  alice:\n    displayname: Alice\n    password: plain\n  bob:\n    displayname: Bob\n')
  const wrong = await refused(t, { folder })
  assert.equal(wrong.code, 1)
  assert.match(wrong.stderr, /users\.yml:4:\d+ {2}error {2}/)
  assert.match(wrong.stderr, /users\.yml:[56]:\d+ {2}error {2}/)
  assert.doesNotMatch(wrong.stderr, /plain\b(?! text)/)
  madeNoDatabase(folder)
})

test('a log file in a folder that is not there', async (t) => {
  const { code, stderr, folder } = await refused(t, { changes: { log: { file_path: '/nonexistent/latchkey.log' } } })
  assert.equal(code, 3)
  assert.match(
    stderr,
    /^latchkey: The log file \/nonexistent\/latchkey\.log can't be opened for writing\.\n {2}ENOENT: .*\n {2}Check log\.file_path/,
  )
  madeNoDatabase(folder)
})

test('serve --check starts everything and stops: 0 when it would serve, else what a start would say', async (t) => {
  const folder = temporaryFolder(t)
  furnish(folder)
  const args = ['serve', '--check', '--config', 'configuration.yml']
  const good = launch(t, { folder, args })
  assert.equal(await good.ended, 0)
  assert.match(good.stdout, /Everything starts\.\n$/)
  writeFileSync(join(folder, 'users.yml'), 'users: {}\n')
  const bad = await refused(t, { folder, args })
  assert.equal(bad.code, 1)
  assert.match(bad.stderr, /users\.yml:1:8 {2}error {2}The users file has no users\./)
})
