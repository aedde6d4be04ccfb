// The commands about passkeys on a database of their own: taken in, shown, checked, written out, taken away.
import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { type TestContext, test } from 'node:test'
import { furnish } from '../server/program.ts'
import { temporaryFolder } from '../storage/temporary-folder.ts'
import { latchkey } from './run.ts'

/** COSE key of ES256, as authenticators make it. */
function newKey(): string {
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const { x = '', y = '' } = publicKey.export({ format: 'jwk' })
  const part = (text: string) => Buffer.from(text, 'base64url')
  const head = Buffer.from('a5010203262001215820', 'hex')
  return Buffer.concat([head, part(x), Buffer.from('225820', 'hex'), part(y)]).toString('base64')
}

/** As Authelia's own export writes it. */
const EXPORTED = `# yaml-language-server: $schema=https://www.authelia.com/schemas/latest/json-schema/export.webauthn.json

webauthn_credentials:
    - created_at: 2026-01-02T03:04:05Z
      rpid: auth.example.com
      username: alice
      description: Primary
      kid: AQIDBAUGBwg=
      aaguid: ee882879-721c-4913-9775-3dfcce97072a
      attestation_type: packed
      attestation_format: packed
      attachment: cross-platform
      transports:
        - usb
        - nfc
      sign_count: 5
      clone_warning: false
      legacy: false
      discoverable: true
      present: true
      verified: true
      backup_eligible: false
      backup_state: false
      public_key: ${newKey()}
      attestation: ""
    - created_at: 2026-01-03T03:04:05Z
      rpid: auth.example.com
      username: alice
      description: Phone
      kid: +/8=
      attestation_type: none
      attestation_format: none
      attachment: platform
      transports: []
      sign_count: 0
      clone_warning: false
      legacy: false
      discoverable: true
      present: true
      verified: true
      backup_eligible: true
      backup_state: true
      public_key: ${newKey()}
      attestation: ""
      user_handle: ${Buffer.from('a handle of sixty-four characters').toString('base64')}
`

function lab(t: TestContext) {
  const folder = temporaryFolder(t)
  furnish(folder)
  const run = (...args: string[]) =>
    latchkey(['storage', 'user', 'webauthn', ...args, '--config', 'configuration.yml'], { cwd: folder })
  const at = (name: string) => join(folder, name)
  writeFileSync(at('in.yml'), EXPORTED)
  return { folder, run, at }
}

test('what Authelia exported is taken in once, shown, written out the same, and taken away', (t) => {
  const { run, at } = lab(t)
  const imported = run('import', 'in.yml')
  assert.deepEqual([imported.code, imported.stdout], [0, '2 passkeys imported from in.yml\n'], imported.stderr)
  const again = run('import', 'in.yml')
  assert.equal(again.code, 1)
  assert.match(again.stderr, /there already: alice: Primary, alice: Phone\.[\s\S]*Nothing was imported/)
  const listed = run('list').stdout
  assert.match(listed, /1 +auth\.example\.com +AQIDBAUGBwg= +Primary +alice/)
  assert.match(listed, /2 +auth\.example\.com +\+\/8= +Phone +alice/)
  assert.equal(run('list', 'bob').stdout, 'There are none.\n')
  const [first] = JSON.parse(run('list', 'alice', '--json').stdout)
  assert.deepEqual(
    [first.transports, first.signCount, first.createdAt, 'publicKey' in first],
    [['usb', 'nfc'], 5, Date.parse('2026-01-02T03:04:05Z'), false],
  )
  const exported = run('export', '--file', 'out.yml')
  assert.equal(exported.stdout, '2 passkeys written to out.yml\n')
  assert.equal(statSync(at('out.yml')).mode & 0o777, 0o600)
  assert.equal(run('export', '--file', 'out.yml').code, 3, 'it is there already')

  assert.match(run('delete', 'alice', '--description', 'Phone').stdout, /^alice's passkey "Phone" is gone\.\n$/)
  assert.match(run('delete', '--kid=AQIDBAUGBwg=').stdout, /"Primary" is gone/)
  const missing = run('delete', 'alice', '--all')
  assert.deepEqual([missing.code, /no such passkey/.test(missing.stderr)], [1, true])
  assert.equal(run('delete', 'alice').code, 2)
  assert.equal(run('import', 'out.yml').code, 0)
  const before = readFileSync(at('out.yml'), 'utf8')
  assert.equal(run('export', '--file', 'twice.yml').code, 0)
  assert.equal(readFileSync(at('twice.yml'), 'utf8'), before, 'nothing is lost on the way')
  assert.match(before, /user_handle: /)
  assert.match(run('delete', 'alice', '--all').stdout, /Primary[\s\S]*Phone|Phone[\s\S]*Primary/)
})

test('a file with a mistake is refused with its place, and nothing of it is taken in', (t) => {
  const { run, at } = lab(t)
  for (const [from, to, words] of [
    ['description: Phone', `description: ${'x'.repeat(65)}`, /in\.yml:\d+:\d+: description must have/],
    ['rpid: auth.example.com', 'rpid: https://auth.example.com/', /rpid must be/],
    [/public_key: .*/, 'public_key: AAAA', /public_key is no key/],
    ['sign_count: 5', 'sign_count: -1', /sign_count must be/],
    ['username: alice', "username: ''", /no username/],
  ] as const) {
    writeFileSync(at('in.yml'), EXPORTED.replace(from, to))
    const refused = run('import', 'in.yml')
    assert.equal(refused.code, 1, String(words))
    assert.match(refused.stderr, words)
  }
  assert.match(run('list').stderr + run('list').stdout, /There are none|doesn’t exist|no database/i)
})

test('verify finds what is weak, damaged or no longer permitted', (t) => {
  const { run, at, folder } = lab(t)
  assert.equal(run('import', 'in.yml').code, 0)
  const good = run('verify')
  assert.deepEqual([good.code, good.stdout], [0, '2 passkeys checked, 0 with findings.\n'])
  const filtering = {
    prohibit_backup_eligibility: true,
    prohibited_aaguids: ['ee882879-721c-4913-9775-3dfcce97072a'],
  }
  const config = JSON.parse(readFileSync(at('configuration.yml'), 'utf8'))
  writeFileSync(at('configuration.yml'), JSON.stringify({ ...config, webauthn: { filtering } }))
  const filtered = run('verify')
  assert.equal(filtered.code, 1, filtered.stderr)
  assert.equal((filtered.stdout.match(/not-permitted/g) ?? []).length, 2, filtered.stdout)
  const { path } = JSON.parse(
    latchkey(['storage', 'schema-info', '--json', '--config', 'configuration.yml'], { cwd: folder }).stdout,
  )
  const database = new DatabaseSync(path)
  database.exec("UPDATE webauthn_credentials SET username = 'bob' WHERE id = 1")
  database.close()
  assert.match(run('verify').stdout, /1 +bob +Primary +damaged/)
  const exported = run('export', '--file', 'out.yml')
  assert.match(exported.stderr, /"Primary" of bob in the database is damaged/)
})
