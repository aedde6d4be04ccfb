// The delay that makes answers take alike.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { manualClock } from '../../src/base/clock.ts'
import { createDelay, GATE_DELAY, PORTAL_DELAY } from '../../src/login/delay.ts'

function lab(shape = PORTAL_DELAY, randomByte = 0) {
  const clock = manualClock(0)
  const waits: number[] = []
  const delay = createDelay(shape, {
    clock,
    random: (size) => new Uint8Array(size).fill(randomByte),
    wait: async (milliseconds) => {
      waits.push(milliseconds)
    },
  })
  const take = async (duration: number, outcome: 'success' | 'failure' | 'at-once') => {
    await delay(
      async () => clock.advance(duration),
      () => outcome,
    )
    return waits.splice(0)[0] ?? 0
  }
  return { take }
}

test('ENU-01 good and bad take the mean of the last ten successes, one second at first', async () => {
  const { take } = lab()
  assert.equal(await take(0, 'failure'), 1000)
  assert.equal(await take(400, 'failure'), 600)
  // this success is part of the mean of those after it
  assert.equal(await take(500, 'success'), 500)
  assert.equal(await take(0, 'failure'), 950)
  for (let i = 0; i < 10; i++) await take(500, 'success')
  assert.equal(await take(0, 'failure'), 500)
  assert.equal(await take(500, 'failure'), 0)
})

test('it never goes below 250 ms at the portal, and adds up to 84 ms at random', async () => {
  for (const [randomByte, expected] of [
    [0, 250],
    [255, 334],
  ] as const) {
    const { take } = lab(PORTAL_DELAY, randomByte)
    for (let i = 0; i < 10; i++) await take(1, 'success')
    assert.equal(await take(0, 'failure'), expected)
  }
})

test('failures do not move the mean, back-pressure is answered at once', async () => {
  const { take } = lab()
  for (let i = 0; i < 20; i++) await take(5000, 'failure')
  assert.equal(await take(0, 'failure'), 1000)
  assert.equal(await take(0, 'at-once'), 0)
})

test('at the gate successes are not held up and refusals end within 200 ms, however slow hashing is', async () => {
  const { take } = lab(GATE_DELAY, 255)
  for (let i = 0; i < 60; i++) assert.equal(await take(900, 'success'), 0)
  assert.equal(await take(0, 'failure'), 200)
  assert.equal(await take(900, 'failure'), 0)
})

test('BRF-14 a clock that is set back neither shortens nor stretches the delay', async () => {
  const { take } = lab()
  assert.equal(await take(-3_600_000, 'failure'), 1000)
  assert.equal(await take(-3_600_000, 'success'), 1000)
  assert.equal(await take(0, 'failure'), 900)
})
