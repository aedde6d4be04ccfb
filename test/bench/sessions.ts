// identify() per second with 100,000 sessions stored and 1,000 used in turn, misses, forgeries, memory. Not a test: `node --expose-gc test/bench/sessions.ts`
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../../src/base/clock.ts'
import { openSessions } from '../../src/session/open-sessions.ts'
import { cookieValue, exchange, jar } from '../session/exchange.ts'
import { DOMAIN } from '../session/sessions-fixture.ts'

const STORED = Number(process.env['STORED'] ?? 100_000)
const USED = 1000
const UNUSED = 20_000
/** Requests that arrive within one turn of the event loop. */
const PER_TURN = 10

const [folderOfParent] = process.argv.slice(2)
const folder = folderOfParent ?? mkdtempSync(join(tmpdir(), 'latchkey-bench-'))
const path = join(folder, 'db.sessions.sqlite3')
const valuesPath = join(folder, 'values.json')
const options = { path, secret: 'a secret for the benchmark', clock: systemClock }
const megabytes = () => {
  globalThis.gc?.()
  return Math.round(process.memoryUsage.rss() / 1e6)
}
const turn = () => new Promise((resolve) => setImmediate(resolve))
const rate = async (name: string, rounds: number, work: (i: number) => unknown) => {
  const started = performance.now()
  for (let i = 0; i < rounds; i++) {
    work(i)
    if (i % PER_TURN === 0) await turn()
  }
  const seconds = (performance.now() - started) / 1000
  console.log(
    `${name}: ${Math.round(rounds / seconds).toLocaleString('en')}/s (${((seconds * 1e6) / rounds).toFixed(2)} µs)`,
  )
}

async function fill(): Promise<void> {
  const sessions = await openSessions(options)
  const values: string[] = []
  const started = performance.now()
  for (let i = 0; i < STORED; i++) {
    const { request, response, cookies } = exchange()
    const start = { username: `user-${i % 5000}`, remember: true, from: '192.0.2.1' }
    await sessions.begin(request, response, DOMAIN, start)
    if (i < USED + UNUSED) values.push(cookieValue(jar(cookies()), DOMAIN.name))
    if (i % PER_TURN === 0) await turn()
  }
  console.log(`signing in: ${Math.round(STORED / ((performance.now() - started) / 1000)).toLocaleString('en')}/s`)
  await sessions.close()
  writeFileSync(valuesPath, JSON.stringify(values))
}

async function measure(): Promise<void> {
  const values = JSON.parse(readFileSync(valuesPath, 'utf8')) as string[]
  const used = values.slice(0, USED)
  const unused = values.slice(USED)
  const before = megabytes()
  let started = performance.now()
  const sessions = await openSessions(options)
  const opened = performance.now() - started
  console.log(
    `opening with ${sessions.count().toLocaleString('en')} sessions: ${opened.toFixed(1)} ms, ${megabytes() - before} MB`,
  )
  for (const value of used) if (!sessions.identify(DOMAIN, value)) throw new Error('lost')
  for (let round = 1; round <= 3; round++) {
    await rate(`hit, round ${round}`, 500_000, (i) => sessions.identify(DOMAIN, used[i % USED] ?? ''))
  }
  console.log(`memory added by ${USED} used sessions: ${megabytes() - before} MB`)
  await rate('miss', unused.length, (i) => sessions.identify(DOMAIN, unused[i] ?? ''))
  console.log(`memory added with the cache full: ${megabytes() - before} MB`)
  await rate('forged', 100_000, (i) => sessions.identify(DOMAIN, `${used[i % USED]?.slice(0, -1)}!`))
  started = performance.now()
  await sessions.sweep()
  console.log(`sweep without a find: ${(performance.now() - started).toFixed(1)} ms`)
  started = performance.now()
  await sessions.forgetUsers(() => 'known')
  console.log(`asking for missing users: ${(performance.now() - started).toFixed(1)} ms`)
  await sessions.close()
}

if (folderOfParent) await fill()
else {
  try {
    execFileSync(process.execPath, [import.meta.filename, folder], { stdio: 'inherit' })
    await measure()
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
