// The database in test/import/ was made by Authelia itself (schema 26): devices of alice and bob by `storage user totp generate`, one banned user.
import assert from 'node:assert/strict'
import { copyFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { temporaryFolder } from '../storage/temporary-folder.ts'
import { latchkey } from './run.ts'

const KEY = 'a_very_important_secret_of_authelia'
const BYTES = gunzipSync(readFileSync(join(import.meta.dirname, '..', 'import', 'authelia-schema-26.sqlite3.gz')))
const ALICE =
  'otpauth://totp/Authelia:alice?algorithm=SHA1&digits=6&issuer=Authelia&period=30&secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXPJBSQ'

/** The folder of somebody who ran Authelia until now. */
function autheliaFolder(t: TestContext, key = KEY): string {
  const cwd = temporaryFolder(t)
  const example = join(import.meta.dirname, '..', '..', 'examples', 'nginx')
  const text = readFileSync(join(example, 'configuration.yml'), 'utf8')
    .replace('replace-me-with-a-secret-of-your-own-storage', key)
    .replace("path: 'latchkey.sqlite3'", "path: 'db.sqlite3'")
  writeFileSync(join(cwd, 'configuration.yml'), text)
  copyFileSync(join(example, 'users.yml'), join(cwd, 'users.yml'))
  writeFileSync(join(cwd, 'db.sqlite3'), BYTES)
  return cwd
}
const isUntouched = (cwd: string): void => {
  assert.ok(readFileSync(join(cwd, 'db.sqlite3')).equals(BYTES))
  assert.deepEqual(
    readdirSync(cwd).filter((name) => name.startsWith('db.sqlite3-')),
    [],
  )
}

test('a dry run says what would come over and makes nothing', (t) => {
  const cwd = autheliaFolder(t)
  const { code, stdout } = latchkey(['import', 'authelia', '--dry-run'], { cwd })
  assert.equal(code, 0)
  assert.match(stdout, /dry run: nothing is written/)
  assert.match(stdout, /What +Whose +What becomes of it\none-time-code devices +alice +would come over\n/)
  assert.match(stdout, /one-time-code devices: 2 would come over \(alice, bob\)/)
  assert.match(stdout, /banned_user: 1 not brought over/)
  assert.ok(!existsSync(join(cwd, 'latchkey.sqlite3')))
  isUntouched(cwd)
})

test('devices come over into latchkey.sqlite3 beside it, once, and the source stays as it is to the byte', (t) => {
  const cwd = autheliaFolder(t)
  const { code, stdout } = latchkey(['import', 'authelia', '--json'], { cwd })
  assert.equal(code, 0)
  const { source, target, dryRun, totp, preferences, schemaVersion } = JSON.parse(stdout)
  assert.equal(source, join(cwd, 'db.sqlite3'))
  assert.equal(target, join(cwd, 'latchkey.sqlite3'))
  assert.deepEqual([dryRun, schemaVersion], [false, 26])
  assert.deepEqual([totp.imported, preferences.imported], [['alice', 'bob'], ['alice']])
  assert.equal(latchkey(['storage', 'user', 'totp', 'export', 'uri'], { cwd }).stdout.split('\n')[0], ALICE)
  const recorded = latchkey(['logs', '--json'], { cwd })
    .stdout.trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  assert.deepEqual(
    recorded.map(({ kind, username, subject, reason, from }) => [kind, username, subject, reason, from].join(' ')),
    ['factor-added alice totp import cli', 'factor-added bob totp import cli'],
  )
  assert.match(latchkey(['import', 'authelia'], { cwd }).stdout, /2 here already, kept as they are \(alice, bob\)/)
  isUntouched(cwd)
})

test('--encryption-key is the one of the source; ours is the one of the configuration', (t) => {
  const cwd = autheliaFolder(t, 'another-key-for-the-new-database')
  const refused = latchkey(['import', 'authelia'], { cwd })
  assert.equal(refused.code, 3)
  assert.match(refused.stderr, /The encryption key is not the one .*db\.sqlite3 was written with\./)
  assert.equal(latchkey(['import', 'authelia', '--encryption-key', KEY], { cwd }).code, 0)
  assert.equal(latchkey(['storage', 'user', 'totp', 'export', 'uri'], { cwd }).stdout.split('\n')[0], ALICE)
})

test('where storage.local.path is no database of Authelia’s, --source says where it is', (t) => {
  const cwd = autheliaFolder(t)
  const path = join(cwd, 'configuration.yml')
  writeFileSync(path, readFileSync(path, 'utf8').replace("path: 'db.sqlite3'", "path: 'own.sqlite3'"))
  const refused = latchkey(['import', 'authelia'], { cwd })
  assert.equal(refused.code, 2)
  assert.match(
    refused.stderr,
    /own\.sqlite3, which is no database of Authelia's\.\n {2}Say where it is with --source\./,
  )
  assert.equal(latchkey(['import', 'authelia', '--source', 'db.sqlite3'], { cwd }).code, 0)
  assert.ok(existsSync(join(cwd, 'own.sqlite3')))
  isUntouched(cwd)
})
