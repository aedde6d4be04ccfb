import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { commonItems } from '../../src/config/common-items.ts'

test('what was put in, taken out or moved is not among what stayed', () => {
  assert.deepEqual(commonItems(['a', 'b', 'c'], ['x', 'a', 'c']), [
    [0, 1],
    [2, 2],
  ])
  assert.deepEqual(commonItems(['a', 'b'], ['b', 'a']).length, 1)
  assert.deepEqual(commonItems([], ['a']), [])
})

test('pairs rise on both sides and are equal', () => {
  const list = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 12 })
  fc.assert(
    fc.property(list, list, (before, after) => {
      let last = [-1, -1]
      for (const pair of commonItems(before, after)) {
        assert.equal(before[pair[0]], after[pair[1]])
        assert.ok(pair[0] > (last[0] ?? 0) && pair[1] > (last[1] ?? 0))
        last = [...pair]
      }
    }),
  )
})
