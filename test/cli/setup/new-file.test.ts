import assert from 'node:assert/strict'
import {
  chmodSync,
  chownSync,
  lchownSync,
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
import { newFiles } from '../../../src/cli/setup/new-file.ts'

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

test('new files have the mode asked for whatever the umask is', (t) => {
  for (const umask of [0o000, 0o077]) {
    const before = process.umask(umask)
    t.after(() => process.umask(before))
    newFiles(
      [
        { path: at(`k${umask}/key`), content: 'k' },
        { path: at(`k${umask}/crt`), content: 'c', mode: 0o644 },
      ],
      { folderMode: 0o755 },
    )
    process.umask(before)
    assert.equal(statSync(at(`k${umask}/key`)).mode & 0o777, 0o600)
    assert.equal(statSync(at(`k${umask}/crt`)).mode & 0o777, 0o644)
    assert.equal(statSync(at(`k${umask}`)).mode & 0o022, 0)
  }
})

test('with force a secret is nothing that others may read, whatever lay there; the group may still be given it', () => {
  for (const [mode, kept] of [
    [0o644, 0o640],
    [0o666, 0o660],
    [0o640, 0o640],
    [0o600, 0o600],
  ] as const) {
    writeFileSync(at('key'), 'old')
    chmodSync(at('key'), mode)
    newFiles([{ path: at('key'), content: 'new' }], { force: true })
    assert.equal(statSync(at('key')).mode & 0o777, kept)
  }
  chmodSync(at('key'), 0o666)
  newFiles([{ path: at('key'), content: 'public', mode: 0o644 }], { force: true })
  assert.equal(statSync(at('key')).mode & 0o777, 0o664)
})

test('with force, where everybody may write: what somebody else put there is neither replaced nor followed', {
  skip: process.getuid?.() !== 0 && 'needs root, to be somebody else',
}, () => {
  chmodSync(folder, 0o1777)
  writeFileSync(at('theirs'), 'old')
  chownSync(at('theirs'), 65_534, 65_534)
  writeFileSync(at('mine'), 'old')
  symlinkSync(at('mine'), at('link'))
  lchownSync(at('link'), 65_534, 65_534)
  for (const name of ['theirs', 'link'])
    assert.throws(() => newFiles([{ path: at(name), content: 'secret' }], { force: true }), {
      code: 'file-unwritable',
      message: /another user’s/,
    })
  assert.deepEqual([text('theirs'), text('mine')], ['old', 'old'])
  newFiles([{ path: at('mine'), content: 'new' }], { force: true })
  assert.equal(text('mine'), 'new')
  // In a folder of one's own an owner is kept, such as a server's.
  chmodSync(folder, 0o755)
  newFiles([{ path: at('theirs'), content: 'new' }], { force: true })
  assert.equal(statSync(at('theirs')).uid, 65_534)
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
