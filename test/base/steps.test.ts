import assert from 'node:assert/strict'
import { test } from 'node:test'
import { atOnce, inTurns, mapInSteps, type Steps } from '../../src/base/steps.ts'
import { interpret } from '../../src/config/load.ts'
import { readingSources } from '../../src/config/read/sources.ts'
import { loadingUsersFile } from '../../src/directory/users-file.ts'
import { compilePolicy, compilingPolicy } from '../../src/policy/compile.ts'

const busy = (milliseconds: number): void => {
  const end = performance.now() + milliseconds
  while (performance.now() < end);
}

function* work(steps: number, each: number): Steps<number> {
  for (let i = 0; i < steps; i++) {
    busy(each)
    yield
  }
  return steps
}

/** How often whoever waits for the event loop had a turn. */
async function turnsDuring(running: Promise<unknown>): Promise<number> {
  let turns = 0
  let isOver = false
  const count = (): void => {
    turns++
    if (!isOver) setImmediate(count)
  }
  setImmediate(count)
  await running
  isOver = true
  return turns
}

test('long work lets others in about every ten milliseconds; short work is done without a pause', async () => {
  // Fewer than one a step, but for a machine that is so busy that every step takes long.
  const turns = await turnsDuring(inTurns(work(40, 4)))
  assert.ok(turns >= 10 && turns <= 45, `${turns} turns in 160 ms`)
  assert.ok((await turnsDuring(inTurns(work(40, 0)))) <= 2)
  assert.equal(await inTurns(work(3, 0)), 3)
  assert.equal(atOnce(work(3, 0)), 3)
})

test('what a step throws is thrown, and a list is made in order', async () => {
  function* broken(): Steps<void> {
    yield
    throw new Error('broken')
  }
  await assert.rejects(inTurns(broken()), /broken/)
  assert.throws(() => atOnce(broken()), /broken/)
  const list = Array.from({ length: 60 }, (_, i) => i)
  assert.deepEqual(
    atOnce(mapInSteps(list, (item, index) => item * 2 + index)),
    list.map((item) => item * 3),
  )
})

const stepsOf = (steps: Steps<unknown>): number => {
  let count = 0
  while (!steps.next().done) count++
  return count
}

test('users and rules are taken in steps, so that no file is so long that it holds everybody up', () => {
  const hash = '$argon2id$v=19$m=4096,t=1,p=1$c2FsdHNhbHRzYWx0c2FsdA$WoadVv0rPzgzmZGgRtuQ4s1WP6Ga6/2vnpH/btyikYo'
  const users = Array.from({ length: 500 }, (_, i) => `  u${i}: {displayname: U, password: '${hash}'}\n`).join('')
  const options = { path: 'users.yml', search: { email: false, caseInsensitive: false }, extraAttributes: {} }
  assert.ok(stepsOf(loadingUsersFile(Buffer.from(`users:\n${users}`), options)) >= 40)
  const rule = (i: number) => ({
    domain: [`app${i}.example.com`],
    domainRegex: [],
    policy: 'one_factor' as const,
    subject: [],
    networks: [],
    resources: [`^/x${i}$`],
    methods: [],
    query: [],
    position: undefined,
  })
  const accessControl = {
    defaultPolicy: 'deny' as const,
    rules: Array.from({ length: 500 }, (_, i) => rule(i)),
    networks: {},
  }
  assert.ok(stepsOf(compilingPolicy(accessControl, ['example.com'])) >= 20)
  assert.equal(compilePolicy(accessControl, ['example.com']).rules.length, 500)
  const where = { paths: ['nowhere.yml'], explicit: false, env: {}, filters: [], cwd: '/nonexistent', knownKeys: [] }
  assert.equal(interpret(atOnce(readingSources(where)), '/nonexistent').kind, 'invalid')
})
