import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PasswordHash } from '../../src/directory/hash-format.ts'
import type { HashResult } from '../../src/directory/hash-process.ts'
import { type HashRunner, openHashQueue } from '../../src/directory/hash-queue.ts'
import { parseHash } from '../../src/directory/password-hash.ts'

const SALT_AND_KEY = 'WqJ4rq2tTiXxoLQtG+Z0hQ$CjRqzXw7NV6d7/eQhDhK4rH/XZ0QXuR/J3MGRKXtOVY'
function hashOf(memory: number): PasswordHash {
  const parsed = parseHash(`$argon2id$v=19$m=${memory},t=1,p=1$${SALT_AND_KEY}`)
  if (parsed.kind === 'refused') throw new Error(parsed.reason)
  return parsed.hash
}
const small = hashOf(64)

/** Runs nothing: tells what was started, in order, and answers when told to. */
function fakeRunner() {
  const started: string[] = []
  const settle = new Map<string, (result: HashResult) => void>()
  const runner: HashRunner = {
    run: ({ password }) => {
      started.push(password)
      return new Promise((resolve) => settle.set(password, resolve))
    },
    close: () => {},
  }
  const finish = async (password: string, verdict: 'match' | 'mismatch' | 'lost' = 'match') => {
    settle.get(password)?.(verdict === 'lost' ? { kind: 'lost' } : { kind: 'verified', match: verdict === 'match' })
    await new Promise((resolve) => setImmediate(resolve))
  }
  return { runner, started, finish }
}

test('one address that sends many attempts delays another one by one attempt only', async () => {
  const { runner, started, finish } = fakeRunner()
  const queue = openHashQueue({ runner, concurrency: 1 })
  for (const name of ['a1', 'a2', 'a3', 'a4']) void queue.verify(small, name, '192.0.2.1')
  void queue.verify(small, 'b1', '192.0.2.2')
  void queue.verify(small, 'c1', '192.0.2.3')
  for (const name of ['a1', 'a2', 'b1', 'c1', 'a3', 'a4']) await finish(name)
  assert.deepEqual(started, ['a1', 'a2', 'b1', 'c1', 'a3', 'a4'])
})

test('DOS-02 beyond the limits of an address, or of all, an attempt is overloaded at once, whoever it names', async () => {
  const { runner, started } = fakeRunner()
  const queue = openHashQueue({ runner, concurrency: 1, perAddress: 2, total: 3 })
  void queue.verify(small, 'running', '192.0.2.1')
  void queue.verify(small, 'a1', '192.0.2.1')
  void queue.verify(small, 'a2', '192.0.2.1')
  assert.equal(await queue.verify(small, 'a3', '192.0.2.1'), 'overloaded')
  void queue.verify(small, 'b1', '192.0.2.2')
  assert.equal(await queue.verify(small, 'c1', '192.0.2.3'), 'overloaded')
  assert.deepEqual(started, ['running'])
  queue.close()
})

test('all addresses of one IPv6 /64 wait in one line', async () => {
  const { runner, started, finish } = fakeRunner()
  const queue = openHashQueue({ runner, concurrency: 1, perAddress: 2 })
  void queue.verify(small, 'running', '2001:db8::1')
  void queue.verify(small, 'a1', '2001:db8::2')
  void queue.verify(small, 'a2', '2001:db8::ffff:3')
  assert.equal(await queue.verify(small, 'a3', '2001:db8::4'), 'overloaded')
  void queue.verify(small, 'b1', '2001:db8:0:1::1')
  for (const name of ['running', 'a1', 'b1', 'a2']) await finish(name)
  assert.deepEqual(started, ['running', 'a1', 'b1', 'a2'])
})

test('what runs at once stays within the memory budget, and a hash above it runs alone', async () => {
  const { runner, started, finish } = fakeRunner()
  const queue = openHashQueue({ runner, concurrency: 3 })
  void queue.verify(hashOf(65536), 'a', '192.0.2.1')
  void queue.verify(hashOf(65536), 'b', '192.0.2.2')
  void queue.verify(hashOf(65536), 'c', '192.0.2.3')
  void queue.verify(hashOf(1024 * 1024), 'huge', '192.0.2.4')
  void queue.verify(small, 'd', '192.0.2.5')
  assert.deepEqual(started, ['a', 'b'])
  await finish('a')
  assert.deepEqual(started, ['a', 'b', 'c'])
  await finish('b')
  await finish('c')
  assert.deepEqual(started, ['a', 'b', 'c', 'huge'])
  await finish('huge')
  assert.deepEqual(started, ['a', 'b', 'c', 'huge', 'd'])
})

test('a verdict reaches its own caller; a computation that was lost is overloaded, never a match', async () => {
  const { runner, finish } = fakeRunner()
  const queue = openHashQueue({ runner, concurrency: 3 })
  const verdicts = [
    queue.verify(small, 'right', '192.0.2.1'),
    queue.verify(small, 'wrong', '192.0.2.1'),
    queue.verify(small, 'gone', '192.0.2.1'),
  ]
  await finish('gone', 'lost')
  await finish('wrong', 'mismatch')
  await finish('right')
  assert.deepEqual(await Promise.all(verdicts), ['match', 'mismatch', 'overloaded'])
})

test('who waits too long is turned away and makes room', async () => {
  const { runner, started, finish } = fakeRunner()
  const queue = openHashQueue({ runner, concurrency: 1, perAddress: 1, patience: 5 })
  const running = queue.verify(small, 'running', '192.0.2.1')
  assert.equal(await queue.verify(small, 'late', '192.0.2.1'), 'overloaded')
  const next = queue.verify(small, 'next', '192.0.2.1')
  await finish('running')
  await finish('next')
  assert.deepEqual(started, ['running', 'next'])
  assert.equal(await running, 'match')
  assert.equal(await next, 'match')
})

test('a closed queue answers everything that waits, and everything after, with overloaded', async () => {
  const { runner, started } = fakeRunner()
  const queue = openHashQueue({ runner, concurrency: 1 })
  void queue.verify(small, 'running', '192.0.2.1')
  const waiting = queue.verify(small, 'waiting', '192.0.2.1')
  queue.close()
  assert.equal(await waiting, 'overloaded')
  assert.equal(await queue.verify(small, 'after', '192.0.2.1'), 'overloaded')
  assert.deepEqual(started, ['running'])
})
