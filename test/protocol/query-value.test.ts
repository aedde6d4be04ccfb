import assert from 'node:assert/strict'
import { test } from 'node:test'
import { queryValue } from '../../src/protocol/query-value.ts'

test('the first value of a parameter is found and decoded', () => {
  assert.equal(queryValue('a=1&rd=https%3A%2F%2Fx%2F%3Fa%3Db+c&rd=2', 'rd'), 'https://x/?a=b c')
  assert.equal(queryValue('rd', 'rd'), '')
  assert.equal(queryValue('rd=', 'rd'), '')
  assert.equal(queryValue('rd=%zz', 'rd'), '')
  assert.equal(queryValue('%72d=x', 'rd'), 'x')
  assert.equal(queryValue('RD=x&xrd=y', 'rd'), undefined)
  assert.equal(queryValue('', 'rd'), undefined)
})
