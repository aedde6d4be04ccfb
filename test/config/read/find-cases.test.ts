import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { findCases } from '../../../src/config/read/find-cases.ts'
import { findFiles } from '../../../src/config/read/find-files.ts'

let cwd = ''
before(() => {
  cwd = mkdtempSync(join(tmpdir(), 'latchkey-cases-'))
  mkdirSync(join(cwd, 'conf/old.test.yml'), { recursive: true })
  for (const name of ['configuration.yml', 'rules.test.yml', 'configuration.test.yaml', 'compose.test.yml'])
    writeFileSync(join(cwd, name), '')
  for (const name of ['10.yml', 'rules.yaml', 'b.test.yml', 'a.test.yaml', 'test.yml'])
    writeFileSync(join(cwd, 'conf', name), '')
})
after(() => rmSync(cwd, { recursive: true, force: true }))
const where = (...paths: string[]) => ({ paths, explicit: true, env: {}, cwd })

test('a directory is read without the cases that lie in it', () => {
  assert.deepEqual(findFiles(where('conf')).files, ['conf/10.yml', 'conf/rules.yaml', 'conf/test.yml'])
})

test('a file that is named is configuration, whatever its name', () => {
  assert.deepEqual(findFiles(where('rules.test.yml')).files, ['rules.test.yml'])
})

test('all cases of a directory are found, and no folder is taken for one', () => {
  assert.deepEqual(findCases(where('conf')), ['conf/a.test.yaml', 'conf/b.test.yml'])
})

test('beside a file only its own and the rules’ are found, each once', () => {
  assert.deepEqual(findCases(where('configuration.yml')), ['configuration.test.yaml', 'rules.test.yml'])
  assert.deepEqual(findCases(where('configuration.yml', './configuration.yml')), [
    'configuration.test.yaml',
    'rules.test.yml',
  ])
  assert.deepEqual(findCases(where('missing/configuration.yml')), [])
})
