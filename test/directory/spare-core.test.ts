import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { test } from 'node:test'
import { startHashProcess } from '../../src/directory/hash-process.ts'
import { defaultHash, makeHash } from '../../src/directory/password-hash.ts'
import { createSpareCore } from '../../src/directory/spare-core.ts'
import { verifyBy } from './verify-by.ts'

const argon2 = { ...defaultHash.argon2, memory: 64, iterations: 1, parallelism: 2 }
const quick = await makeHash('secret', { ...defaultHash, argon2 })

/** Of each thread, by its own account. */
const coresOf = (pid: number | undefined): string[] => [
  ...new Set(
    readdirSync(`/proc/${pid}/task`).map((thread) => {
      const status = readFileSync(`/proc/${pid}/task/${thread}/status`, 'utf8')
      return /^Cpus_allowed_list:\s*(\S+)/m.exec(status)?.[1] ?? ''
    }),
  ),
]

test('in a rush the hashes keep off one core, and have all of them again afterwards', {
  skip: process.platform !== 'linux' || availableParallelism() < 2,
}, async (t) => {
  const [all] = coresOf(process.pid)
  let isRush = false
  const runner = startHashProcess({ concurrency: 1, isRush: () => isRush })
  t.after(() => runner.close())
  assert.equal(await verifyBy(runner, quick, 'secret'), 'match')
  assert.deepEqual(coresOf(runner.pid), [all])
  isRush = true
  assert.equal(await verifyBy(runner, quick, 'secret'), 'match')
  const [fewer, ...rest] = coresOf(runner.pid)
  assert.notEqual(fewer, all)
  assert.deepEqual(rest, [], 'each thread')
  assert.equal(await verifyBy(runner, quick, 'wrong'), 'mismatch')
  isRush = false
  assert.equal(await verifyBy(runner, quick, 'secret'), 'match')
  assert.deepEqual(coresOf(runner.pid), [all])
})

test('where there is no such program nothing changes', async () => {
  const before = coresOf(process.pid)
  await createSpareCore('/nowhere/taskset')(true)
  assert.deepEqual(coresOf(process.pid), before)
})
