// Brings the database at a path to a version, without opening it for work: no key is needed and none is checked.
import type { DatabaseSync } from 'node:sqlite'
import { asFault, openDatabaseFile, pragma } from './database-file.ts'
import { lockDatabase } from './database-lock.ts'
import { migrate, STORAGE_APPLICATION_ID, STORAGE_MIGRATIONS } from './migrations.ts'

/**
 * A database that doesn't exist is made.
 * @param now milliseconds since the epoch, for the history
 * @throws Fault `database-locked` while a server runs, `database-folder`, `-unwritable`, `-unreadable`, `-foreign`, `-busy`, `-newer`
 */
export function migrateDatabase(path: string, target: number, now: number): { before: number; after: number } {
  const lock = lockDatabase(path, now)
  let database: DatabaseSync | undefined
  try {
    database = openDatabaseFile(path, {
      synchronous: 'FULL',
      applicationId: STORAGE_APPLICATION_ID,
      holds: 'storage',
    })
    const before = pragma(database, 'user_version')
    migrate(database, path, STORAGE_MIGRATIONS, { recordAt: now, target })
    return { before, after: pragma(database, 'user_version') }
  } catch (error) {
    throw asFault(error, path)
  } finally {
    database?.close()
    lock.release()
  }
}
