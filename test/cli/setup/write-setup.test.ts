import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { writeSetup } from '../../../src/cli/setup/write-setup.ts'
import { temporaryFolder } from '../../storage/temporary-folder.ts'

const FILES = [
  { path: 'a.conf', text: 'a' },
  { path: 'b.lua', text: 'b', mode: 0o640 },
]
const outcomes = (folder: string, force = false): readonly string[] =>
  writeSetup(folder, FILES, force).map(({ outcome }) => outcome)

test('files are written, found unchanged, and replaced when told to', (t) => {
  const folder = join(temporaryFolder(t), 'made')
  assert.deepEqual(outcomes(folder), ['written', 'written'])
  assert.equal(statSync(join(folder, 'b.lua')).mode & 0o777, 0o640)
  assert.deepEqual(outcomes(folder), ['unchanged', 'unchanged'])
  writeFileSync(join(folder, 'a.conf'), 'mine')
  assert.throws(() => outcomes(folder), { code: 'file-exists', message: /a\.conf exists already; it is left/ })
  assert.equal(readFileSync(join(folder, 'a.conf'), 'utf8'), 'mine')
  assert.deepEqual(outcomes(folder, true), ['replaced', 'unchanged'])
  assert.equal(readFileSync(join(folder, 'a.conf'), 'utf8'), 'a')
})

test('a folder or a pipe in the place of one: nothing of all is written, nobody waits', (t) => {
  const folder = temporaryFolder(t)
  mkdirSync(join(folder, 'b.lua'))
  for (const force of [false, true]) assert.throws(() => outcomes(folder, force), { code: 'file-unwritable' })
  assert.deepEqual(readdirSync(folder), ['b.lua'])
  const other = temporaryFolder(t)
  assert.equal(spawnSync('mkfifo', [join(other, 'a.conf')]).status, 0)
  for (const force of [false, true]) assert.throws(() => outcomes(other, force), { code: 'file-unwritable' })
  assert.deepEqual(readdirSync(other), ['a.conf'])
})
