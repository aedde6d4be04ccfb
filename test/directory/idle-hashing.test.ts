import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import type { Logger } from '../../src/base/log.ts'
import { IDLE_STARTER, startIdleHashing } from '../../src/directory/idle-hashing.ts'
import { defaultHash, makeHash } from '../../src/directory/password-hash.ts'
import { verifyBy } from './verify-by.ts'

const argon2 = { ...defaultHash.argon2, memory: 64, iterations: 1, parallelism: 1 }
const quick = await makeHash('secret', { ...defaultHash, argon2 })
const SCHED_IDLE = 5

/** Of the process's main thread; field 41 of proc_pid_stat(5). */
const policyOf = (pid: number | undefined): number =>
  Number(readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[38])

function listening(): { readonly said: string[]; readonly logger: Logger } {
  const said: string[] = []
  const write = (_: object, message: string): void => void said.push(message)
  const logger = { info: write, warn: write, error: write } as unknown as Logger
  return { said, logger }
}

test('hashes are computed in idle time', { skip: IDLE_STARTER === undefined }, async (t) => {
  const { said, logger } = listening()
  const runner = startIdleHashing({ concurrency: 1, patience: 60_000, logger })
  t.after(() => runner.close())
  assert.deepEqual(
    [await verifyBy(runner, quick, 'secret'), await verifyBy(runner, quick, 'wrong')],
    ['match', 'mismatch'],
  )
  assert.equal(policyOf(runner.pid), SCHED_IDLE)
  assert.deepEqual(said, [])
})

test('where that is not allowed they are computed all the same, and nothing is lost', async (t) => {
  for (const starter of [['/bin/false'], ['/nowhere/chrt']]) {
    const { said, logger } = listening()
    const runner = startIdleHashing({ concurrency: 1, starter, logger })
    t.after(() => runner.close())
    const verdicts = await Promise.all([verifyBy(runner, quick, 'secret'), verifyBy(runner, quick, 'wrong')])
    assert.deepEqual(verdicts, ['match', 'mismatch'])
    assert.equal(said.length, 1)
    assert.match(said[0] ?? '', /low priority.*does not allow/)
    assert.equal(await verifyBy(runner, quick, 'secret'), 'match')
  }
})

test('where no idle time is left they are computed at low priority', {
  skip: process.platform !== 'linux',
}, async (t) => {
  const { said, logger } = listening()
  // Stands still like a program that is never given a processor.
  const starter = ['/bin/sh', '-c', 'kill -STOP $$']
  const runner = startIdleHashing({ concurrency: 1, patience: 50, starter, logger })
  t.after(() => runner.close())
  const verdicts = await Promise.all([verifyBy(runner, quick, 'secret'), verifyBy(runner, quick, 'wrong')])
  assert.deepEqual(verdicts, ['match', 'mismatch'])
  assert.match(said[0] ?? '', /low priority.*too long/)
  assert.equal(said.length, 1)
})

test('what waits when it is closed is answered, and nothing is started any more', async () => {
  const runner = startIdleHashing({ concurrency: 1, patience: 60_000, starter: ['/bin/sh', '-c', 'kill -STOP $$'] })
  const waiting = verifyBy(runner, quick, 'secret')
  runner.close()
  assert.equal(await waiting, 'lost')
})
