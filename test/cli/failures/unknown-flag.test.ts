import assert from 'node:assert/strict'
import { test } from 'node:test'
import { unknownFlag } from '../../../src/cli/failures/unknown-flag.ts'

const FLAGS = [
  { name: 'config', char: 'c' },
  { name: 'encryption-key' },
  { name: 'new-encryption-key' },
  { name: 'sqlite.path' },
  { name: 'sessions', allowNo: true },
]
const fault = (...words: string[]) => unknownFlag(words, 'bans add', FLAGS)

test('flags that exist are left alone, in every spelling, and so is what stands behind --', () => {
  for (const words of [
    ['--config', 'x'],
    ['-c', 'x'],
    ['-cx'],
    ['--config=x'],
    ['--no-sessions'],
    ['--help'],
    ['-h'],
    ['--json'],
    ['alice', '-5', '-'],
    ['--', '--anything'],
  ])
    assert.equal(fault(...words), undefined, words.join(' '))
})

test('a slip of the hand gets the flag that was meant, and what was given with it is not repeated', () => {
  assert.equal(fault('--confg')?.hint, 'Did you mean --config?')
  assert.equal(fault('--encrypton-key=hush')?.hint, 'Did you mean --encryption-key?')
  assert.doesNotMatch(`${fault('--encrypton-key=hush')?.message}`, /hush/)
  assert.equal(fault('--sqlite-path')?.hint, 'Did you mean --sqlite.path?')
  assert.equal(fault('--path')?.hint, 'Did you mean --sqlite.path?')
  assert.equal(fault('--no-sesions')?.hint, 'Did you mean --no-sessions?')
  assert.equal(fault('--frobnicate')?.hint, 'latchkey bans add --help lists them all.')
  assert.equal(fault('-x')?.message, '-x is not a flag of "latchkey bans add".')
  assert.equal(fault('-x')?.exitCode, 2)
})
