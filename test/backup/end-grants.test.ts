import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { systemClock } from '../../src/base/clock.ts'
import { openStorage } from '../../src/storage/open-storage.ts'
import type { Storage } from '../../src/storage/storage.ts'
import { backUpTo, KEY, type Place, placeIn, restoreFrom, write } from './fixture.ts'

async function within<T>({ storagePath }: Place, work: (storage: Storage) => Promise<T>): Promise<T> {
  const storage = await openStorage({ path: storagePath, encryptionKey: KEY, clock: systemClock })
  try {
    return await work(storage)
  } finally {
    await storage.close()
  }
}

/** A place with everything in it that a restore must not bring back, and its backup. */
async function backedUp(t: TestContext): Promise<{ place: Place; file: string }> {
  const place = placeIn(t)
  await write(place, 'old')
  const now = systemClock.now()
  await within(place, async (storage) => {
    await storage.recovery.save('alice', ['AAAABBBBCCCC', 'DDDDEEEEFFFF', 'GGGGHHHHJJJJ'], now)
    const browser = { id: 'b'.repeat(64), username: 'alice', network: '203.0.113.0/24', userAgent: 'Firefox', now }
    await storage.browsers.see(browser)
    await storage.browsers.trust(browser, now + 86_400_000, 'stamp')
    const challenge = { owner: 'session', ceremony: 'assertion', hash: Buffer.alloc(32, 1), detail: '' } as const
    await storage.webauthnChallenges.begin({ ...challenge, expiresAt: now + 600_000 }, now)
    await storage.recovery.consume('alice', 'AAAABBBBCCCC', now)
  })
  const file = join(place.folder, 'b.tar.gz')
  await backUpTo(place, file)
  return { place, file }
}

const unused = ({ storagePath }: Place): Promise<number | undefined> =>
  within({ storagePath } as Place, async (storage) => (await storage.recovery.find('alice'))?.left)

test('a restore ends trust in browsers and challenges, and recovery codes that were used meanwhile stay used', async (t) => {
  const { place, file } = await backedUp(t)
  const now = systemClock.now()
  await within(place, async (storage) => {
    await storage.recovery.consume('alice', 'DDDDEEEEFFFF', now)
  })
  assert.equal(await unused(place), 1)
  const { ended } = await restoreFrom(place, file, { force: true })
  assert.deepEqual(ended, { browsers: 1, recoveryCodes: 1 })
  assert.equal(await unused(place), 1)
  await within(place, async (storage) => {
    assert.ok((await storage.browsers.list('alice')).every(({ trustedUntil }) => trustedUntil === undefined))
    assert.equal(await storage.webauthnChallenges.take('session', 'assertion', now), undefined)
    assert.equal(await storage.recovery.consume('alice', 'DDDDEEEEFFFF', now), 'used')
  })
})

test('codes of another set are left alone, and a replaced database that can’t be read doesn’t stand in the way', async (t) => {
  const { place, file } = await backedUp(t)
  await within(place, async (storage) => {
    await storage.recovery.save('alice', ['AAAABBBBCCCC', 'DDDDEEEEFFFF'], systemClock.now())
    await storage.recovery.consume('alice', 'DDDDEEEEFFFF', systemClock.now())
  })
  assert.deepEqual((await restoreFrom(place, file, { force: true })).ended, { browsers: 1, recoveryCodes: 0 })
  assert.equal(await unused(place), 2)

  writeFileSync(place.storagePath, 'SQLite format 3\0 and then nonsense')
  assert.deepEqual((await restoreFrom(place, file, { force: true })).ended, { browsers: 1, recoveryCodes: 0 })
  assert.equal(await unused(place), 2)
})
