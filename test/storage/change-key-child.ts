// Changes the key of the database in argv, one after the other, until it is killed. Says so on standard output before each change.
import { systemClock } from '../../src/base/clock.ts'
import { changeStorageKey } from '../../src/storage/change-storage-key.ts'

const [, , path = '', ...keys] = process.argv
for (let i = 0; ; i++) {
  process.stdout.write('changing\n')
  changeStorageKey({
    path,
    from: keys[i % keys.length] ?? '',
    to: keys[(i + 1) % keys.length] ?? '',
    clock: systemClock,
  })
}
