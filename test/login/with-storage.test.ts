// The races again, and a restart in between, on the storage that serves: SQLite in a file.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { manualClock } from '../../src/base/clock.ts'
import { createLogin } from '../../src/login/create-login.ts'
import { codeOfStep, timeStep } from '../../src/login/totp-code.ts'
import { openStorage } from '../../src/storage/open-storage.ts'
import { temporaryFolder } from '../storage/temporary-folder.ts'
import { fakeDirectory, from, memoryLog, REGULATION, START, TOTP, totpOf } from './fixture.ts'

async function opened(path: string, modes: readonly ('user' | 'ip')[] = ['user']) {
  const clock = manualClock(START)
  const directory = fakeDirectory()
  const storage = await openStorage({ path, encryptionKey: 'a-key-of-some-length-for-tests', clock })
  const login = createLogin({
    directory: () => directory,
    storage,
    audit: { record: async () => {} },
    clock,
    random: (size) => new Uint8Array(size),
    log: memoryLog(),
    regulation: () => ({ ...REGULATION, modes }),
    totp: () => TOTP,
    wait: async () => {},
  })
  return { clock, directory, storage, login }
}
const pathOf = (t: TestContext) => join(temporaryFolder(t), 'db.sqlite3')

test('BRF-06 the limit holds in a race, and the ban survives a restart', async (t) => {
  const path = pathOf(t)
  const first = await opened(path, ['user', 'ip'])
  await Promise.all(Array.from({ length: 40 }, (_, i) => first.login.password('bob', `guess ${i}`, from())))
  assert.equal(first.directory.checks.filter(({ username }) => username === 'bob').length, 3)
  await first.storage.close()

  const second = await opened(path)
  t.after(() => second.storage.close())
  const banned = { kind: 'refused', reason: 'banned-user' }
  assert.deepEqual(await second.login.password('bob', 'password', from('198.51.100.9')), banned)
  second.clock.advance(REGULATION.banTime)
  assert.equal((await second.login.password('bob', 'password', from('198.51.100.9'))).kind, 'accepted')
})

test('TOT-01 TOT-03 a code is used once in a race and after a restart, and failures are still counted there', async (t) => {
  const path = pathOf(t)
  const device = { ...totpOf('bob'), secret: new Uint8Array(20).fill(7) }
  const code = codeOfStep(device, timeStep(START, device.period))
  const wrong = code === '000000' ? '000001' : '000000'
  const first = await opened(path)
  await first.storage.totp.save(device)
  const outcomes = await Promise.all(Array.from({ length: 50 }, () => first.login.totp('bob', code, from())))
  assert.equal(outcomes.filter(({ kind }) => kind === 'accepted').length, 1)
  for (let i = 0; i < 4; i++) await first.login.totp('bob', wrong, from())
  await first.storage.close()

  const second = await opened(path)
  t.after(() => second.storage.close())
  assert.deepEqual(await second.login.totp('bob', code, from()), { kind: 'refused', reason: 'code-used' })
  const fifth = await second.login.totp('bob', wrong, from())
  assert.deepEqual(fifth, { kind: 'refused', reason: 'wrong-code', isLocked: true })
  assert.equal((await second.login.totp('bob', wrong, from())).kind, 'throttled')
})
