import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { collectWhenIdle } from '../../src/server/collect-when-idle.ts'

/** Keeps the event loop busy until it is told to stop. */
function busy(): () => void {
  let isOver = false
  const work = () => {
    const end = performance.now() + 20
    while (performance.now() < end);
    if (!isOver) setImmediate(work)
  }
  work()
  return () => {
    isOver = true
  }
}

test('what a reload left behind is collected once, at the first quiet second', async () => {
  let collected = 0
  let done = () => {}
  const first = new Promise<void>((resolve) => {
    done = resolve
  })
  const collection = collectWhenIdle(() => {
    collected++
    done()
  })
  const stop = busy()
  for (let i = 0; i < 5; i++) collection.soon()
  await sleep(1500)
  assert.equal(collected, 0, 'not while much is asked')
  stop()
  // The timer doesn't keep the process alive by itself.
  const alive = setInterval(() => {}, 1000)
  await first
  await sleep(1500)
  clearInterval(alive)
  assert.equal(collected, 1)
  collection.soon()
  collection.close()
  await sleep(1200)
  assert.equal(collected, 1, 'closed is closed')
})
