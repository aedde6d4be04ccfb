import assert from 'node:assert/strict'
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { parseHash, verifyHash } from '../../src/directory/password-hash.ts'
import { temporaryFolder } from '../storage/temporary-folder.ts'
import { latchkey } from './run.ts'

const HASH = '$argon2id$v=19$m=64,t=1,p=1$ng3gDYV+8gdxbZIFLLjzWg$XtWGYqaqZfTd7JLFfSU7tkujKlwdq1h4/J5cDv8a70Y'
const USERS = `# Our people
users:
  # The boss
  alice:
    displayname: 'Alice Liddell' # as in the book
    password: '${HASH}'
    email: 'alice@example.com'
    groups: ['admins', 'family']
  bob:
    displayname: Bob
    password: "${HASH}"
`
const GOOD = 'correct horse battery'

function scene(t: TestContext, users: string | undefined = USERS) {
  const cwd = temporaryFolder(t)
  const file = join(cwd, 'users.yml')
  if (users !== undefined) writeFileSync(file, users)
  const text = (): string => readFileSync(file, 'utf8')
  const user = (args: readonly string[], input = '') =>
    latchkey(['user', ...args, '--file', 'users.yml'], { cwd, input })
  const hashOf = async (name: string, password: string): Promise<boolean> => {
    const encoded = /password: ['"](\$[^'"]+)/.exec(text().split(`  ${name}:`)[1] ?? '')?.[1] ?? ''
    const parsed = parseHash(encoded)
    return parsed.kind === 'ok' && verifyHash(parsed.hash, password)
  }
  return { cwd, file, text, user, hashOf }
}

describe('user add', () => {
  test('adds behind the others and touches nothing else; the password is that of the pipe', async (t) => {
    const { user, text, file, hashOf } = scene(t)
    chmodSync(file, 0o640)
    const args = [
      'add',
      'carl',
      '-d',
      "Carl O'Hara",
      '-e',
      'carl@example.com',
      '-g',
      'family',
      '--field',
      'locale=de-DE',
    ]
    const { code, stdout, stderr } = user([...args, '--disabled'], `${GOOD}\n`)
    assert.deepEqual([code, stdout, stderr], [0, 'carl is added to users.yml.\n', ''])
    assert.ok(text().startsWith(USERS))
    assert.match(
      text().slice(USERS.length),
      /^ {2}carl:\n {4}displayname: 'Carl O''Hara'\n {4}password: '\$argon2id\$v=19\$m=65536,t=3,p=4\$[^']+'\n {4}email: 'carl@example.com'\n {4}locale: 'de-DE'\n {4}groups:\n {6}- 'family'\n {4}disabled: true\n$/,
    )
    assert.equal(await hashOf('carl', GOOD), true)
    assert.equal(statSync(file).mode & 0o777, 0o640)
  })

  test('makes the file where there is none, for its owner only; --generate prints the password, once', async (t) => {
    const { user, cwd, text, file, hashOf } = scene(t)
    const { code, stdout } = latchkey(['user', 'add', 'alice', '--generate', '--json', '--file', 'new.yml'], { cwd })
    assert.equal(code, 0)
    const { password } = JSON.parse(stdout)
    assert.match(password, /^(?:\w{5}-){3}\w{5}$/)
    assert.equal(statSync(join(cwd, 'new.yml')).mode & 0o777, 0o600)
    assert.match(readFileSync(join(cwd, 'new.yml'), 'utf8'), /^# .*\nusers:\n {2}alice:\n/)
    const shown = user(['add', 'carl', '--generate'])
    const generated = /^carl is added to users.yml.\nPassword: (\S+)\n$/.exec(shown.stdout)?.[1] ?? ''
    assert.equal(await hashOf('carl', generated), true)
    assert.ok(!text().includes(generated))
    assert.ok(existsSync(file))
  })

  test('refuses who is there, an address in use, a bad name, a bad address, a weak and an empty password; the file stays', (t) => {
    const { user, text } = scene(t)
    const refusals: readonly (readonly [string[], string, number, RegExp])[] = [
      [['alice'], GOOD, 1, /There is a user alice already\./],
      [['carl', '-e', 'Alice@Example.com'], GOOD, 1, /is the e-mail address of alice/],
      [[' carl'], GOOD, 2, /begin or end with a blank/],
      [['carl', '-e', 'carl'], GOOD, 2, /"carl" is no e-mail address/],
      [['carl'], 'carl12345', 1, /The password is too easy to guess/],
      [['carl'], '', 2, /The password is empty/],
      [['carl', '--hash', 'argon2id=19'], '', 2, /does not begin with \$.*\n.*single quotes/],
      [['carl', '--field', 'local=de'], GOOD, 2, /"local" is no field.*\n {2}Did you mean locale\?/],
      [['carl', '-g', 'a,b', '--hash', HASH], '', 1, /would not be valid any more[\s\S]*separates groups/],
      [[], GOOD, 2, /Missing 1 required arg/],
    ]
    for (const [args, input, expected, message] of refusals) {
      const { code, stdout, stderr } = user(['add', ...args], input)
      assert.equal(code, expected, stderr)
      assert.match(stderr, message)
      assert.equal(stdout, '')
    }
    assert.equal(text(), USERS)
    assert.equal(user(['add', 'carl', '--allow-weak'], 'carl12345').code, 0)
  })
})

describe('user list, show, groups', () => {
  test('a table, one user, the groups', (t) => {
    const { user } = scene(t, USERS.replace('displayname: Bob', 'displayname: "Bob\\e[31m"\n    disabled: true'))
    assert.equal(
      user(['list']).stdout,
      'USER   NAME           E-MAIL             GROUPS          STATE     PASSWORD\n' +
        'alice  Alice Liddell  alice@example.com  admins, family  enabled   argon2id m=64 t=1 p=1\n' +
        'bob    Bob\\u001b[31m  -                  -               disabled  argon2id m=64 t=1 p=1\n',
    )
    const listed = JSON.parse(user(['list', '--disabled', '--json']).stdout)
    assert.deepEqual(
      listed.users.map(({ username, state }: Record<string, string>) => [username, state]),
      [['bob', 'disabled']],
    )
    assert.match(
      user(['show', 'alice']).stdout,
      /^user {8}alice\nname {8}Alice Liddell\n[\s\S]*written in {2}users.yml:4\n$/,
    )
    assert.equal(user(['groups']).stdout, 'GROUP   USERS\nadmins  alice\nfamily  alice\n')
    assert.equal(user(['groups', 'alice']).stdout, 'admins\nfamily\n')
    for (const output of [user(['list', '--json']), user(['show', 'alice', '--json'])]) {
      assert.doesNotMatch(output.stdout, /\$argon2/, 'a hash is nobody’s business')
    }
  })

  test('a broken file is told with its places, a missing one with what to do', (t) => {
    const { user, cwd, text } = scene(t, `${USERS}  carl: {displayname: C}\n`)
    const { code, stderr } = user(['list'])
    assert.equal(code, 1)
    assert.match(
      stderr,
      /is not valid; it is left as it is\.\nusers\.yml:12:3 {2}error {2}User "carl": password is missing/,
    )
    const before = text()
    assert.equal(user(['remove', 'bob']).code, 1)
    assert.equal(user(['add', 'dora', '--generate']).code, 1)
    assert.equal(text(), before)
    const missing = latchkey(['user', 'list', '--file', 'no.yml'], { cwd })
    assert.deepEqual([missing.code, /no\.yml doesn't exist\.\n.*user add/.test(missing.stderr)], [1, true])
  })
})

describe('user set, password, disable, enable, groups, remove', () => {
  test('each changes its own place and nothing else', async (t) => {
    const { user, text, hashOf } = scene(t)
    assert.equal(user(['set', 'alice', '-d', 'Alice', '--unset', 'email']).code, 0)
    let expected = USERS.replace("'Alice Liddell'", "'Alice'").replace(/ {4}email.*\n/, '')
    assert.equal(text(), expected)
    assert.equal(user(['disable', 'bob', 'alice']).stderr, 'Nobody can sign in any more.\n')
    assert.equal(user(['enable', 'alice', 'bob']).code, 0)
    assert.equal(user(['enable', 'bob']).stdout, 'bob is enabled already.\n')
    expected = expected.replace("'family']\n", "'family']\n    disabled: false\n").concat('    disabled: false\n')
    assert.equal(text(), expected)
    assert.match(
      user(['groups', 'alice', '--add', 'new', '--remove', 'family']).stdout,
      /now in these groups: admins, new/,
    )
    assert.equal(text(), expected.replace("'family'", "'new'"))
    assert.equal(user(['password', 'alice'], GOOD).code, 0)
    assert.equal(await hashOf('alice', GOOD), true)
    const removed = user(['remove', 'alice'])
    assert.deepEqual(
      [removed.code, removed.stderr],
      [0, 'Before somebody else is given this name: latchkey user 2fa reset alice\n'],
      'LIF-03',
    )
    assert.equal(text(), `# Our people\nusers:\n  # The boss\n  bob:${expected.split('  bob:')[1]}`)
  })

  test('an unknown user gets who was meant, the last one is kept unless forced, nothing to do is said', (t) => {
    const { user, text } = scene(t)
    for (const args of [
      ['show'],
      ['set', '-d', 'X'],
      ['password', '--generate'],
      ['disable'],
      ['groups'],
      ['remove'],
    ]) {
      const { code, stderr } = user([...args, 'alcie'])
      assert.deepEqual([code, stderr], [1, 'latchkey: There is no user "alcie".\n  Did you mean alice?\n'])
    }
    const last = user(['remove', 'alice', 'bob'])
    assert.equal(last.code, 1)
    assert.match(last.stderr, /This is the last user/)
    assert.equal(user(['set', 'bob']).code, 2)
    assert.equal(user(['set', 'bob', '-d', 'Bob', '--unset', 'email']).code, 0)
    assert.equal(text(), USERS)
    assert.equal(user(['remove', 'alice', 'bob', '--force']).code, 0)
    assert.match(text(), /^users: \{\}$/m)
  })

  test('Windows line ends, a byte order mark, a last line without an end: all stay', (t) => {
    const windows = `\ufeff${USERS.replaceAll('\n', '\r\n').trimEnd()}`
    const { user, text } = scene(t, windows)
    assert.equal(user(['disable', 'alice']).code, 0)
    assert.equal(text(), windows.replace("'family']\r\n", "'family']\r\n    disabled: true\r\n"))
    assert.equal(user(['disable', 'bob']).code, 0)
    assert.ok(text().endsWith('"\r\n    disabled: true\r\n'))
  })
})

describe('with a configuration', () => {
  const configuration = (more: string): string => `authentication_backend:
  password_reset: {disable: true}
  file:
    path: people.yml
    watch: false
    search: {email: true, case_insensitive: true}
    password: {algorithm: bcrypt, bcrypt: {cost: 10}}
${more}access_control: {default_policy: one_factor}
session: {secret: abcdefgh, cookies: [{domain: example.com, authelia_url: 'https://auth.example.com'}]}
storage: {encryption_key: abcdefghijklmnopqrstuvwxyz, local: {path: db.sqlite3}}
notifier: {filesystem: {filename: mail.txt}}
`
  test('its users file, its hashing, its search settings and its password policy count', (t) => {
    const cwd = temporaryFolder(t)
    const policy = 'password_policy: {standard: {enabled: true, min_length: 12, require_number: true}}\n'
    writeFileSync(join(cwd, 'configuration.yml'), configuration(policy))
    writeFileSync(join(cwd, 'people.yml'), USERS)
    const user = (args: string[], input = '') => latchkey(['user', ...args], { cwd, input })
    assert.match(user(['add', 'carl'], 'xKq-y').stderr, /shorter than 12 characters and has no digit/)
    assert.match(user(['add', 'carl'], 'correct horse battery').stderr, /The password has no digit/)
    assert.match(user(['add', 'Carl'], `${GOOD} 7`).stderr, /must be in lower case/)
    assert.match(user(['add', 'alice@example.com'], `${GOOD} 7`).stderr, /would be the same as alice/)
    assert.match(user(['set', 'bob', '-e', 'alice@example.com', '--force']).stderr, /sign in by e-mail address here/)
    assert.equal(user(['add', 'carl'], `${GOOD} 7`).code, 0)
    assert.match(readFileSync(join(cwd, 'people.yml'), 'utf8'), /carl:\n.*\n {4}password: '\$2b\$10\$/)
    const disabled = user(['disable', 'CARL'])
    assert.equal(disabled.stdout, `carl is disabled in ${join(cwd, 'people.yml')}.\n`)
    assert.equal(disabled.stderr, '', 'where no server runs there is nothing to say about one')
    writeFileSync(join(cwd, 'configuration.yml'), 'nonsense: true\n')
    const broken = user(['list'])
    assert.deepEqual([broken.code, /the configuration is not valid/.test(broken.stderr)], [1, true])
  })
})

describe('user import', () => {
  const OTHERS = `users:
  alice: {displayname: Alice, password: '${HASH}', email: new@example.com}
  bob: {displayname: Bob, password: '${HASH}'}
  dora:
    displayname: Dora
    password: '${HASH}'
    phone_extension: 0012
    groups: [family]
`
  test('another users file: first dry, then for good; who is here is kept, or replaced on request', (t) => {
    const { user, cwd, text } = scene(t)
    writeFileSync(join(cwd, 'others.yml'), OTHERS)
    const dry = user(['import', 'others.yml', '--dry-run'])
    assert.equal(
      dry.stdout,
      'others.yml → users.yml (dry run: nothing is written)\n  1 would be added: dora\n  1 here already, kept (--replace makes them as imported): alice\n  1 here already, the same: bob\n',
    )
    assert.equal(text(), USERS)
    assert.equal(user(['import', 'others.yml']).code, 0)
    const added = text()
    assert.equal(
      added,
      `${USERS}  dora:\n    displayname: 'Dora'\n    password: '${HASH}'\n    phone_extension: '0012'\n    groups:\n      - 'family'\n`,
    )
    const again = JSON.parse(user(['import', 'others.yml', '--replace', '--json']).stdout)
    assert.deepEqual([again.added, again.replaced, again.same], [[], ['alice'], ['bob', 'dora']])
    assert.equal(
      text(),
      added
        .replace("'Alice Liddell'", "'Alice'")
        .replace('alice@', 'new@')
        .replace(/ {4}groups: \['admins.*\n/, ''),
    )
  })

  test('a table: all or none, plain passwords only when told so, generated ones printed', async (t) => {
    const { user, cwd, text, hashOf } = scene(t)
    writeFileSync(
      join(cwd, 'people.csv'),
      `username,displayname,email,groups,password\ncarl,Carl C,c@x.org,a;b,${GOOD}\ndora,,,,\n`,
    )
    const refused = user(['import', 'people.csv'])
    assert.equal(refused.code, 1)
    assert.match(
      refused.stderr,
      /Nothing is imported\.\n.*"carl" is no hash.*\n.*--plain-passwords.*\n.*"dora" is missing.*\n.*--generate/,
    )
    assert.ok(!refused.stderr.includes(GOOD))
    assert.equal(text(), USERS)
    const { code, stdout, stderr } = user(['import', 'people.csv', '--plain-passwords', '--generate'])
    assert.equal(code, 0, stderr)
    const generated = /^USER {2}PASSWORD\ndora {2}(\S+)$/m.exec(stdout)?.[1] ?? ''
    assert.deepEqual([await hashOf('carl', GOOD), await hashOf('dora', generated)], [true, true])
    const piped = user(['import', '-', '--format', 'csv'], `name;hash\nemma;${HASH}\n`)
    assert.equal(piped.stdout, '- → users.yml\n  1 added: emma\n')
    assert.ok(text().startsWith(USERS))
    assert.match(
      text(),
      /carl:\n {4}displayname: 'Carl C'\n[\s\S]*groups:\n {6}- 'a'\n {6}- 'b'\n {2}dora:\n {4}displayname: 'dora'\n/,
    )
  })

  test('a source with errors, an address in use, a folder, nothing at all: each is said and nothing is written', (t) => {
    const { user, cwd, text } = scene(t)
    writeFileSync(join(cwd, 'bad.yml'), 'users:\n  carl: {displayname: C, password: plain}\n')
    writeFileSync(join(cwd, 'mail.csv'), `username,email,password\ncarl,alice@example.com,"${HASH}"\n`)
    mkdirSync(join(cwd, 'folder.csv'))
    for (const [source, message] of [
      ['bad.yml', /bad\.yml:2:\d+ {2}error .*does not begin with \$/],
      ['mail.csv', /is the e-mail address of alice/],
      ['folder.csv', /folder\.csv can't be read: it is a folder/],
      ['no.yml', /no\.yml doesn't exist/],
      ['people.csv', /doesn't exist/],
    ] as const) {
      const { code, stderr } = user(['import', source])
      assert.ok(code === 1 || code === 3, stderr)
      assert.match(stderr, message)
    }
    assert.equal(text(), USERS)
  })
})
