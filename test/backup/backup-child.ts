// Backs up or restores, over and over, until it is killed: `backup|restore storage file`. Says so on standard output when it begins.
import { systemClock } from '../../src/base/clock.ts'
import { sessionsPath } from '../../src/session/open-sessions.ts'
import { backUpTo, restoreFrom } from './fixture.ts'

const [, , what = '', storagePath = '', ...files] = process.argv
const place = { folder: '', storagePath, sessionsPath: sessionsPath(storagePath) }
// Between two rounds nobody else listens. After whoever does.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => setImmediate(() => process.exit(1)))
process.stdout.write('begun\n')
for (let i = 0; ; i++) {
  const file = files[i % files.length] ?? ''
  if (what === 'backup') await backUpTo(place, file, { force: true })
  // Kept files are named by the second: each restore has one of its own.
  else await restoreFrom(place, file, { force: true, clock: { now: () => systemClock.now() + i * 1000 } })
}
