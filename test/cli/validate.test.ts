import assert from 'node:assert/strict'
import { test } from 'node:test'
import { validateFlags } from '../../src/cli/validate.ts'
import ConfigValidate from '../../src/commands/config/validate.ts'

test('plain words of the command are read at once, under both of its names', () => {
  assert.deepEqual(
    { ...validateFlags(['config', 'validate', '-c', 'a', '--config=b', '--json']) },
    { config: ['a', 'b'], json: true },
  )
  assert.deepEqual({ ...validateFlags(['validate-config']) }, {})
})

test('what wants explaining, and every other command, is left to oclif', () => {
  for (const words of [
    ['config', 'validate', '--help'],
    ['config', 'validate', '--confg', 'x'],
    ['config', 'validate', 'x'],
    ['config', 'validate', '--config'],
    ['config', 'show'],
    ['config'],
  ])
    assert.equal(validateFlags(words), undefined, words.join(' '))
})

test('no flag of the command is unknown to the quick reading', () => {
  for (const name of Object.keys(ConfigValidate.flags))
    assert.ok(validateFlags(['config', 'validate', `--${name}`, 'x']), name)
})
