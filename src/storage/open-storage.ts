// Opens storage: finds out what lies at the configured path, takes the lock, migrates, checks the encryption key, hands out the repositories.
import { existsSync, realpathSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { Kysely } from 'kysely'
import type { Clock } from '../base/clock.ts'
import { Fault } from '../base/fault.ts'
import { createAttempts } from './attempts.ts'
import { createBans } from './bans.ts'
import { createBrowsers } from './browsers.ts'
import { createCodeFailures } from './code-failures.ts'
import { asFault, openDatabaseFile, pragma } from './database-file.ts'
import { type DatabaseLock, lockDatabase } from './database-lock.ts'
import { detectDatabase } from './detect-database.ts'
import { createDuoDevices } from './duo-devices.ts'
import { ensureKey, storageKey } from './encryption.ts'
import { createEvents } from './events.ts'
import { createIdentifiers } from './identifiers.ts'
import { createMails } from './mails.ts'
import { migrate, STORAGE_APPLICATION_ID, STORAGE_MIGRATIONS } from './migrations.ts'
import { nodeSqliteDialect } from './node-sqlite-dialect.ts'
import { createOneTimeCodes } from './one-time-codes.ts'
import { createPreferences } from './preferences.ts'
import { createProofAttempts } from './proof-attempts.ts'
import { createRecoveryCodes } from './recovery-codes.ts'
import { createResetTokens } from './reset-tokens.ts'
import { createSettings } from './settings.ts'
import type { Storage } from './storage.ts'
import type { Tables } from './tables.ts'
import { type LogToDisk, logToDisk } from './to-disk.ts'
import { createTotpConfigurations } from './totp-configurations.ts'
import { createWebauthnChallenges } from './webauthn-challenges.ts'
import { createWebauthnCredentials } from './webauthn-credentials.ts'

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
    bringForward(database, place.path, options)
    const key = storageKey(options.encryptionKey)
    const keyCheck = ensureKey(database, key, place.path)
    // From here on each writer waits for the disk by itself (to-disk.ts), and nobody else has to.
    database.exec('PRAGMA synchronous = NORMAL')
    const log = logToDisk(place.path)
    const db = new Kysely<Tables>({ dialect: nodeSqliteDialect(database, log.toDisk) })
    return {
      ...place,
      attempts: createAttempts(db),
      bans: createBans(db),
      totp: createTotpConfigurations(db, key, keyCheck),
      webauthn: createWebauthnCredentials(db, key, keyCheck),
      webauthnChallenges: createWebauthnChallenges(db),
      preferences: createPreferences(db),
      settings: createSettings(db),
      duo: createDuoDevices(db),
      identifiers: createIdentifiers(database, log.toDisk),
      recovery: createRecoveryCodes({
        database,
        toDisk: log.toDisk,
        key,
        keyCheck,
        failures: createCodeFailures(db, 'recovery_failures'),
      }),
      browsers: createBrowsers(database, log.toDisk),
      mails: createMails(database, key, log.toDisk),
      events: createEvents(db),
      codes: createOneTimeCodes(db),
      resets: createResetTokens(db),
      proofAttempts: createProofAttempts(db),
      close: closer(db, database, log, lock),
    }
  } catch (error) {
    if (database?.isOpen) database.close()
    lock?.release()
    throw asFault(error, place.path)
  }
}

/** A command of a new version doesn't change the tables under a server of the old one. @throws Fault `database-locked`, `database-newer` */
function bringForward(database: DatabaseSync, path: string, { exclusive, clock }: StorageOptions): void {
  const version = pragma(database, 'user_version')
  const isBehind = version > 0 && version < STORAGE_MIGRATIONS.length
  const lock = isBehind && !exclusive ? lockDatabase(path, clock.now()) : undefined
  try {
    migrate(database, path, STORAGE_MIGRATIONS, { recordAt: clock.now() })
  } finally {
    lock?.release()
  }
}

function closer(
  db: Kysely<Tables>,
  database: DatabaseSync,
  log: LogToDisk,
  lock: DatabaseLock | undefined,
): () => Promise<void> {
  return async () => {
    if (!database.isOpen) return
    await db.destroy()
    await log.close()
    database.close()
    lock?.release()
  }
}

/** Damage is found at the start and not by the first user whose row it hit. A few milliseconds at the size storage has. */
export function checkIntegrity(database: DatabaseSync, path: string): void {
  const finding = Object.values(database.prepare('PRAGMA quick_check(1)').get() ?? {})[0]
  if (finding === 'ok') return
  throw new Fault('database-unreadable', `${path} is damaged: ${String(finding).split('\n')[0]}.`, {
    hint: 'Restore it from a backup.',
  })
}
