import assert from 'node:assert/strict'
import type { ServerResponse } from 'node:http'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { answersSent, endTogether } from '../../src/base/send-together.ts'

const stub = (ended: number[], number: number): ServerResponse =>
  ({ end: () => void ended.push(number) }) as unknown as ServerResponse

test('answers of one turn leave at its end, each once, in the order in which they came', async () => {
  const ended: number[] = []
  for (const number of [1, 2, 3]) endTogether(stub(ended, number))
  assert.deepEqual(ended, [])
  await turn()
  assert.deepEqual(ended, [1, 2, 3])
  endTogether(stub(ended, 4))
  await turn()
  assert.deepEqual(ended, [1, 2, 3, 4])
})

test('a crowd doesn’t wait for its end', async () => {
  const ended: number[] = []
  const before = answersSent()
  for (let number = 0; number < 70; number++) endTogether(stub(ended, number))
  assert.equal(ended.length, 64)
  assert.equal(answersSent() - before, 64)
  await turn()
  assert.deepEqual(
    ended,
    Array.from({ length: 70 }, (_, i) => i),
  )
})
