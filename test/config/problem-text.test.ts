import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatProblems } from '../../src/config/problem-text.ts'
import type { Problem } from '../../src/yaml/problem.ts'

const problem = (message: string, rest: Partial<Problem> = {}): Problem => ({
  severity: 'error',
  code: 'x',
  message,
  ...rest,
})

test('problems are printed as a compiler prints them, in the order of where they stand', () => {
  const text = formatProblems([
    problem('second', { position: { file: 'a.yml', line: 10, column: 2 } }),
    problem('first', { position: { file: 'a.yml', line: 9, column: 30 }, hint: 'Do this.' }),
    problem('from the environment', { severity: 'warning', position: { file: '$AUTHELIA_X', line: 1, column: 1 } }),
    problem('nowhere'),
  ])
  assert.equal(
    text,
    [
      'error  nowhere',
      'a.yml:9:30  error  first',
      '    Do this.',
      'a.yml:10:2  error  second',
      '$AUTHELIA_X  warning  from the environment',
    ].join('\n'),
  )
})
