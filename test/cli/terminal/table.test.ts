import assert from 'node:assert/strict'
import { test } from 'node:test'
import { count, facts, table } from '../../../src/cli/terminal/table.ts'

test('columns are as wide as their widest cell, nothing is a dash, and lines have no blanks behind them', () => {
  assert.equal(
    table(
      ['Name', 'Groups'],
      [
        ['alice', undefined],
        ['bo', 2],
      ],
    ),
    'Name   Groups\nalice  -\nbo     2',
  )
})

test('facts stand under each other', () => {
  assert.equal(
    facts([
      ['key', 'RSA'],
      ['', 'more'],
      ['valid', 'yes'],
    ]),
    '  key    RSA\n         more\n  valid  yes',
  )
  assert.equal(facts([['user', 'alice']], ''), 'user  alice')
})

test('what somebody else wrote can’t steer the terminal', () => {
  assert.equal(table(['Agent'], [['\u001b[2J\u202e']]), 'Agent\n\\u001b[2J\\u202e')
  assert.equal(facts([['for', 'a\nb']]), '  for  a\\u000ab')
})

test('one is not many', () => {
  assert.deepEqual(
    [count(0, 'rule'), count(1, 'rule'), count(2, 'piece of advice', 'pieces of advice')],
    ['0 rules', '1 rule', '2 pieces of advice'],
  )
})
