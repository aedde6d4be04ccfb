import assert from 'node:assert/strict'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { type TestContext, test } from 'node:test'
import { manualClock } from '../../src/base/clock.ts'
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
  assert.equal(await browsers.isKnown('b1'), false)
  assert.deepEqual(await browsers.see(seen), { isFirst: true, isNewBrowser: true, isNewNetwork: true })
  assert.equal(await browsers.isKnown('b1'), true)
  assert.deepEqual(await browsers.see({ ...seen, now: 20 }), NOTHING_NEW)
  assert.deepEqual(await browsers.see({ ...seen, id: 'b2' }), { ...NOTHING_NEW, isNewBrowser: true })
  assert.deepEqual(await browsers.see({ ...seen, network: '10.0.0.0/24' }), { ...NOTHING_NEW, isNewNetwork: true })
  assert.deepEqual(await browsers.see({ ...seen, now: 30 }), NOTHING_NEW, 'back home')
  assert.deepEqual(
    await browsers.see({ ...seen, username: 'bob' }),
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

test('of two hundred first sign-ins at once exactly one is the first', async (t) => {
  const { browsers } = await storageFor(t)
  const told = await Promise.all(Array.from({ length: 200 }, () => browsers.see(seen)))
  assert.equal(told.filter(({ isFirst }) => isFirst).length, 1)
  assert.equal(told.filter(({ isNewBrowser }) => isNewBrowser).length, 1)
  assert.equal(told.filter(({ isNewNetwork }) => isNewNetwork).length, 1)
})

test('a browser is trusted by one user, until somebody takes that back', async (t) => {
  const { browsers } = await storageFor(t)
  await browsers.trust(seen, 500)
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
  await browsers.trust({ ...seen, id: 'b2' }, 600)
  await browsers.trust({ ...seen, username: 'bob' }, 700)
  assert.equal(await browsers.distrust('alice', 'b2'), 1)
  assert.equal(await browsers.distrust('alice', 'b2'), 0)
  assert.equal(await browsers.distrust('alice'), 1)
  assert.equal((await browsers.find('b1', 'bob'))?.trustedUntil, 700)
})

test('what was not seen for long is forgotten, unless it is trusted', async (t) => {
  const { browsers } = await storageFor(t)
  await browsers.see(seen)
  await browsers.trust({ ...seen, id: 'b2' }, 500)
  assert.equal(await browsers.prune(10), 0)
  assert.equal(await browsers.prune(11), 2, 'b1 and the network')
  assert.deepEqual(
    (await browsers.list('alice')).map(({ id }) => id),
    ['b2'],
  )
})

test('a mail waits sealed and opens nowhere else', async (t) => {
  const path = join(temporaryFolder(t), 'db.sqlite3')
  const first = await openStorage({ path, encryptionKey, clock: manualClock(0) })
  const content = Buffer.from('canary: what the mail says')
  await first.mails.add({ id: 'm2', usefulUntil: 20, content })
  await first.mails.add({ id: 'm1', usefulUntil: 10, content })
  await first.close()
  const raw = new DatabaseSync(path)
  const rows = raw.prepare('SELECT content FROM mails').all()
  assert.ok(rows.every((row) => !Buffer.from(row['content'] as Uint8Array).includes('canary')))
  raw.exec("UPDATE mails SET content = (SELECT content FROM mails WHERE id = 'm2') WHERE id = 'm1'")
  raw.close()
  const again = await openStorage({ path, encryptionKey, clock: manualClock(0) })
  t.after(() => again.close())
  const [m1, m2] = await again.mails.list()
  assert.deepEqual([m1?.id, m1?.usefulUntil, m1?.content], ['m1', 10, undefined])
  assert.equal(String(m2?.content), String(content))
  await again.mails.remove('m1')
  assert.deepEqual(
    (await again.mails.list()).map(({ id }) => id),
    ['m2'],
  )
})
