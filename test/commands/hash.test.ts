import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { parseHash, verifyHash } from '../../src/directory/password-hash.ts'
import { latchkey } from './run.ts'

let cwd = ''
before(() => {
  cwd = mkdtempSync(join(tmpdir(), 'latchkey-hash-'))
})
after(() => rmSync(cwd, { recursive: true, force: true }))

const digest = (stdout: string): string => /^Digest: (.*)$/m.exec(stdout)?.[1] ?? ''
const matches = async (hash: string, password: string): Promise<boolean> => {
  const parsed = parseHash(hash)
  return parsed.kind === 'ok' && verifyHash(parsed.hash, password)
}

describe('hash', () => {
  test('hashes the password of a pipe, with argon2id and m, t, p in the usual order', async () => {
    const { code, stdout, stderr } = latchkey(['hash'], { cwd, input: 'correct horse\n' })
    assert.deepEqual([code, stderr], [0, ''])
    assert.match(stdout, /^Digest: \$argon2id\$v=19\$m=65536,t=3,p=4\$[^\n]+\n$/)
    assert.ok(await matches(digest(stdout), 'correct horse'))
  })

  test('makes a random password and tells it, in the lines of Authelia', async () => {
    const { stdout } = latchkey(['crypto', 'hash', 'generate', '--random', 'bcrypt'], { cwd })
    const [, password = '', hash = ''] = /^Random Password: ([A-Za-z0-9]{72})\nDigest: (\S+)\n$/.exec(stdout) ?? []
    assert.ok(await matches(hash, password))
    const other = latchkey(['hash', 'bcrypt', '--random.charset', 'numeric-hex', '--random.length', '9', '--json'], {
      cwd,
    })
    assert.match(JSON.parse(other.stdout).password, /^[0-9A-F]{9}$/)
    const odd = latchkey(['hash', 'argon2', '-m', '64', '-p', '1', '--random', '--random.characters', ' %'], { cwd })
    assert.match(odd.stdout, /^Random Password \(URL Encoded\): (?:\+|%25)+$/m)
  })

  for (const [words, form] of [
    ['argon2 -v argon2i -m 64 -i 2 -p 1 -k 16 -s 8', /^\$argon2i\$v=19\$m=64,t=2,p=1\$.{11}\$.{22}$/],
    ['argon2 --profile low-memory', /^\$argon2id\$v=19\$m=65536,t=3,p=4\$/],
    ['scrypt -i 4 -r 4 -p 2 -k 16 -s 8', /^\$scrypt\$ln=4,r=4,p=2\$.{11}\$.{22}$/],
    ['pbkdf2 --variant sha1 --iterations 100000', /^\$pbkdf2\$100000\$/],
    ['pbkdf2 -v sha384 -i 100001 -s 8', /^\$pbkdf2-sha384\$100001\$.{11}\$/],
    ['sha2crypt -v sha256 -i 1000 -s 4', /^\$5\$rounds=1000\$.{4}\$/],
    ['sha2crypt -i 1000', /^\$6\$rounds=1000\$.{16}\$/],
    ['bcrypt --cost 10', /^\$2b\$10\$/],
    ['bcrypt -v sha256 -i 10', /^\$bcrypt-sha256\$v=2,t=2b,r=10\$/],
  ] as const) {
    test(`crypto hash generate ${words}: Authelia's flags make the hash they name`, async () => {
      const { stdout, stderr } = latchkey(['crypto', 'hash', 'generate', ...words.split(' '), '--password', 'x y'], {
        cwd,
      })
      assert.match(digest(stdout), form, stderr)
      assert.ok(await matches(digest(stdout), 'x y'))
    })
  }

  test('the parameters of a configuration count when it is named, and flags count more', () => {
    const example = readFileSync(join(import.meta.dirname, '../../examples/nginx/configuration.yml'), 'utf8')
    const password = "    password: {algorithm: 'sha2crypt', sha2crypt: {iterations: 1234}}\n"
    writeFileSync(
      join(cwd, 'named.yml'),
      example.replace(/^( {4})path: .*users.*\n/m, (line) => line + password),
    )
    const configured = latchkey(['hash', '--config', 'named.yml', '--password', 'x'], { cwd })
    assert.match(digest(configured.stdout), /^\$6\$rounds=1234\$/, configured.stderr)
    const flagged = latchkey(['hash', 'sha2crypt', '-v', 'sha256', '--password', 'x', '-c', 'named.yml'], { cwd })
    assert.match(digest(flagged.stdout), /^\$5\$rounds=1234\$/)

    writeFileSync(join(cwd, 'bad.yml'), 'nonsense: 1\n')
    const bad = latchkey(['hash', '--config', 'bad.yml', '--password', 'x'], { cwd })
    assert.deepEqual([bad.code, bad.stdout], [1, ''])
    assert.match(bad.stderr, /the configuration is not valid/)
  })

  test('a configuration.yml that only happens to lie here and is not valid is said, and does not matter', () => {
    const here = mkdtempSync(join(cwd, 'here-'))
    writeFileSync(join(here, 'configuration.yml'), 'nonsense: [')
    const { code, stdout, stderr } = latchkey(['hash', '--password', 'x'], { cwd: here })
    assert.equal(code, 0)
    assert.match(stderr, /configuration\.yml is not valid, so the usual parameters are used/)
    assert.match(stdout, /^Digest: \$argon2id/)
  })

  test('what cannot be hashed is refused in one sentence, and nothing typed is repeated', () => {
    for (const [words, input, said] of [
      [['hash'], '\n', /The password is empty/],
      [['hash'], '', /The password is empty/],
      [['hash', '--password', ''], '', /The password is empty/],
      [['hash', 'bcrypt', '--cost', '10'], 'x'.repeat(73), /73 bytes long; at most 72/],
      [['hash'], 'x'.repeat(70_000), /too long for a password/],
      [['hash', 'hunter2'], '', /none of its algorithms/],
      [['hash', 'verfy'], '', /Did you mean "latchkey hash verify"\?/],
      [['hash', 'scrypt', '-v', 'yescrypt', '--password', 'x'], '', /yescrypt is not supported/],
      [['hash', 'argon2', '-m', '4194304', '--password', 'x'], '', /memory \(m\) is above/],
      [['hash', 'argon2', '-k', '2000000000', '--password', 'x'], '', /less than or equal to 1024/],
      [['hash', '--random', '--password', 'x'], '', /--password/],
      [['hash', '--random.characters', 'aa'], '', /at least two different characters/],
    ] as const) {
      const { code, stdout, stderr } = latchkey([...words], { cwd, input })
      assert.deepEqual([code, stdout], [2, ''], words.join(' '))
      assert.match(stderr, said)
      assert.doesNotMatch(stderr, /hunter2|This is a bug/)
    }
  })
})

describe('hash verify', () => {
  const hash = '$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5'

  test('says with words and exit code whether the password belongs to the hash', () => {
    const yes = latchkey(['hash', 'verify', hash], { cwd, input: 'Hello world!\n' })
    assert.deepEqual([yes.code, yes.stdout], [0, 'The password matches the digest.\n'])
    const no = latchkey(['crypto', 'hash', 'validate', '--password', 'Hello world?', '--', hash], { cwd })
    assert.deepEqual([no.code, no.stdout], [1, 'The password does not match the digest.\n'])
    const json = latchkey(['hash', 'verify', hash, '--json', '--password', 'x'], { cwd })
    assert.deepEqual([json.code, JSON.parse(json.stdout)], [1, { match: false }])
  })

  test('a hash that the shell has eaten from is explained', () => {
    const { code, stderr } = latchkey(['hash', 'verify', '=19=65536,t=3,p=4', '--password', 'x'], { cwd })
    assert.equal(code, 2)
    assert.match(stderr, /use single quotes/)
  })
})

describe('hash tune', () => {
  test('prints configuration on standard output, and what it measures on standard error', () => {
    const { code, stdout, stderr } = latchkey(['hash', 'tune', '--target', '10ms', '--memory', '19456'], { cwd })
    assert.equal(code, 0)
    assert.match(stdout, /^# One hash takes \d+ ms and 19 MiB on this machine\.\nauthentication_backend:\n/)
    assert.match(stdout, /^ {8}memory: 19456\n {8}iterations: \d+\n {8}parallelism: \d+\n$/m)
    assert.match(stderr, /19 MiB, 2 passes: \d+ ms/)
  })

  test('a target that is no time is refused', () => {
    assert.equal(latchkey(['hash', 'tune', '--target', 'soon'], { cwd }).code, 2)
    assert.equal(latchkey(['hash', 'tune', '--target', '1h'], { cwd }).code, 2)
  })
})
