// How the program ends: by a signal with everything answered, by a second one at once, by kill -9 with nothing left behind.
import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { Agent } from 'node:http'
import { connect } from 'node:net'
import { join } from 'node:path'
import { before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import argon2 from 'argon2'
import { cookiesOf, PASSWORD, type Program, type Reply, start, USERS, type WrittenUser } from './program.ts'

/** Takes long enough to be caught computing. */
let users: Record<string, WrittenUser> = {}
before(async () => {
  const password = await argon2.hash(PASSWORD, {
    type: argon2.argon2id,
    memoryCost: 65_536,
    timeCost: 24,
    parallelism: 1,
  })
  users = { ...USERS, slow: { displayname: 'Slow', password } }
})

const parentOf = (pid: string): number | undefined => {
  try {
    return Number(/\) \S (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1])
  } catch {
    return undefined
  }
}
const childrenOf = (pid: number | undefined): number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && parentOf(name) === pid)
    .map(Number)

/** Waits for what can't tell by itself that it is so. */
async function until(holds: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const deadline = Date.now() + 20_000
  while (!(await holds())) {
    assert.ok(Date.now() < deadline, `never: ${what}`)
    await sleep(10)
  }
}
/** A login whose password is being computed, and the process that does it. */
async function loginInFlight(program: Program): Promise<{ answer: Promise<Reply>; hashing: number }> {
  const answer = program.api('/api/firstfactor', { username: 'slow', password: PASSWORD })
  answer.catch(() => {})
  await until(() => childrenOf(program.child.pid).length === 1, 'the hashing process runs')
  return { answer, hashing: childrenOf(program.child.pid)[0] ?? 0 }
}
const refusesConnections = (program: Program): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(program.port, '127.0.0.1', () => {
      socket.destroy()
      resolve(false)
    })
    socket.on('error', () => resolve(true))
  })
const isGone = (pid: number): boolean => !existsSync(`/proc/${pid}`)

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  test(`${signal}: a login in flight is answered and counts, new connections are refused, exit code 0`, async (t) => {
    const program = await start(t, { users })
    const { answer, hashing } = await loginInFlight(program)
    program.child.kill(signal)
    await until(() => refusesConnections(program), 'new connections are refused')
    assert.equal(program.child.exitCode, null)
    const reply = await answer
    assert.equal(reply.status, 200)
    assert.equal(await program.ended, 0)
    await until(() => isGone(hashing), 'the hashing process has ended')
    const again = await start(t, { folder: program.folder })
    assert.equal((await again.gate('app.example.com', { Cookie: cookiesOf(reply) })).status, 200)
  })
}

test('a second signal ends it at once, the hashing process too', async (t) => {
  const program = await start(t, { users })
  const { answer, hashing } = await loginInFlight(program)
  program.child.kill('SIGTERM')
  await until(() => refusesConnections(program), 'new connections are refused')
  program.child.kill('SIGTERM')
  assert.equal(await program.ended, 143)
  await assert.rejects(answer)
  await until(() => isGone(hashing), 'the hashing process has ended')
})

test('idle connections of a proxy hold nothing up', async (t) => {
  const program = await start(t)
  const agent = new Agent({ keepAlive: true })
  t.after(() => agent.destroy())
  for (let i = 0; i < 3; i++) assert.equal((await program.ask({ path: '/api/health', agent })).status, 200)
  const begun = performance.now()
  assert.equal(await program.stop(), 0)
  assert.ok(performance.now() - begun < 3000)
  assert.deepEqual(
    readdirSync(program.folder).filter((name) => /-wal$|-shm$/.test(name)),
    [],
  )
})

test('kill -9 leaves no process, and nothing that is in the way of the next start', async (t) => {
  const program = await start(t, { users })
  const cookie = await program.signIn('alice')
  const { answer, hashing } = await loginInFlight(program)
  program.child.kill('SIGKILL')
  assert.equal(await program.ended, 'SIGKILL')
  await assert.rejects(answer)
  await until(() => isGone(hashing), 'the hashing process has ended')
  const again = await start(t, { folder: program.folder })
  assert.equal((await again.gate('app.example.com', { Cookie: cookie })).status, 200)
  assert.ok(existsSync(join(program.folder, 'db.sqlite3')))
})
