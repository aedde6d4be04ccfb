import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createRush } from '../../src/directory/rush.ts'

test('a hundred answers a second are a rush, until there are fewer', () => {
  let now = 0
  let answers = 0
  const isRush = createRush(
    () => answers,
    () => now,
  )
  const pass = (milliseconds: number, more: number): boolean => {
    now += milliseconds
    answers += more
    return isRush()
  }
  assert.equal(pass(1000, 99), false)
  assert.equal(pass(1000, 100), true)
  assert.equal(pass(100, 0), true, 'too short to tell')
  assert.equal(pass(150, 25), true)
  assert.equal(pass(60_000, 500), false)
  assert.equal(pass(10, 400), false, 'too short to tell')
  assert.equal(pass(240, 0), true)
})
