import assert from 'node:assert/strict'
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import { newFiles } from '../../src/cli/new-file.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-new-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))
const at = (name: string): string => join(folder, name)
const text = (name: string): string => readFileSync(at(name), 'utf8')

test('new files have the mode asked for, and the folders that were missing too', () => {
  newFiles(
    [
      { path: at('a/b/key'), content: 'k' },
      { path: at('a/crt'), content: 'c', mode: 0o644 },
    ],
    { folderMode: 0o700 },
  )
  assert.deepEqual(
    ['a', 'a/b', 'a/b/key', 'a/crt'].map((name) => statSync(at(name)).mode & 0o777),
    [0o700, 0o700, 0o600, 0o644],
  )
})

test('one that exists, even as a symbolic link to nowhere, keeps all of them from being written', () => {
  symlinkSync(at('nowhere'), at('link'))
  assert.throws(
    () =>
      newFiles([
        { path: at('a'), content: 'a' },
        { path: at('link'), content: 'b' },
      ]),
    { code: 'file-exists' },
  )
  assert.deepEqual(readdirSync(folder), ['link'])
})

test('with force the mode of what is replaced stays, and when one fails all are as they were', () => {
  writeFileSync(at('key'), 'old key')
  chmodSync(at('key'), 0o640)
  mkdirSync(at('crt'))
  const files = [
    { path: at('key'), content: 'new key' },
    { path: at('new'), content: 'n' },
    { path: at('crt'), content: 'c' },
  ]
  assert.throws(() => newFiles(files, { force: true }), { code: 'file-unwritable' })
  assert.equal(text('key'), 'old key')
  assert.deepEqual(readdirSync(folder).sort(), ['crt', 'key'])

  rmSync(at('crt'), { recursive: true })
  newFiles(files, { force: true })
  assert.equal(text('key'), 'new key')
  assert.equal(statSync(at('key')).mode & 0o777, 0o640)
  assert.deepEqual(readdirSync(folder).sort(), ['crt', 'key', 'new'])
})
