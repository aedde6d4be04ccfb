// A passkey that was registered with a real Authelia (schema 26, its database beside this file): brought over, and signed in with.
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { type TestContext, test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { manualClock } from '../../src/base/clock.ts'
import { Fault } from '../../src/base/fault.ts'
import { importAuthelia } from '../../src/import/authelia.ts'
import { openStorage } from '../../src/storage/open-storage.ts'
import type { Storage } from '../../src/storage/storage.ts'
import { latchkey } from '../commands/run.ts'
import { Authenticator, SYNCED, type WrittenPasskey } from '../login/authenticator.ts'
import { furnish, HASH, start } from '../server/program.ts'
import { temporaryFolder } from '../storage/temporary-folder.ts'
import { byPasskey, bySecondFactor } from './passkey-sign-in.ts'

const KEY = 'a_very_important_secret_of_authelia'
const HOST = 'auth.example.com'
const NAME = 'bob: Laptop (auth.example.com)'
const HANDLE = 'bob (auth.example.com)'
const read = (name: string): Buffer => readFileSync(join(import.meta.dirname, name))
const WRITTEN = JSON.parse(read('authelia-passkey.json').toString()) as WrittenPasskey
const NONE = { imported: [], kept: [], skipped: [] }

function source(t: TestContext, change = ''): string {
  const path = join(temporaryFolder(t), 'db.sqlite3')
  writeFileSync(path, gunzipSync(read('authelia-passkey.sqlite3.gz')))
  if (change === '') return path
  const database = new DatabaseSync(path)
  database.exec(change)
  database.close()
  return path
}
async function ours(t: TestContext): Promise<Storage> {
  const path = join(temporaryFolder(t), 'ours.sqlite3')
  const storage = await openStorage({ path, encryptionKey: 'a key of our own, long enough', clock: manualClock(0) })
  t.after(() => storage.close())
  return storage
}

test('a passkey comes over with all that is known of it, once, and its owner keeps the name it knows', async (t) => {
  const storage = await ours(t)
  const options = { sourcePath: source(t), encryptionKey: KEY }
  const dry = await importAuthelia({ ...options, target: { dryRun: true, storage } })
  assert.deepEqual(await storage.webauthn.list({}), [])
  const first = await importAuthelia({ ...options, target: { dryRun: false, storage } })
  assert.deepEqual(first, dry)
  assert.deepEqual(first.passkeys, { ...NONE, imported: [NAME] })
  assert.deepEqual(first.handles, { ...NONE, imported: [HANDLE] })
  assert.deepEqual(first.factors, [{ username: 'bob', subject: 'webauthn: Laptop' }])

  const found = await storage.webauthn.find(WRITTEN.id)
  assert.ok(found)
  const { publicKey, attestation, createdAt, id: _, ...rest } = found
  assert.ok(Buffer.from(publicKey).includes(Buffer.from(WRITTEN.privateKey.x ?? '', 'base64url')))
  assert.ok(JSON.parse(Buffer.from(attestation).toString()))
  assert.ok(createdAt > Date.UTC(2026, 0, 1))
  assert.deepEqual(rest, {
    rpId: HOST,
    username: 'bob',
    description: 'Laptop',
    kid: WRITTEN.id,
    attestationType: 'none',
    attestationFormat: 'none',
    attachment: 'platform',
    transports: ['internal', 'hybrid'],
    aaguid: '',
    signCount: 1,
    cloneWarning: false,
    legacy: false,
    discoverable: true,
    present: true,
    verified: true,
    backupEligible: true,
    backupState: true,
    lastUsedAt: undefined,
  })
  const handle = await storage.webauthn.findHandle(HOST, 'bob')
  assert.equal(Buffer.from(handle ?? []).toString('base64url'), WRITTEN.userHandle)

  const again = await importAuthelia({ ...options, target: { dryRun: false, storage } })
  assert.deepEqual(again.passkeys, { ...NONE, kept: [NAME] })
  assert.deepEqual(again.handles, { ...NONE, kept: [HANDLE] })
  assert.deepEqual(again.factors, [])
  assert.equal((await storage.webauthn.list({})).length, 1)
})

test('where the owner has one of that name here it gets a number; what somebody else has here is left', async (t) => {
  const storage = await ours(t)
  const options = { sourcePath: source(t), encryptionKey: KEY, target: { dryRun: false, storage } } as const
  const away = await ours(t)
  await importAuthelia({ ...options, target: { dryRun: false, storage: away } })
  const passkey = await away.webauthn.find(WRITTEN.id)
  assert.ok(passkey)
  await storage.webauthn.add({ ...passkey, kid: 'b3RoZXI', description: 'LAPTOP' }, 10)
  await storage.webauthn.handleOf(HOST, 'bob', Buffer.from('a handle of ours'))
  const result = await importAuthelia(options)
  assert.deepEqual(result.passkeys.imported, [NAME])
  const why = 'another one is in use here: passkeys from Authelia work after the password only'
  assert.deepEqual(result.handles.skipped, [{ name: HANDLE, why }])
  const names = (await storage.webauthn.list({ username: 'bob' })).map(({ description }) => description)
  assert.deepEqual(names, ['LAPTOP', 'Laptop (2)'])

  const mallorys = await ours(t)
  await mallorys.webauthn.add({ ...passkey, username: 'mallory' }, 10)
  const refused = await importAuthelia({ ...options, target: { dryRun: false, storage: mallorys } })
  assert.deepEqual(refused.passkeys.skipped, [{ name: NAME, why: 'another user has the same passkey here' }])
})

test('a passkey that was damaged, or moved to another relying party or user, is refused before anything is written', async (t) => {
  for (const change of [
    'UPDATE webauthn_credentials SET public_key = zeroblob(80)',
    "UPDATE webauthn_credentials SET rpid = 'auth.example.org'",
    "UPDATE webauthn_credentials SET kid = 'AAAA'",
    'UPDATE webauthn_credentials SET attestation = zeroblob(80)',
  ]) {
    const storage = await ours(t)
    await assert.rejects(
      importAuthelia({ sourcePath: source(t, change), encryptionKey: KEY, target: { dryRun: false, storage } }),
      (error) => error instanceof Fault && error.code === 'authelia-database' && /Laptop.*bob/.test(error.message),
      change,
    )
    assert.deepEqual(await storage.identifiers.list(), [], change)
  }
})

test('the passkey signs in here, as second factor and alone; its counter goes on where Authelia left it', async (t) => {
  const folder = temporaryFolder(t)
  const changes = {
    storage: { encryption_key: KEY },
    webauthn: { enable_passkey_login: true },
    session: { cookies: [{ domain: 'example.com', authelia_url: `https://${HOST}` }] },
  }
  furnish(folder, { changes, users: { bob: { displayname: 'Bob', password: HASH } } })
  writeFileSync(join(folder, 'db.sqlite3'), gunzipSync(read('authelia-passkey.sqlite3.gz')))
  const { code, stderr } = latchkey(['import', 'authelia', '--config', 'configuration.yml'], { cwd: folder })
  assert.equal(code, 0, stderr)
  const program = await start(t, { folder })
  const passkey = Authenticator.holding(WRITTEN, SYNCED)
  const copy = Authenticator.holding(WRITTEN, SYNCED)
  assert.equal(await bySecondFactor(program, 'bob', passkey), 2)
  assert.ok((await byPasskey(program, passkey)) >= 1)
  await assert.rejects(byPasskey(program, copy), /401|403/, 'a counter that went back')
})
