// The commands that look at what Latchkey keeps and change it, typed beside a real running server and without one.
import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { cookiesOf, furnish, PASSWORD, SECRETS, start } from '../server/program.ts'
import { temporaryFolder } from '../storage/temporary-folder.ts'
import { latchkey, type Ran } from './run.ts'

const at = (cwd: string, config = 'configuration.yml') => ({
  run: (...args: string[]): Ran => latchkey([...args, '--config', config], { cwd }),
  json: (...args: string[]) => {
    const ran = latchkey([...args, '--config', config, '--json'], { cwd })
    return { ...ran, value: JSON.parse(ran.stdout) }
  },
})
/** What a command that may not use the network, a terminal or a secret in its output must not print. */
const tellsNoSecret = ({ stdout, stderr }: Ran): void => {
  for (const secret of Object.values(SECRETS)) assert.equal(`${stdout}${stderr}`.indexOf(secret), -1)
}

test('beside a running server: sessions are ended, bans hold, devices come and go, all at the very next request', async (t) => {
  const program = await start(t)
  const { run, json } = at(program.folder)
  const cookie = await program.signIn('alice')
  const bobs = await program.signIn('bob')
  const enters = async (cookies: string): Promise<boolean> =>
    (await program.gate('app.example.com', { Cookie: cookies })).status === 200
  assert.ok(await enters(cookie))

  const { value: listed } = json('sessions', 'list', '--user', 'alice')
  assert.equal(listed.length, 1)
  assert.deepEqual([listed[0].username, listed[0].level, listed[0].domain], ['alice', 1, 'example.com'])
  const ended = run('sessions', 'revoke', listed[0].handle)
  assert.deepEqual([ended.code, ended.stdout], [0, '1 session ended: alice.\n'])
  assert.ok(!(await enters(cookie)))
  assert.ok(await enters(bobs))
  const again = run('sessions', 'revoke', listed[0].handle)
  assert.equal(again.code, 1)
  assert.match(again.stderr, /There is no session with the handle/)

  assert.equal(run('storage', 'bans', 'user', 'add', 'bob', '--duration', '1h').code, 0)
  await assert.rejects(program.signIn('bob'), /could not sign in/)
  assert.ok(await enters(bobs), 'a ban ends no session')
  assert.equal(run('sessions', 'revoke', '--all').code, 0)
  assert.ok(!(await enters(bobs)))
  const [ban] = json('bans', 'list').value
  assert.deepEqual([ban.kind, ban.value, ban.source], ['user', 'bob', 'cli'])
  assert.equal(run('bans', 'remove', '--id', String(ban.id)).code, 0)
  assert.ok(await program.signIn('bob'))

  assert.equal(run('storage', 'user', 'totp', 'generate', 'alice').code, 0)
  const first = await program.api('/api/firstfactor', { username: 'alice', password: PASSWORD })
  const has = async () => (await program.api('/api/user/info', {}, cookiesOf(first))).body
  assert.match(await has(), /"has_totp":true/)
  assert.equal(run('storage', 'user', 'totp', 'delete', 'alice').code, 0)
  assert.match(await has(), /"has_totp":false/)

  const { value: failed } = json('storage', 'logs', 'auth', 'list', '--failed')
  assert.ok(failed.length > 0)
  assert.ok(failed.every((attempt: { successful: boolean }) => !attempt.successful))
  assert.ok(json('storage', 'logs', 'auth', 'stats').value.total > failed.length)

  const backup = json('backup', 'b.tar.gz')
  assert.equal(backup.code, 0)
  // Some systems have their temporary folders behind a link.
  assert.equal(backup.value.file, join(realpathSync(program.folder), 'b.tar.gz'))
  assert.deepEqual(
    backup.value.manifest.parts.map(({ part }: { part: string }) => part),
    ['storage', 'sessions'],
  )
  assert.equal(run('restore', 'b.tar.gz', '--check').code, 0)
  for (const args of [
    ['restore', 'b.tar.gz', '--force'],
    ['storage', 'encryption', 'change-key', '--new-encryption-key', 'a-new-key-that-nobody-may-see'],
  ]) {
    const refused = run(...args)
    assert.equal(refused.code, 3)
    assert.match(refused.stderr, /Another Latchkey server uses the database.*\n {2}Stop that server first/)
  }
  assert.ok(await enters(cookiesOf(first)))
})

test('the secret of a device is taken from a file or a pipe, where no other user of the machine can see it', (t) => {
  const cwd = temporaryFolder(t)
  furnish(cwd)
  const { run } = at(cwd)
  const SECRET = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ'
  writeFileSync(join(cwd, 'secret'), `${SECRET}\n`)
  const generate = ['storage', 'user', 'totp', 'generate', 'alice', '--force']
  const fromFile = run(...generate, '--secret-file', 'secret')
  assert.equal(fromFile.code, 0, fromFile.stderr)
  assert.match(fromFile.stdout, new RegExp(`secret=${SECRET}`))
  const fromPipe = latchkey([...generate, '--secret-file', '-', '--config', 'configuration.yml'], {
    cwd,
    input: ` ${SECRET}\r\n`,
  })
  assert.equal(fromPipe.code, 0, fromPipe.stderr)
  assert.match(fromPipe.stdout, new RegExp(`secret=${SECRET}`))
  for (const [args, code, said] of [
    [['--secret-file', '-'], 2, /nothing was given/],
    [['--secret-file', 'nowhere'], 3, /nowhere can't be read/],
    [['--secret-file', 'secret', '--secret', SECRET], 2, /secret/],
  ] as const) {
    const refused = run(...generate, ...args)
    assert.equal(refused.code, code, refused.stderr)
    assert.match(refused.stderr, said)
    assert.doesNotMatch(refused.stderr, new RegExp(SECRET))
  }
})

test('without a server: the key is changed from a pipe, and then the old one is refused everywhere', async (t) => {
  const cwd = temporaryFolder(t)
  furnish(cwd)
  const { run, json } = at(cwd)
  const NEW = 'a-new-key-that-nobody-may-see'
  assert.equal(run('storage', 'user', 'totp', 'generate', 'alice').code, 0)
  assert.equal(json('storage', 'encryption', 'check', '--verbose').value.valid, true)
  const nothing = run('storage', 'encryption', 'change-key')
  assert.equal(nothing.code, 2)
  assert.match(nothing.stderr, /New encryption key: nothing was given\.\n {2}Type it at a terminal, pipe it in/)
  const short = run('storage', 'encryption', 'change-key', '--new-encryption-key', 'short')
  assert.equal(short.code, 2)

  const changed = latchkey(['storage', 'encryption', 'change-key'], { cwd, input: `${NEW}\n` })
  assert.equal(changed.code, 0, changed.stderr)
  assert.match(changed.stderr, /^Encrypting: \d+ %\n[\s\S]*Encrypting: 100 %\n$/)
  assert.match(changed.stdout, /1 secret encrypted anew\.\nPut the new key into the configuration/)
  assert.doesNotMatch(changed.stdout + changed.stderr, new RegExp(NEW))

  const old = json('storage', 'encryption', 'check', '--verbose')
  assert.deepEqual([old.code, old.value.valid, old.value.key], [1, false, 'invalid'])
  assert.match(run('storage', 'encryption', 'check').stdout, /Validation: FAILURE\n\n\tCause: /)
  assert.match(run('bans', 'list').stderr, /storage\.encryption_key is not the key/)
  // Both said by flags: no configuration is needed, as with Authelia.
  const elsewhere = latchkey(
    ['storage', 'encryption', 'check', '--verbose', '--sqlite.path', join(cwd, 'db.sqlite3'), '--encryption-key', NEW],
    { cwd: temporaryFolder(t) },
  )
  assert.equal(elsewhere.code, 0, elsewhere.stderr)
  assert.match(elsewhere.stdout, /Table \(totp_configurations\): SUCCESS\n\t\tInvalid Rows: 0\n\t\tTotal Rows: 1/)
  for (const ran of [nothing, short, changed, old]) tellsNoSecret(ran)
})

test('identifiers and devices come in from files that Authelia wrote, all or none, and go out again', async (t) => {
  const cwd = temporaryFolder(t)
  furnish(cwd)
  const { run, json } = at(cwd)
  // As written by Authelia 4.39.
  const file = `# yaml-language-server: $schema=https://www.authelia.com/schemas/latest/json-schema/export.identifiers.json

identifiers:
    - service: openid
      sector_id: ""
      username: john
      identifier: eb9871be-93a1-41b7-ab70-2107537c71c3
    - service: openid
      sector_id: x.com
      username: bob
      identifier: f0919359-9d15-4e15-bcba-83b41620a073
`
  writeFileSync(join(cwd, 'authelia.export.opaque-identifiers.yml'), file)
  const imported = json('storage', 'user', 'identifiers', 'import')
  assert.deepEqual([imported.code, imported.value.count], [0, 2])
  const again = run('storage', 'user', 'identifiers', 'import')
  assert.equal(again.code, 1)
  assert.match(again.stderr, /john, bob \(x\.com\)\.\n {2}Nothing was added\./)
  assert.equal(run('storage', 'user', 'identifiers', 'generate', '--users', 'ann,carl', '--sectors', ',y.org').code, 0)
  assert.equal(run('storage', 'user', 'identifiers', 'add', 'dora', '--identifier', 'abc').code, 2)
  assert.equal(run('storage', 'user', 'identifiers', 'export', '--file', 'out.yml').code, 0)
  const out = readFileSync(join(cwd, 'out.yml'), 'utf8')
  assert.equal(out.match(/identifier: /g)?.length, 6)
  assert.match(out, /sector_id: x\.com\n {4}username: bob\n {4}identifier: f0919359-9d15-4e15-bcba-83b41620a073/)

  writeFileSync(join(cwd, 'bad.yml'), file.replace('f0919359-9d15-4e15', 'not-a-uuid'))
  const bad = run('storage', 'user', 'identifiers', 'import', 'bad.yml')
  assert.equal(bad.code, 1)
  assert.match(bad.stderr, /bad\.yml:8:7: the identifier is no UUID of version 4\.\n {2}Nothing was imported\./)
})

test('where there is no database, looking makes none and says so', async (t) => {
  const cwd = temporaryFolder(t)
  furnish(cwd)
  const { run } = at(cwd)
  const before = readdirSync(cwd)
  for (const args of [['sessions', 'list'], ['bans', 'list'], ['storage', 'encryption', 'check'], ['backup']]) {
    const { code, stderr } = run(...args)
    assert.equal(code, 3, args.join(' '))
    assert.match(stderr, /There is no database at .*db\.sqlite3\.\n {2}Check storage\.local\.path\./)
  }
  assert.match(
    run('storage', 'schema-info').stdout,
    /^Schema Version: N\/A\nSchema Upgrade Available: yes - version \d+$/m,
  )
  assert.deepEqual(readdirSync(cwd), before)

  assert.equal(run('storage', 'migrate', 'up', '--target', '1').code, 0)
  assert.match(run('storage', 'migrate', 'list-up').stdout, /\n2 {8}IdentifiersAndHistory\n/)
  assert.equal(run('storage', 'migrate', 'up').code, 0)
  const done = run('storage', 'migrate', 'up')
  assert.equal(done.code, 1)
  assert.match(done.stderr, /The database has version \d+ already/)
  assert.match(run('storage', 'migrate', 'history').stdout, /\n2 {3}\d{4}-\d\d-\d\d \d\d:\d\d:\d\d {2}1 {7}2 {6}\d+\./)
  assert.equal(run('storage', 'migrate', 'down', '--target', '1').code, 3)
})

test('used wrongly: exit code 2, one sentence, nothing done', async (t) => {
  const cwd = temporaryFolder(t)
  furnish(cwd)
  const { run } = at(cwd)
  for (const [args, said] of [
    [['sessions', 'revoke'], /exactly one way/],
    [['sessions', 'revoke', 'abcdef123', '--all'], /exactly one way/],
    [['bans', 'add', '--user', 'a', '--ip', '10.0.0.1'], /--ip cannot also be provided/],
    [['bans', 'add', '--user', 'a', '--duration', 'soon'], /--duration soon is not a length of time/],
    [['storage', 'bans', 'ip', 'add', 'nonsense'], /must be an IP address/],
    [['storage', 'bans', 'user', 'revoke'], /Neither a user nor an id/],
    [
      ['storage', 'user', 'identifiers', 'add', 'x', '--service', 'saml'],
      /Expected --service=saml to be one of: openid/,
    ],
    [['bans', 'add', '--usr', 'a'], /--usr is not a flag of "latchkey bans add"\.\n {2}Did you mean --user\?/],
    [['version', 'now'], /takes no "now"/],
    [['sesions', 'list'], /Did you mean "latchkey sessions list"\?/],
  ] as const) {
    const { code, stderr } = args[0] === 'version' ? latchkey(args) : run(...args)
    assert.equal(code, 2, `${args.join(' ')}: ${stderr}`)
    assert.match(stderr, said)
  }
  assert.equal(existsSync(join(cwd, 'db.sessions.sqlite3')), false)
})

test('version and build-info say what runs', () => {
  const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '..', '..', 'package.json'), 'utf8'))
  assert.equal(latchkey(['version']).stdout, `latchkey version ${version}\n`)
  const info = JSON.parse(latchkey(['build-info', '--verbose', '--json']).stdout)
  assert.deepEqual([info.version, info.state, info.node], [version, 'sources', process.version])
  assert.ok(info.dependencies.every((some: { version: string }) => /^\d/.test(some.version)))
})

test('the completion that is printed knows the commands there are', () => {
  const { code, stdout } = latchkey(['autocomplete', 'bash'])
  assert.equal(code, 0)
  for (const word of ['serve', 'encryption', 'change-key', '--new-encryption-key', '--passphrase-file'])
    assert.ok(stdout.includes(word), word)
  assert.match(latchkey(['completion', 'powershell']).stderr, /one of: bash, zsh, fish/)
  assert.match(latchkey(['autocomplete']).stdout, /latchkey autocomplete zsh > /)
})
