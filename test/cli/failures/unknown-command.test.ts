import assert from 'node:assert/strict'
import { test } from 'node:test'
import { unknownCommand } from '../../../src/cli/failures/unknown-command.ts'

const KNOWN = ['serve', 'config:validate', 'storage:user:totp:generate']
const hint = (...words: string[]): string | undefined => unknownCommand(words, KNOWN)?.hint

test('a known command, its arguments and flags are left alone', () => {
  for (const words of [
    ['serve'],
    ['serve', '--config', 'x'],
    ['config', 'validate'],
    ['storage', 'user', 'totp', 'generate', 'alice'],
    ['--help'],
    ['config'],
  ]) {
    assert.equal(unknownCommand(words, KNOWN), undefined, words.join(' '))
  }
})

test('a slip of the hand gets the command that was meant', () => {
  assert.equal(hint('sevre'), 'Did you mean "latchkey serve"?')
  assert.equal(hint('config', 'valdate'), 'Did you mean "latchkey config validate"?')
  assert.equal(hint('conf', 'validate'), 'Did you mean "latchkey config validate"?')
  assert.equal(
    hint('storage', 'user', 'totp', 'genrate', 'alice'),
    'Did you mean "latchkey storage user totp generate"?',
  )
  assert.equal(hint('frobnicate'), 'latchkey --help lists them all.')
})
