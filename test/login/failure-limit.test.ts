// The limit of failed sign-ins by address.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { manualClock } from '../../src/base/clock.ts'
import { FailureLimit } from '../../src/login/failure-limit.ts'

function lab() {
  const clock = manualClock(0)
  return { clock, limit: new FailureLimit(clock) }
}
const fail = (limit: FailureLimit, times: number, from = '203.0.113.7') => {
  for (let i = 0; i < times; i++) limit.failed(from)
}

test('thirty failures at once, then one every ten seconds', () => {
  const { clock, limit } = lab()
  fail(limit, 29)
  assert.equal(limit.waitSeconds('203.0.113.7'), 0)
  fail(limit, 1)
  assert.equal(limit.waitSeconds('203.0.113.7'), 10)
  clock.advance(9999)
  assert.equal(limit.waitSeconds('203.0.113.7'), 1)
  clock.advance(1)
  assert.equal(limit.waitSeconds('203.0.113.7'), 0)
  fail(limit, 1)
  assert.equal(limit.waitSeconds('203.0.113.7'), 10)
})

test('failures that were in flight together are paid back, but no more than thirty of them', () => {
  const { limit } = lab()
  fail(limit, 1000)
  assert.equal(limit.waitSeconds('203.0.113.7'), 310)
})

test('BRF-03 a mapped address is the IPv4 address, and a /64 is one', () => {
  const { limit } = lab()
  fail(limit, 30, '::ffff:203.0.113.7')
  assert.equal(limit.waitSeconds('203.0.113.7'), 10)
  fail(limit, 30, '2001:db8::1')
  assert.equal(limit.waitSeconds('2001:db8::ffff:1'), 10)
  assert.equal(limit.waitSeconds('2001:db8:0:1::1'), 0)
})

test('BRF-05 a flood of addresses locks nobody out and is forgotten', () => {
  const { limit } = lab()
  for (let i = 0; i < 100_000; i++) limit.failed(`10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`)
  assert.equal(limit.waitSeconds('203.0.113.7'), 0)
  fail(limit, 30)
  assert.equal(limit.waitSeconds('203.0.113.7'), 10)
})

test('BRF-14 a clock that is set back gives nothing back, and time counts on from there', () => {
  const { clock, limit } = lab()
  fail(limit, 30)
  clock.advance(-3_600_000)
  assert.equal(limit.waitSeconds('203.0.113.7'), 10)
  clock.advance(10_000)
  assert.equal(limit.waitSeconds('203.0.113.7'), 0)
})
