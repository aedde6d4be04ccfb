// Codes, links and counters in the database: each is used once, also by two hundred at the same time.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { manualClock } from '../../src/base/clock.ts'
import type { OneTimeCode } from '../../src/storage/one-time-codes.ts'
import { openStorage } from '../../src/storage/open-storage.ts'
import type { ResetToken } from '../../src/storage/reset-tokens.ts'
import { temporaryFolder } from './temporary-folder.ts'

async function storageFor(t: TestContext) {
  const path = join(temporaryFolder(t), 'db.sqlite3')
  const storage = await openStorage({ path, encryptionKey: 'for tests only, twenty bytes', clock: manualClock(0) })
  t.after(() => storage.close())
  return storage
}
const many = <T>(work: () => Promise<T>): Promise<T[]> => Promise.all(Array.from({ length: 200 }, work))
const successes = (results: readonly boolean[]): number => results.filter((each) => each).length

const code: OneTimeCode = {
  id: 'id',
  intent: 'change-account',
  username: 'alice',
  session: 'session',
  address: '203.0.113.7',
  code: Uint8Array.of(1, 2, 3),
  createdAt: 0,
  expiresAt: 100,
}
const token: ResetToken = { id: 'id', username: 'alice', binding: Uint8Array.of(1), createdAt: 0, expiresAt: 100 }

test('OTC-02 a code is consumed by exactly one of two hundred, and only while it lives', async (t) => {
  const { codes } = await storageFor(t)
  await codes.add(code, 0)
  assert.deepEqual(await codes.newest('change-account', 'alice', 'session', 1), code)
  assert.equal(await codes.consume('id', 100), false)
  assert.equal(successes(await many(() => codes.consume('id', 99))), 1)
  assert.equal(await codes.newest('change-account', 'alice', 'session', 1), undefined)
})

test('OTC-02 a newer code ends the earlier ones of that user, in whatever session', async (t) => {
  const { codes } = await storageFor(t)
  await codes.add(code, 0)
  await codes.add({ ...code, id: 'bobs', username: 'bob' }, 1)
  await codes.add({ ...code, id: 'newer', session: 'other', createdAt: 2 }, 2)
  assert.equal(await codes.newest('change-account', 'alice', 'session', 3), undefined)
  assert.equal(await codes.consume('id', 3), false)
  assert.equal((await codes.newest('change-account', 'alice', 'other', 3))?.id, 'newer')
  assert.equal((await codes.newest('change-account', 'bob', 'session', 3))?.id, 'bobs')
  assert.equal(await codes.revoke('newer', 3), 'alice')
  assert.equal(await codes.revoke('newer', 3), undefined)
  await codes.endAll('bob', 3)
  assert.equal(await codes.newest('change-account', 'bob', 'session', 3), undefined)
})

test('RST-02 a link is used, exchanged or revoked once, by exactly one of two hundred', async (t) => {
  const { resets } = await storageFor(t)
  const ticket = { kind: 'token', id: 'id' } as const
  await resets.add(token, 0)
  assert.deepEqual(await resets.find(ticket, 99), token)
  assert.equal(await resets.find(ticket, 100), undefined)
  assert.equal(successes(await many(() => resets.consume(ticket, 99))), 1)
  assert.equal(await resets.exchange('id', 'grant', 200, 99), false)

  await resets.add({ ...token, id: 'next' }, 1)
  assert.equal(successes(await many(() => resets.exchange('next', 'grant', 200, 99))), 1)
  assert.equal(await resets.find({ kind: 'token', id: 'next' }, 99), undefined)
  assert.equal(await resets.consume({ kind: 'token', id: 'next' }, 99), false)
  const grant = { kind: 'grant', id: 'grant' } as const
  assert.equal((await resets.find(grant, 199))?.username, 'alice')
  assert.equal(await resets.find(grant, 200), undefined)
  assert.equal(successes(await many(() => resets.consume(grant, 199))), 1)
})

test('RST-02 a newer link ends the earlier ones, and what they were exchanged for', async (t) => {
  const { resets } = await storageFor(t)
  await resets.add(token, 0)
  await resets.exchange('id', 'grant', 200, 1)
  await resets.add({ ...token, id: 'newer' }, 2)
  assert.equal(await resets.find({ kind: 'grant', id: 'grant' }, 3), undefined)
  assert.equal(await resets.revoke('newer', 100), undefined)
  assert.equal(await resets.revoke('newer', 3), 'alice')
  assert.equal(await resets.find({ kind: 'token', id: 'newer' }, 3), undefined)
  await resets.add({ ...token, id: 'last' }, 4)
  await resets.endAll('alice', 5)
  assert.equal(await resets.find({ kind: 'token', id: 'last' }, 6), undefined)
})

test('RST-02 a link that is taken back takes along what it was exchanged for, as long as that lives', async (t) => {
  const { resets } = await storageFor(t)
  const grant = { kind: 'grant', id: 'grant' } as const
  await resets.add(token, 0)
  await resets.exchange('id', 'grant', 200, 99)
  assert.equal(await resets.revoke('id', 200), undefined)
  assert.equal(await resets.revoke('id', 199), 'alice')
  assert.equal(await resets.find(grant, 150), undefined)
  assert.equal(await resets.consume(grant, 150), false)
  assert.equal(await resets.revoke('id', 150), undefined)
})

test('BRF-06 two hundred at once are counted one by one, and a window begins anew when it is over', async (t) => {
  const { proofAttempts } = await storageFor(t)
  const counted = await many(() => proofAttempts.count('guess', 'user alice', 100, 1))
  assert.deepEqual(
    counted.map(({ attempts }) => attempts).sort((a, b) => a - b),
    Array.from({ length: 200 }, (_, i) => i + 1),
  )
  assert.ok(counted.every(({ until }) => until === 101))
  // a clock that was set back
  assert.deepEqual(await proofAttempts.count('guess', 'user alice', 100, 0), { attempts: 201, until: 101 })
  await proofAttempts.takeBack('guess', 'user alice')
  assert.deepEqual(await proofAttempts.count('guess', 'user alice', 100, 100), { attempts: 201, until: 101 })
  assert.deepEqual(await proofAttempts.count('guess', 'user alice', 100, 101), { attempts: 1, until: 201 })
  assert.deepEqual(await proofAttempts.count('mail', 'user alice', 100, 101), { attempts: 1, until: 201 })
  await proofAttempts.clear('guess', 'user alice')
  assert.deepEqual(await proofAttempts.count('guess', 'user alice', 100, 102), { attempts: 1, until: 202 })
})

test('DOS-08 what is over is deleted', async (t) => {
  const { codes, resets, proofAttempts } = await storageFor(t)
  await codes.add(code, 0)
  await resets.add(token, 0)
  await proofAttempts.count('guess', 'user alice', 100, 0)
  for (const kept of [codes, resets, proofAttempts]) {
    assert.equal(await kept.prune(0), 0)
    assert.equal(await kept.prune(101), 1)
  }
})
