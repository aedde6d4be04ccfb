// Opens a database as soon as it hears a byte on standard input, and closes it.
import { once } from 'node:events'
import { systemClock } from '../../src/base/clock.ts'
import { openStorage } from '../../src/storage/open-storage.ts'

const [path = '', encryptionKey = ''] = process.argv.slice(2)
process.stdout.write('ready')
await once(process.stdin, 'data')
process.stdin.unref()
await (await openStorage({ path, encryptionKey, clock: systemClock })).close()
process.exit(0)
