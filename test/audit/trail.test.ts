import assert from 'node:assert/strict'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import type { AuditEvent } from '../../src/audit/audit.ts'
import { AUDIT_KINDS } from '../../src/audit/kinds.ts'
import { createTrail, MANY, MOST_GROUPS, MOST_OF_A_KIND } from '../../src/audit/trail.ts'
import { manualClock } from '../../src/base/clock.ts'
import type { EventsRepository, StoredEvent } from '../../src/storage/events.ts'
import { openStorage } from '../../src/storage/open-storage.ts'
import { memoryLog } from '../login/fixture.ts'
import { temporaryFolder } from '../storage/temporary-folder.ts'

const START = Date.UTC(2026, 0, 1)
const MINUTE = 60_000
const DAY = 86_400_000
const SIGN_IN: AuditEvent = { kind: 'sign-in', username: 'alice', from: '203.0.113.7' }
const REFUSED: AuditEvent = {
  kind: 'sign-in-refused',
  username: 'alice',
  from: '203.0.113.7',
  subject: '1fa',
  reason: 'wrong-password',
}

/** Events in memory, as the contract has them, with what was asked of it. */
function memoryEvents() {
  const rows: StoredEvent[] = []
  const trims: string[] = []
  const state = { broken: false }
  const turn = async () => {
    await Promise.resolve()
    if (state.broken) throw new Error('the disk is gone')
  }
  const events: EventsRepository = {
    async add(event) {
      await turn()
      rows.push({ ...event, id: rows.length + 1 })
      return rows.length
    },
    async setTimes(id, times, lastTime) {
      await turn()
      rows[id - 1] = { ...(rows[id - 1] as StoredEvent), times, lastTime }
    },
    newest: async () => rows.toReversed(),
    after: async () => rows,
    async prune(before) {
      await turn()
      const old = rows.filter(({ lastTime }) => lastTime < before)
      return old.length
    },
    async trim(kind, most) {
      await turn()
      trims.push(`${kind} ${most}`)
      return 0
    },
  }
  return { rows, trims, state, events }
}

function fixture() {
  const clock = manualClock(START)
  const log = memoryLog()
  const memory = memoryEvents()
  return { clock, log, ...memory, trail: createTrail({ events: memory.events, clock, log }) }
}

test('an event is one row and one line of the log, with what is known of it and no field for what is not', async () => {
  const { trail, rows, log } = fixture()
  await trail.record({ ...SIGN_IN, subject: '1fa', session: 'ab'.repeat(32), userAgent: 'Firefox' })
  await trail.record({ kind: 'banned', username: '', from: 'cli', subject: '203.0.113.0/24' })
  assert.deepEqual(rows[0], {
    id: 1,
    time: START,
    kind: 'sign-in',
    username: 'alice',
    from: '203.0.113.7',
    subject: '1fa',
    reason: '',
    session: 'ab'.repeat(32),
    userAgent: 'Firefox',
    times: 1,
    lastTime: START,
  })
  const fields = {
    event: 'sign-in',
    from: '203.0.113.7',
    username: 'alice',
    subject: '1fa',
    session: 'abababababab',
    userAgent: 'Firefox',
  }
  assert.deepEqual(log.lines, [
    { level: 'info', message: 'security event: sign-in', fields },
    {
      level: 'warn',
      message: 'security event: banned',
      fields: { event: 'banned', from: 'cli', username: '', subject: '203.0.113.0/24' },
    },
  ])
  assert.deepEqual(Object.keys(log.lines[0]?.fields ?? {}).slice(0, 2), ['event', 'from'], 'before all that is sent')
})

test('INJ-07 what could end a line, steer a terminal or be endless is harmless and short', async () => {
  const { trail, rows, log } = fixture()
  const nasty = 'a\nlevel=info\r\u001b[2J\u009b\u2028\u202e\u200b\ud800"\u0000'
  await trail.record({ ...SIGN_IN, username: nasty, subject: nasty, reason: nasty, from: nasty, userAgent: nasty })
  await trail.record({ ...SIGN_IN, userAgent: 'x'.repeat(64_000), subject: '😀'.repeat(100), session: 'y'.repeat(500) })
  const [first, second] = rows
  for (const text of [first?.username, first?.subject, first?.reason, first?.from, first?.userAgent])
    assert.equal(text, 'a\ufffdlevel=info\ufffd\ufffd[2J\ufffd\ufffd\ufffd\ufffd\ufffd"\ufffd')
  assert.ok(JSON.stringify([second, log.lines[1]]).length < 2000)
  assert.ok(second?.subject.isWellFormed())
})

test('LOG-05 alike refusals are one row a minute with their number; the first ten are told singly, the rest in one line', async () => {
  const { trail, rows, log, clock } = fixture()
  for (let i = 0; i < 500; i++) {
    await trail.record({ ...REFUSED, userAgent: `agent ${i}` })
    clock.advance(100)
  }
  assert.equal(rows.length, 1)
  assert.equal(log.lines.length, 10)
  await trail.flush()
  assert.deepEqual([rows[0]?.times, rows[0]?.lastTime, rows[0]?.userAgent], [500, clock.now() - 100, 'agent 0'])
  assert.equal(log.lines.length, 10, 'the minute is not over')
  clock.advance(MINUTE)
  await trail.flush()
  assert.equal(log.lines.length, 11)
  assert.equal(log.lines[10]?.fields['times'], 500)
  await trail.record(REFUSED)
  assert.equal(rows.length, 2, 'a minute later it is another event')
  await trail.record({ ...REFUSED, reason: 'banned-user' })
  await trail.record({ ...REFUSED, from: '203.0.113.8' })
  await trail.record({ ...REFUSED, username: 'bob' })
  await trail.record({ ...REFUSED, subject: 'header' })
  assert.equal(rows.length, 6, 'what differs is not alike')
})

test('alike events are counted in a race of 200, and also when nobody flushed between two minutes', async () => {
  const { trail, rows, clock } = fixture()
  await Promise.all(Array.from({ length: 200 }, () => trail.record(REFUSED)))
  clock.advance(MINUTE)
  await Promise.all(Array.from({ length: 200 }, () => trail.record(REFUSED)))
  await trail.flush()
  assert.deepEqual(
    rows.map(({ times }) => times),
    [200, 200],
  )
})

test('what nobody can cause without being let in is never counted as one', async () => {
  const { trail, rows } = fixture()
  for (let i = 0; i < 3; i++) await trail.record(SIGN_IN)
  assert.equal(rows.length, 3)
})

test('LOG-05 a flood from more addresses than are told apart is counted, not stored one by one', async () => {
  const { trail, rows, log, clock } = fixture()
  for (let i = 0; i < MOST_GROUPS + 1000; i++) await trail.record({ ...REFUSED, username: '', from: `2001:db8::${i}` })
  assert.equal(rows.length, MOST_GROUPS + 1)
  await trail.flush()
  assert.deepEqual([rows.at(-1)?.from, rows.at(-1)?.times], [MANY, 1000])
  assert.equal(log.lines.length, MOST_GROUPS + 10)
  clock.advance(MINUTE)
  await trail.flush()
  await trail.record({ ...REFUSED, from: '203.0.113.9' })
  assert.equal(rows.at(-1)?.from, '203.0.113.9', 'a minute later addresses are told apart again')
})

test('an event that can’t be stored is an error in the log, told all the same, and nobody’s trouble', async () => {
  const { trail, log, state, clock } = fixture()
  state.broken = true
  await trail.record(SIGN_IN)
  await trail.record(REFUSED)
  await trail.record(REFUSED)
  clock.advance(MINUTE)
  await trail.flush()
  await trail.tidy(DAY)
  const told = log.lines.filter(({ fields }) => 'event' in fields)
  assert.equal(told.length, 3)
  const errors = log.lines.filter(({ level }) => level === 'error').map(({ message }) => message)
  assert.deepEqual(errors, [
    'a security event could not be stored',
    'a security event could not be stored',
    'old security events could not be deleted',
  ])
})

test('flush waits for what is being stored', async () => {
  const { trail, rows } = fixture()
  void trail.record(SIGN_IN)
  void trail.record(REFUSED)
  await trail.flush()
  assert.equal(rows.length, 2)
})

test('a kind is looked at for being too many at the start, and after every 500 rows', async () => {
  const { trail, trims } = fixture()
  await trail.record(SIGN_IN)
  await trail.tidy(DAY)
  await trail.tidy(DAY)
  assert.deepEqual(trims, [`sign-in ${MOST_OF_A_KIND}`])
  for (let i = 0; i < 499; i++) await trail.record(SIGN_IN)
  await trail.tidy(DAY)
  assert.equal(trims.length, 1)
  await trail.record(SIGN_IN)
  await trail.tidy(DAY)
  assert.equal(trims.length, 2)
})

async function withStorage(t: TestContext) {
  const clock = manualClock(START)
  const path = join(temporaryFolder(t), 'db.sqlite3')
  const storage = await openStorage({ path, encryptionKey: 'for tests only, twenty bytes', clock })
  t.after(() => storage.close())
  return { clock, storage, trail: createTrail({ events: storage.events, clock, log: memoryLog() }) }
}

test('retention: what is older goes, what is alike and went on until lately stays', async (t) => {
  const { clock, storage, trail } = await withStorage(t)
  await trail.record(SIGN_IN)
  await trail.record({ ...SIGN_IN, kind: 'header-sign-in' })
  clock.advance(30 * MINUTE)
  await trail.record({ ...SIGN_IN, kind: 'header-sign-in' })
  clock.set(START + DAY + 1)
  await trail.tidy(DAY)
  const left = await storage.events.newest({}, 10)
  assert.deepEqual(
    left.map(({ kind, times }) => [kind, times]),
    [['header-sign-in', 2]],
  )
  clock.advance(DAY)
  await trail.tidy(DAY)
  assert.deepEqual(await storage.events.newest({}, 10), [])
})

test('a flood of one kind pushes out its own kind only', async (t) => {
  const { storage, trail } = await withStorage(t)
  await trail.record(SIGN_IN)
  for (let i = 0; i < 30; i++) await trail.record({ ...REFUSED, from: `203.0.113.${i}` })
  await trail.record(SIGN_IN)
  assert.equal(await storage.events.trim('sign-in-refused', 10), 20)
  assert.equal(await storage.events.trim('sign-in', 10), 0)
  const left = await storage.events.after(0, {}, 100)
  assert.equal(left.filter(({ kind }) => kind === 'sign-in').length, 2)
  assert.deepEqual(
    left.filter(({ kind }) => kind !== 'sign-in').map(({ from }) => from),
    Array.from({ length: 10 }, (_, i) => `203.0.113.${i + 20}`),
  )
})

test('every kind that somebody who is not let in can cause at will is counted', () => {
  const uncounted = Object.entries(AUDIT_KINDS).filter(
    ([kind, about]) => /refused|asked/.test(kind) && !('counted' in about),
  )
  assert.deepEqual(uncounted, [])
})
