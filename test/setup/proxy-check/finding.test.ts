import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { FINDING_CODES } from '../../../src/setup/proxy-check/finding.ts'

const here = import.meta.dirname
const textOf = (pattern: string, cwd: string): string =>
  globSync(pattern, { cwd })
    .map((file) => readFileSync(join(cwd, file), 'utf8'))
    .join('\n')

test('every kind of finding is made somewhere, and planted by a test', () => {
  const source = textOf('*.ts', join(here, '../../../src/setup/proxy-check')).replace(
    /const WHY = \{[\s\S]*?\} as const/,
    '',
  )
  const tests = textOf('*.test.ts', here)
  assert.deepEqual(
    FINDING_CODES.filter((code) => !source.includes(`'${code}'`)),
    [],
  )
  assert.deepEqual(
    FINDING_CODES.filter((code) => !tests.includes(`'${code}'`)),
    [],
  )
})
