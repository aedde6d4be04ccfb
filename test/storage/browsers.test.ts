import assert from 'node:assert/strict'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { manualClock } from '../../src/base/clock.ts'
import type { SeenBrowser } from '../../src/storage/browsers.ts'
import { openStorage } from '../../src/storage/open-storage.ts'
import { temporaryFolder } from './temporary-folder.ts'

const encryptionKey = 'for tests only, twenty bytes'

async function storageFor(t: TestContext) {
  const path = join(temporaryFolder(t), 'db.sqlite3')
  const storage = await openStorage({ path, encryptionKey, clock: manualClock(0) })
  t.after(() => storage.close())
  return storage
}
const seen = { id: 'b1', username: 'alice', userAgent: 'Firefox', network: '203.0.113.0/24', now: 10 }
const NOTHING_NEW = { isFirst: false, isNewBrowser: false, isNewNetwork: false }

test('a sign-in tells what was new about it: browser, network, both, or everything', async (t) => {
  const { browsers } = await storageFor(t)
  const see = async (browser: SeenBrowser) => {
    const { newLately: _count, ...told } = await browsers.see(browser)
    return told
  }
  assert.equal(await browsers.isKnown('b1'), false)
  assert.deepEqual(await see(seen), { isFirst: true, isNewBrowser: true, isNewNetwork: true })
  assert.equal(await browsers.isKnown('b1'), true)
  assert.deepEqual(await see({ ...seen, now: 20 }), NOTHING_NEW)
  assert.deepEqual(await see({ ...seen, id: 'b2' }), { ...NOTHING_NEW, isNewBrowser: true })
  assert.deepEqual(await see({ ...seen, network: '10.0.0.0/24' }), { ...NOTHING_NEW, isNewNetwork: true })
  assert.deepEqual(await see({ ...seen, now: 30 }), NOTHING_NEW, 'back home')
  assert.deepEqual(
    await see({ ...seen, username: 'bob' }),
    { isFirst: true, isNewBrowser: true, isNewNetwork: true },
    'each user has his own',
  )
  assert.deepEqual(
    (await browsers.list('alice')).map(({ id, firstSeen, lastSeen }) => [id, firstSeen, lastSeen]),
    [
      ['b1', 10, 30],
      ['b2', 10, 10],
    ],
  )
})

test('what came up within the last hour is counted, per user', async (t) => {
  const { browsers } = await storageFor(t)
  const count = async (browser: SeenBrowser) => (await browsers.see(browser)).newLately
  assert.equal(await count(seen), 2, 'browser and network')
  assert.equal(await count({ ...seen, id: 'b2', username: 'bob' }), 2)
  assert.equal(await count({ ...seen, id: 'b3', now: 20 }), 3)
  assert.equal(await count({ ...seen, now: 3_600_015 }), 1, 'only what is new')
})

test('programs that keep no cookie fill no table; a trusted browser stays', async (t) => {
  const { browsers } = await storageFor(t)
  await browsers.trust({ ...seen, id: 'trusted' }, 500, 'stamp')
  for (let i = 0; i < 250; i++) await browsers.see({ ...seen, id: `p${i}`, now: 100 + i })
  const list = await browsers.list('alice')
  assert.equal(list.length, 201)
  assert.equal(list[0]?.id, 'p249')
  assert.ok(list.some(({ id }) => id === 'trusted'))
})

test('of two hundred first sign-ins at once exactly one is the first', async (t) => {
  const { browsers } = await storageFor(t)
  const told = await Promise.all(Array.from({ length: 200 }, () => browsers.see(seen)))
  assert.equal(told.filter(({ isFirst }) => isFirst).length, 1)
  assert.equal(told.filter(({ isNewBrowser }) => isNewBrowser).length, 1)
  assert.equal(told.filter(({ isNewNetwork }) => isNewNetwork).length, 1)
})

test('a browser is trusted by one user, until somebody takes that back', async (t) => {
  const { browsers } = await storageFor(t)
  await browsers.trust(seen, 500, 'stamp')
  assert.deepEqual(await browsers.find('b1', 'alice'), {
    id: 'b1',
    username: 'alice',
    firstSeen: 10,
    lastSeen: 10,
    userAgent: 'Firefox',
    network: '203.0.113.0/24',
    trustedUntil: 500,
  })
  assert.equal(await browsers.find('b1', 'bob'), undefined)
  await browsers.see({ ...seen, now: 40 })
  assert.equal((await browsers.find('b1', 'alice'))?.trustedUntil, 500, 'a sign-in changes nothing about it')
  await browsers.trust({ ...seen, id: 'b2' }, 600, 'stamp')
  await browsers.trust({ ...seen, username: 'bob' }, 700, 'stamp')
  assert.equal(await browsers.distrust('alice', 'b2'), 1)
  assert.equal(await browsers.distrust('alice', 'b2'), 0)
  assert.equal(await browsers.distrust('alice'), 1)
  assert.equal((await browsers.find('b1', 'bob'))?.trustedUntil, 700)
})

test('what was not seen for long is forgotten, unless it is trusted', async (t) => {
  const { browsers } = await storageFor(t)
  await browsers.see(seen)
  await browsers.trust({ ...seen, id: 'b2' }, 500, 'stamp')
  assert.equal(await browsers.prune(10), 0)
  assert.equal(await browsers.prune(11), 2, 'b1 and the network')
  assert.deepEqual(
    (await browsers.list('alice')).map(({ id }) => id),
    ['b2'],
  )
})

test('trust holds with the same stamp, for its time, and for no longer than is permitted now', async (t) => {
  const { browsers } = await storageFor(t)
  const isTrusted = (username = 'alice', stamp = 'stamp', until = { after: 10, latest: 1000 }) =>
    browsers.isTrusted('b1', username, stamp, until)
  await browsers.see(seen)
  assert.equal(await isTrusted(), false)
  await browsers.trust(seen, 500, 'stamp')
  assert.equal(await isTrusted(), true)
  assert.equal(await isTrusted('bob'), false)
  assert.equal(await isTrusted('alice', 'another stamp'), false)
  assert.equal(await isTrusted('alice', 'stamp', { after: 500, latest: 1000 }), false)
  assert.equal(await isTrusted('alice', 'stamp', { after: 10, latest: 499 }), false)
  await browsers.see({ ...seen, now: 40 })
  assert.equal(await isTrusted(), true)
  await browsers.rename('b1', 'b2')
  assert.equal(await isTrusted(), false, 'the old mark is worth nothing')
  assert.equal(await browsers.isTrusted('b2', 'alice', 'stamp', { after: 10, latest: 1000 }), true)
  assert.equal(await browsers.distrust('alice'), 1)
  assert.equal(await browsers.isTrusted('b2', 'alice', 'stamp', { after: 10, latest: 1000 }), false)
})
