import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Argon2Cost, LEAST, tuneArgon2 } from '../../src/directory/tune-argon2.ts'

/** A machine on which a pass over 1 MiB takes this many milliseconds, and every hash a little besides. */
const machine = (perMebibyte: number, besides = 2) => {
  const asked: Argon2Cost[] = []
  return {
    asked,
    measure: async (cost: Argon2Cost) => {
      asked.push(cost)
      return besides + (cost.memory / 1024) * cost.iterations * perMebibyte
    },
  }
}

test('where there is time, all the memory is used and the passes come as near to the target as they can', async () => {
  const { measure } = machine(0.5)
  const tuned = await tuneArgon2({ target: 500, memory: 65_536, parallelism: 4, measure })
  assert.deepEqual(tuned, { memory: 65_536, iterations: 15, parallelism: 4, milliseconds: 482, withinTarget: true })
})

test('on a slow machine memory gives way before passes do', async () => {
  const { measure } = machine(5)
  const tuned = await tuneArgon2({ target: 350, memory: 65_536, parallelism: 1, measure })
  assert.equal(tuned.memory, 32_768)
  assert.equal(tuned.iterations, LEAST.iterations)
  assert.ok(tuned.milliseconds <= 350)
})

test('what is safe at least is never gone below, however slow the machine', async () => {
  const { measure, asked } = machine(100)
  const tuned = await tuneArgon2({ target: 50, memory: 65_536, parallelism: 1, measure })
  assert.equal(tuned.withinTarget, false)
  assert.deepEqual([tuned.memory, tuned.iterations], [LEAST.memory, LEAST.iterations])
  assert.ok(asked.every(({ memory, iterations }) => memory >= LEAST.memory && iterations >= LEAST.iterations))
})

test('a measurement that was disturbed is corrected by the next', async () => {
  let count = 0
  const { measure } = machine(0.5)
  const tuned = await tuneArgon2({
    target: 500,
    memory: 65_536,
    parallelism: 2,
    measure: async (cost) => (await measure(cost)) * (count++ === 1 ? 3 : 1),
  })
  assert.ok(tuned.withinTarget && tuned.iterations >= 13, JSON.stringify(tuned))
})

test('an endlessly fast machine ends the search too', async () => {
  const tuned = await tuneArgon2({ target: 10_000, memory: 65_536, parallelism: 2, measure: async () => 0.001 })
  assert.equal(tuned.withinTarget, true)
  assert.ok(tuned.iterations <= 100)
})
