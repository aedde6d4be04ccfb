// Duo's factor on the storage that serves, with the fake of Duo behind it.
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import type { Audit, AuditEvent } from '../../../src/audit/audit.ts'
import { manualClock } from '../../../src/base/clock.ts'
import type { DuoConfig } from '../../../src/config/config.ts'
import { createAttemptRecord } from '../../../src/login/attempt-record.ts'
import { createDuo } from '../../../src/login/duo/create-duo.ts'
import type { DuoVisitor } from '../../../src/login/duo/duo.ts'
import { createDuoApi } from '../../../src/login/duo/duo-api.ts'
import { openStorage } from '../../../src/storage/open-storage.ts'
import { temporaryFolder } from '../../storage/temporary-folder.ts'
import { memoryLog, START, user } from '../fixture.ts'
import { KEYS, openFakeDuo } from './fake-duo.ts'

export async function duoLab(
  t: TestContext,
  options: { readonly selfEnrolment?: boolean; readonly pushLife?: number } = {},
) {
  const clock = manualClock(START)
  const fake = await openFakeDuo(clock.now)
  const path = join(temporaryFolder(t), 'db.sqlite3')
  const storage = await openStorage({ path, encryptionKey: 'a-key-of-some-length-for-tests', clock })
  const log = memoryLog()
  const events: AuditEvent[] = []
  const audit: Audit = { record: async (event) => void events.push(event) }
  const config: { duo: DuoConfig | undefined } = {
    duo: { ...KEYS, hostname: fake.hostname, selfEnrolment: options.selfEnrolment ?? false },
  }
  const open = () =>
    createDuo({
      settings: () => config.duo,
      openApi: (account) => createDuoApi(account, clock, { trusted: fake.certificate, patience: 2000 }),
      devices: storage.duo,
      record: createAttemptRecord({ attempts: storage.attempts, audit, clock }),
      audit,
      clock,
      log,
      wait: async () => {},
      ...(options.pushLife === undefined ? {} : { pushLife: options.pushLife }),
    })
  const duo = open()
  t.after(async () => {
    duo.close()
    await fake.close()
    await storage.close()
  })
  return {
    clock,
    fake,
    storage,
    log,
    events,
    config,
    duo,
    /** Another one on the same storage, as after a restart. */
    open,
    reasons: async () => (await storage.attempts.list({}, 1000)).map(({ successful }) => successful),
  }
}

export const visitor = (username = 'alice', changes: Partial<DuoVisitor> = {}): DuoVisitor => ({
  user: user(username),
  session: `session of ${username}`,
  level: 1,
  hasOtherFactor: false,
  attempt: {
    from: '203.0.113.7',
    requestUri: 'https://vault.example.com/secrets?token=abc#x',
    requestMethod: 'GET',
    userAgent: 'a browser',
  },
  onFraud: () => undefined,
  ...changes,
})
