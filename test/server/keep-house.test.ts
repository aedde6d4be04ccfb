import assert from 'node:assert/strict'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { createTrail } from '../../src/audit/trail.ts'
import { manualClock } from '../../src/base/clock.ts'
import { keepHouse } from '../../src/server/keep-house.ts'
import type { Services } from '../../src/server/services.ts'
import type { Snapshot } from '../../src/server/snapshot.ts'
import type { AttemptRow } from '../../src/storage/attempts.ts'
import { openStorage } from '../../src/storage/open-storage.ts'
import { memoryLog } from '../login/fixture.ts'
import { temporaryFolder } from '../storage/temporary-folder.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const START = Date.UTC(2026, 0, 1)
const attempt = (time: number): AttemptRow => ({
  time,
  successful: false,
  banned: false,
  username: 'alice',
  kind: '1FA',
  remoteAddress: '203.0.113.7',
  requestUri: '',
  requestMethod: '',
  userAgent: '',
})

async function houseFor(t: TestContext, findTime: number) {
  const clock = manualClock(START)
  const log = memoryLog()
  const path = join(temporaryFolder(t), 'db.sqlite3')
  const storage = await openStorage({ path, encryptionKey: 'for tests only, twenty bytes', clock })
  t.after(() => storage.close())
  const audit = createTrail({ events: storage.events, clock, log })
  const sessions = { forgetUsers: async () => 0 }
  const config = { audit: { retention: DAY }, regulation: { findTime, banTime: HOUR } }
  const keep = () =>
    keepHouse(
      { storage, sessions, audit } as unknown as Services,
      () => ({ config, directory: { find: () => undefined, users: { users: new Map() } } }) as unknown as Snapshot,
      clock,
      log,
    )
  return { clock, log, storage, audit, keep }
}

test('events and attempts go when audit.retention is over', async (t) => {
  const { clock, log, storage, audit, keep } = await houseFor(t, HOUR)
  await audit.record({ kind: 'sign-in', username: 'alice', from: '203.0.113.7' })
  await storage.attempts.add(attempt(START))
  clock.advance(DAY)
  await keep()
  assert.equal((await storage.attempts.stats()).total, 1)
  assert.equal((await storage.events.newest({}, 10)).length, 1)
  clock.advance(1)
  await keep()
  assert.equal((await storage.attempts.stats()).total, 0)
  assert.equal((await storage.events.newest({}, 10)).length, 0)
  assert.deepEqual(
    log.lines.filter(({ level }) => level === 'error'),
    [],
  )
})

test('what bans are counted on is kept, however short the retention is', async (t) => {
  const { clock, storage, keep } = await houseFor(t, 10 * DAY)
  await storage.attempts.add(attempt(START))
  clock.advance(9 * DAY)
  await keep()
  assert.equal((await storage.attempts.recent({ username: 'alice' }, START - 1, 10)).length, 1)
})

test('of many attempts about so many are kept, and all that bans are counted on', async (t) => {
  const { storage } = await houseFor(t, HOUR)
  for (let i = 0; i < 30; i++) await storage.attempts.add(attempt(START + i))
  assert.equal(await storage.attempts.trim(10, START + 5), 5)
  assert.equal(await storage.attempts.trim(10, START + 1000), 15)
  assert.equal(await storage.attempts.trim(10, START + 1000), 0)
  const left = await storage.attempts.list({}, 100)
  assert.deepEqual([left.length, left[0]?.time, left.at(-1)?.time], [10, START + 29, START + 20])
})

test('DOS-08 counters of addresses go soon after they count nothing any more: anybody can make one', async (t) => {
  const { clock, storage, keep } = await houseFor(t, HOUR)
  const count = () => storage.proofAttempts.count('reset-mail', 'ip 203.0.113.7', 10 * DAY, clock.now())
  await count()
  clock.advance(HOUR)
  await keep()
  assert.equal((await count()).attempts, 2, 'as long as any window is open')
  clock.advance(2 * HOUR)
  await keep()
  assert.equal((await count()).attempts, 1)
})
