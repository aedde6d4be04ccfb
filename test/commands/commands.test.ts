import assert from 'node:assert/strict'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { temporaryFolder } from '../storage/temporary-folder.ts'
import { latchkey } from './run.ts'

let cwd = ''
before(() => {
  cwd = mkdtempSync(join(tmpdir(), 'latchkey-commands-'))
  for (const file of ['configuration.yml', 'users.yml'])
    cpSync(join(import.meta.dirname, '../../examples/nginx', file), join(cwd, file))
})
after(() => rmSync(cwd, { recursive: true, force: true }))

describe('config validate', () => {
  test('a good configuration: exit code 0, and the warnings on standard error', () => {
    const text = readFileSync(join(cwd, 'configuration.yml'), 'utf8')
    writeFileSync(join(cwd, 'warned.yml'), `${text}\nntp:\n  max_desync: '3s'\n`)
    const { code, stdout, stderr } = latchkey(['config', 'validate', '--config', 'warned.yml'], { cwd })
    assert.equal(code, 0)
    assert.match(stdout, /^warned\.yml: valid, \d warnings?\n$/)
    assert.match(stderr, /^warned\.yml:\d+:1 {2}warning {2}ntp is checked/m)
  })

  test('a bad one: exit code 1, every error with its place, and what was probably meant', () => {
    const text = readFileSync(join(cwd, 'configuration.yml'), 'utf8')
    writeFileSync(
      join(cwd, 'bad.yml'),
      text.replace('trusted_proxies', 'trusted_proxy').replace("'two_factor'", "'three_factor'"),
    )
    const { code, stdout, stderr } = latchkey(['config', 'validate', '--config', 'bad.yml'], { cwd })
    assert.equal(code, 1)
    assert.match(stdout, /not valid, 2 errors/)
    assert.match(
      stderr,
      /^bad\.yml:7:3 {2}error {2}server\.trusted_proxy is not a known key\n {4}Did you mean server\.trusted_proxies\?$/m,
    )
    assert.match(stderr, /^bad\.yml:\d+:\d+ {2}error {2}.*three_factor/m)
  })

  test('--json prints the same as data', () => {
    const { code, stdout } = latchkey(['config', 'validate', '--config', 'warned.yml', '--json'], { cwd })
    assert.equal(code, 0)
    const answer = JSON.parse(stdout)
    assert.equal(answer.valid, true)
    assert.equal(answer.problems[0].severity, 'warning')
    assert.equal(typeof answer.problems[0].position.line, 'number')
  })

  test('a missing file is named', () => {
    const { code, stderr } = latchkey(['config', 'validate', '--config', 'missing.yml'], { cwd })
    assert.equal(code, 1)
    assert.match(stderr, /missing\.yml/)
  })
})

describe('used wrongly', () => {
  test('where nobody said which configuration, that is what is said', (t) => {
    const cwd = temporaryFolder(t)
    const none = latchkey(['user', 'list'], { cwd })
    assert.deepEqual([none.code, none.stdout], [3, ''])
    assert.match(none.stderr, /^latchkey: There is no configuration\.yml here\.\n {2}Name it with --config/)
    mkdirSync(join(cwd, 'latchkey/config'), { recursive: true })
    assert.match(
      latchkey(['user', 'list'], { cwd }).stderr,
      /There is one in latchkey\/config: add --config latchkey\/config/,
    )
    // What the environment says is a configuration too, and then what it lacks is of interest.
    assert.match(latchkey(['user', 'list'], { cwd, env: { LATCHKEY_THEME: 'dark' } }).stderr, /is not valid/)
  })

  test('a mistyped command gets the one that was meant and exit code 2', () => {
    const { code, stderr } = latchkey(['config', 'valdate'])
    assert.equal(code, 2)
    assert.match(stderr, /"config valdate" is not a command\.\n {2}Did you mean "latchkey config validate"\?/)
  })

  test('an unknown flag is exit code 2', () => {
    const { code, stderr } = latchkey(['config', 'validate', '--confg', 'x'])
    assert.equal(code, 2)
    assert.match(stderr, /--confg/)
  })
})

describe('storage user totp', () => {
  const SECRET = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP'
  const totp = (...args: string[]) =>
    latchkey(['storage', 'user', 'totp', ...args, '--config', 'configuration.yml'], { cwd })

  test('a device is made, not replaced without --force, exported and deleted', () => {
    const made = totp('generate', 'alice', '--secret', SECRET, '--path', 'alice.png')
    assert.equal(made.code, 0, made.stderr)
    assert.match(
      made.stdout,
      new RegExp(`otpauth://totp/Authelia:alice\\?algorithm=SHA1&digits=6&issuer=Authelia&period=30&secret=${SECRET}`),
    )
    assert.equal(statSync(join(cwd, 'alice.png')).mode & 0o777, 0o600)
    assert.deepEqual([...readFileSync(join(cwd, 'alice.png')).subarray(1, 4)], [...Buffer.from('PNG')])

    const again = totp('generate', 'alice')
    assert.equal(again.code, 1)
    assert.match(again.stderr, /alice has a one-time-code device already\.\n {2}Replace it with --force\./)

    assert.equal(
      totp('generate', 'bob', '--digits', '8', '--period', '60', '--algorithm', 'SHA512', '--issuer', 'My home').code,
      0,
    )
    const uris = totp('export', 'uri')
    assert.equal(uris.stdout.trim().split('\n').length, 2)
    assert.equal(totp('export', 'csv', '--file', 'totp.csv').code, 0)
    assert.match(
      readFileSync(join(cwd, 'totp.csv'), 'utf8'),
      new RegExp(
        `^issuer,username,algorithm,digits,period,secret\nAuthelia,alice,SHA1,6,30,${SECRET}\nMy home,bob,SHA512,8,60,`,
      ),
    )
    assert.equal(totp('export', '--file', 'totp.yml').code, 0)
    assert.match(
      readFileSync(join(cwd, 'totp.yml'), 'utf8'),
      new RegExp(`secret: ${Buffer.from(SECRET).toString('base64')}`),
    )
    assert.equal(totp('export', '--file', 'totp.yml').code, 3)
    assert.equal(totp('export', 'png', '--directory', 'codes').code, 0)
    assert.ok(existsSync(join(cwd, 'codes', 'bob.png')))

    assert.equal(totp('delete', 'alice').code, 0)
    const gone = totp('delete', 'alice')
    assert.equal(gone.code, 1)
    assert.match(gone.stderr, /alice has no one-time-code device/)
  })

  test('a secret that is not base32 and digits that do not exist are refused', () => {
    assert.equal(totp('generate', 'carol', '--secret', 'not base 32!').code, 2)
    assert.equal(totp('generate', 'carol', '--digits', '7').code, 2)
  })

  test('the wrong encryption key is found before anything is written', () => {
    const { code, stderr } = totp('delete', 'bob', '--encryption-key', 'another-key-of-sufficient-length')
    assert.equal(code, 3)
    assert.match(stderr, /storage\.encryption_key is not the key/)
    assert.doesNotMatch(stderr, /another-key/)
  })
})
