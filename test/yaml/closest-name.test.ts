// Did-you-mean.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { closestName } from '../../src/yaml/closest-name.ts'

test('a slip of the hand is recognised, a different word is not', () => {
  const known = ['address', 'endpoints', 'timeouts', 'tls']
  assert.equal(closestName('adress', known), 'address')
  assert.equal(closestName('timeuots', known), 'timeouts')
  assert.equal(closestName('Address', known), 'address')
  assert.equal(closestName('banana', known), undefined)
  assert.equal(closestName('x', known), undefined)
})
