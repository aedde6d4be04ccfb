import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { startHashProcess } from '../../src/directory/hash-process.ts'
import { openHashQueue } from '../../src/directory/hash-queue.ts'
import { defaultHash, makeHash, parseHash } from '../../src/directory/password-hash.ts'
import { verifyBy } from './verify-by.ts'

const argon2 = { ...defaultHash.argon2, memory: 64, iterations: 1, parallelism: 1 }
const quick = await makeHash('secret', { ...defaultHash, argon2 })
/** Takes seconds. */
const slow = `$6$rounds=4000000$saltstring$${'a'.repeat(86)}`
const linux = process.platform === 'linux'

async function gone(pid: number): Promise<void> {
  for (;;) {
    try {
      process.kill(pid, 0)
    } catch {
      return
    }
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
const pidOf = (runner: { readonly pid: number | undefined }): number => {
  assert.ok(runner.pid)
  return runner.pid
}

test('passwords are checked in a process of lower priority that starts with the first and ends when idle', async (t) => {
  const runner = startHashProcess({ concurrency: 1, idle: 1 })
  t.after(() => runner.close())
  assert.equal(runner.pid, undefined)
  const first = verifyBy(runner, quick, 'secret')
  const pid = pidOf(runner)
  assert.equal(await first, 'match')
  await gone(pid)
  assert.equal(runner.pid, undefined)
  assert.equal(await verifyBy(runner, quick, 'wrong'), 'mismatch')
})

test('every thread of the hashing process has low priority, and its environment holds nothing of ours', {
  skip: !linux,
}, async (t) => {
  process.env['LATCHKEY_TEST_SECRET'] = 'do not pass on'
  t.after(() => delete process.env['LATCHKEY_TEST_SECRET'])
  const runner = startHashProcess({ concurrency: 1 })
  t.after(() => runner.close())
  await verifyBy(runner, quick, 'secret')
  const folder = `/proc/${pidOf(runner)}`
  const { readdirSync } = await import('node:fs')
  for (const thread of readdirSync(`${folder}/task`)) {
    const fields = readFileSync(`${folder}/task/${thread}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
    assert.equal(fields[16], '10', `nice of thread ${thread}`)
  }
  assert.equal(readFileSync(`${folder}/environ`, 'utf8').includes('do not pass on'), false)
})

test('killed while it computes, nothing counts as a match and the next attempt has a new process', async (t) => {
  const runner = startHashProcess({ concurrency: 1 })
  t.after(() => runner.close())
  await verifyBy(runner, quick, 'secret')
  const pid = pidOf(runner)
  const lost = [verifyBy(runner, slow, 'secret'), verifyBy(runner, quick, 'secret')]
  process.kill(pid, 'SIGKILL')
  assert.deepEqual(await Promise.all(lost), ['lost', 'lost'])
  assert.equal(await verifyBy(runner, quick, 'secret'), 'match')
  assert.notEqual(runner.pid, pid)
})

test('killed while idle, nobody notices', async (t) => {
  const runner = startHashProcess({ concurrency: 1 })
  t.after(() => runner.close())
  await verifyBy(runner, quick, 'secret')
  const pid = pidOf(runner)
  process.kill(pid, 'SIGKILL')
  await gone(pid)
  assert.equal(await openHashQueue({ runner }).verify(parsed(quick), 'secret', '192.0.2.1'), 'match')
})

test('one that hangs is ended, and what it was given is lost', { skip: !linux }, async (t) => {
  const runner = startHashProcess({ concurrency: 1, deadline: 50 })
  t.after(() => runner.close())
  const hanging = verifyBy(runner, slow, 'secret')
  const pid = pidOf(runner)
  process.kill(pid, 'SIGSTOP')
  assert.equal(await hanging, 'lost')
  await gone(pid)
})

test('a signal to the whole group does not end it; the end of its parent does', async () => {
  const runner = startHashProcess({ concurrency: 1 })
  await verifyBy(runner, quick, 'secret')
  const pid = pidOf(runner)
  process.kill(pid, 'SIGTERM')
  process.kill(pid, 'SIGINT')
  assert.equal(await verifyBy(runner, quick, 'secret'), 'match')
  assert.equal(runner.pid, pid)
  runner.close()
  await gone(pid)
  if (linux) assert.equal(existsSync(`/proc/${pid}`), false)
})

function parsed(encoded: string) {
  const result = parseHash(encoded)
  if (result.kind === 'refused') throw new Error(result.reason)
  return result.hash
}

test('new hashes are made there too, as configured, and passwords judged', async (t) => {
  const queue = openHashQueue({ runner: startHashProcess({ concurrency: 1, idle: 1 }) })
  t.after(() => queue.close())
  const config = { ...defaultHash, argon2 }
  const hash = await queue.make('a new password', config, '192.0.2.1')
  assert.match(hash ?? '', /^\$argon2id\$v=19\$m=64,t=1,p=1\$/)
  const parsedHash = parseHash(hash ?? '')
  assert.equal(parsedHash.kind === 'ok' && (await queue.verify(parsedHash.hash, 'a new password', '')), 'match')
  assert.deepEqual(await queue.judge('short', { kind: 'none' }, [], '192.0.2.1'), [{ kind: 'too-short', least: 8 }])
  const [guessable] = (await queue.judge('alexandria', { kind: 'none' }, ['Alexandria'], '192.0.2.1')) ?? []
  assert.equal(guessable?.kind, 'guessable')
  assert.deepEqual(await queue.judge('truck-sail-orbit-plum', { kind: 'none' }, [], '192.0.2.1'), [])
  // bcrypt takes 72 bytes: what can't be hashed is no hash
  assert.equal(await queue.make('x'.repeat(73), { ...defaultHash, algorithm: 'bcrypt' }, '192.0.2.1'), undefined)
})
