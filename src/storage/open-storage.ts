// Opens storage: finds out what lies at the configured path, takes the lock, migrates, checks the encryption key, hands out the repositories.
import { existsSync, realpathSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { Kysely } from 'kysely'
import type { Clock } from '../base/clock.ts'
import { Fault } from '../base/fault.ts'
import { deriveKey, open, seal } from '../base/secret.ts'
import { createAttempts } from './attempts.ts'
import { createBans } from './bans.ts'
import { asFault, openDatabaseFile } from './database-file.ts'
import { type DatabaseLock, lockDatabase } from './database-lock.ts'
import { detectDatabase } from './detect-database.ts'
import { migrate, STORAGE_APPLICATION_ID, STORAGE_MIGRATIONS } from './migrations.ts'
import { nodeSqliteDialect } from './node-sqlite-dialect.ts'
import { createPreferences } from './preferences.ts'
import { createSettings } from './settings.ts'
import type { SettingsRepository, Storage } from './storage.ts'
import type { Tables } from './tables.ts'
import { createTotpConfigurations } from './totp-configurations.ts'

export interface StorageOptions {
  /** `storage.local.path`, resolved. */
  readonly path: string
  /** `storage.encryption_key`. */
  readonly encryptionKey: string
  readonly clock: Clock
  /** True in a server: nobody else may serve from this database. Commands leave it out and work beside a running server. */
  readonly exclusive?: boolean
}

export interface OpenStorage extends Storage {
  /** The file that is really used. */
  readonly path: string
  /** Set when the configured path holds Authelia's database: it stays untouched and `path` lies beside it. The server says so and names `latchkey import authelia`. */
  readonly autheliaPath: string | undefined
}

/** Name of our database beside Authelia's. */
const OWN_NAME = 'latchkey.sqlite3'
const KEY_CHECK = 'encryption-key-check'
const KEY_CHECK_PLAIN = Buffer.from('latchkey')

/**
 * Where storage really lies for a configured path: there, or beside it when Authelia's database is there.
 * @throws Fault `database-foreign` when Authelia's database has the name that ours would get
 */
export function locateStorage(configuredPath: string): Pick<OpenStorage, 'path' | 'autheliaPath'> {
  if (detectDatabase(configuredPath) !== 'authelia')
    return { path: withoutLinks(configuredPath), autheliaPath: undefined }
  if (basename(configuredPath) === OWN_NAME) {
    throw new Fault('database-foreign', `${configuredPath} is a database of Authelia's under the name of Latchkey's.`, {
      hint: 'Rename it and set storage.local.path to its new name.',
    })
  }
  return { path: withoutLinks(join(dirname(configuredPath), OWN_NAME)), autheliaPath: configuredPath }
}

/** The lock and the companions of the file must be the same ones by whatever name it is called. */
const withoutLinks = (path: string): string => (existsSync(path) ? realpathSync(path) : path)

/** @throws Fault `database-folder`, `-unwritable`, `-unreadable`, `-foreign`, `-busy`, `-newer`, `-locked`; `encryption-key` */
export async function openStorage(options: StorageOptions): Promise<OpenStorage> {
  const place = locateStorage(options.path)
  let lock: DatabaseLock | undefined
  let database: DatabaseSync | undefined
  try {
    if (options.exclusive) lock = lockDatabase(place.path, options.clock.now())
    database = openDatabaseFile(place.path, {
      synchronous: 'FULL',
      applicationId: STORAGE_APPLICATION_ID,
      holds: 'storage',
    })
    checkIntegrity(database, place.path)
    migrate(database, place.path, STORAGE_MIGRATIONS)
    const key = deriveKey(options.encryptionKey, 'latchkey/storage/columns')
    const db = new Kysely<Tables>({ dialect: nodeSqliteDialect(database) })
    await checkKey(createSettings(db), key, place.path)
    return {
      ...place,
      attempts: createAttempts(db),
      bans: createBans(db),
      totp: createTotpConfigurations(db, key),
      preferences: createPreferences(db),
      settings: createSettings(db),
      close: closer(db, database, lock),
    }
  } catch (error) {
    if (database?.isOpen) database.close()
    lock?.release()
    throw asFault(error, place.path)
  }
}

function closer(db: Kysely<Tables>, database: DatabaseSync, lock: DatabaseLock | undefined): () => Promise<void> {
  return async () => {
    if (!database.isOpen) return
    await db.destroy()
    database.close()
    lock?.release()
  }
}

/** Damage is found at the start and not by the first user whose row it hit. A few milliseconds at the size storage has. */
function checkIntegrity(database: DatabaseSync, path: string): void {
  const finding = Object.values(database.prepare('PRAGMA quick_check(1)').get() ?? {})[0]
  if (finding === 'ok') return
  throw new Fault('database-unreadable', `${path} is damaged: ${String(finding).split('\n')[0]}.`, {
    hint: 'Restore it from a backup.',
  })
}

/** A wrong key would make every secret unreadable, and new ones would be written with it. */
async function checkKey(settings: SettingsRepository, key: Buffer, path: string): Promise<void> {
  await settings.saveNew(KEY_CHECK, seal(key, KEY_CHECK_PLAIN, `settings/value/${KEY_CHECK}`))
  const found = await settings.find(KEY_CHECK)
  if (found && open(key, found, `settings/value/${KEY_CHECK}`)?.equals(KEY_CHECK_PLAIN)) return
  throw new Fault('encryption-key', `storage.encryption_key is not the key that ${path} was written with.`, {
    hint: 'Put the earlier key back. To start anew without the one-time-code devices, move the database away.',
  })
}
