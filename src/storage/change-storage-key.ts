// Changes the key of the database at a path while nobody serves from it.
import type { Clock } from '../base/clock.ts'
import { asFault, openDatabaseFile } from './database-file.ts'
import { lockDatabase } from './database-lock.ts'
import { detectDatabase } from './detect-database.ts'
import { changeKey, ensureKey, storageKey } from './encryption.ts'
import { missingDatabase } from './inspect-database.ts'
import { migrate, STORAGE_APPLICATION_ID, STORAGE_MIGRATIONS } from './migrations.ts'
import { checkIntegrity } from './open-storage.ts'

/**
 * @param change `from`, `to`: values of `storage.encryption_key`; `tell`: how many secrets are done, of how many
 * @returns how many secrets there are, without the mark that tells which key it is
 * @throws Fault `database-missing`, `database-locked` while a server runs, `encryption-key` when `from` isn't the key, `storage-sealed-value`, and
 * those of opening. Then nothing has changed.
 */
export function changeStorageKey(change: {
  readonly path: string
  readonly from: string
  readonly to: string
  readonly clock: Clock
  readonly tell?: (done: number, total: number) => void
}): number {
  const { path, clock } = change
  if (['missing', 'empty'].includes(detectDatabase(path))) throw missingDatabase(path)
  const lock = lockDatabase(path, clock.now())
  try {
    const database = openDatabaseFile(path, {
      synchronous: 'FULL',
      applicationId: STORAGE_APPLICATION_ID,
      holds: 'storage',
    })
    try {
      checkIntegrity(database, path)
      migrate(database, path, STORAGE_MIGRATIONS, { recordAt: clock.now() })
      const from = storageKey(change.from)
      ensureKey(database, from, path)
      return changeKey(database, from, storageKey(change.to), change.tell) - 1
    } finally {
      database.close()
    }
  } catch (error) {
    throw asFault(error, path)
  } finally {
    lock.release()
  }
}
