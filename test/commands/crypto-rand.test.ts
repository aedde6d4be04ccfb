import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { latchkey } from './run.ts'

let cwd = ''
before(() => {
  cwd = mkdtempSync(join(tmpdir(), 'latchkey-rand-'))
})
after(() => rmSync(cwd, { recursive: true, force: true }))
const rand = (...words: string[]) => latchkey(['crypto', 'rand', ...words], { cwd })
const mode = (file: string): number => statSync(join(cwd, file)).mode & 0o777

test('prints one random value, in the lines of Authelia', () => {
  assert.match(rand().stdout, /^Random Value: [A-Za-z0-9]{72}\n$/)
  assert.match(rand('-n', '9', '-x', 'numeric').stdout, /^Random Value: [0-9]{9}\n$/)
  assert.match(rand('--characters', '#?', '--length', '8').stdout, /\nRandom Value \(URL Encoded\): (?:%23|%3F){8}\n$/)
  assert.match(JSON.parse(rand('--json').stdout).value, /^[A-Za-z0-9]{72}$/)
})

test('writes a value of its own to each file, in folders it makes, readable by the owner only', () => {
  const { code, stdout } = rand('secrets/session', 'storage', '-n', '64')
  assert.equal(code, 0)
  assert.equal(stdout, 'Created 2 files with unique random values:\n\t- secrets/session\n\t- storage\n')
  assert.deepEqual([mode('secrets'), mode('secrets/session'), mode('storage')], [0o700, 0o600, 0o600])
  const values = ['secrets/session', 'storage'].map((file) => readFileSync(join(cwd, file), 'utf8'))
  assert.ok(values.every((value) => /^[A-Za-z0-9]{64}$/.test(value)))
  assert.notEqual(values[0], values[1])
})

test('a secret that exists is not written over, and then no other file is made either', () => {
  writeFileSync(join(cwd, 'precious'), 'precious', { mode: 0o640 })
  const { code, stderr } = rand('--file', 'new,precious')
  assert.equal(code, 3)
  assert.match(stderr, /precious exists already; it is left as it is\./)
  assert.equal(readFileSync(join(cwd, 'precious'), 'utf8'), 'precious')
  assert.equal(existsSync(join(cwd, 'new')), false)

  assert.equal(rand('--file', 'new,precious', '--force').code, 0)
  assert.match(readFileSync(join(cwd, 'precious'), 'utf8'), /^\w{72}$/)
  assert.equal(mode('precious'), 0o640)
})

test('when one file cannot be written, none of the others stays', () => {
  const { code, stderr } = rand('first', '/proc/latchkey')
  assert.equal(code, 3)
  assert.match(stderr, /\/proc\/latchkey can't be written/)
  assert.equal(existsSync(join(cwd, 'first')), false)
})

test('nonsense is used wrongly', () => {
  for (const words of [
    ['-n', '0'],
    ['-n', '99999999'],
    ['-x', 'klingon'],
    ['--characters', ''],
    ['-x', 'ascii', '--characters', 'ab'],
    ['a', '--file', 'b'],
    ['a', '--mode-files', 'rw'],
  ]) {
    const { code, stdout } = rand(...words)
    assert.deepEqual([code, stdout], [2, ''], words.join(' '))
  }
})
