// What a database of ours says about itself, read only: nothing is migrated, made or repaired.
import type { DatabaseSync } from 'node:sqlite'
import { Fault } from '../base/fault.ts'
import { asFault, pragma } from './database-file.ts'
import { detectDatabase, openForReading } from './detect-database.ts'
import { judgeKey } from './encryption.ts'
import { STORAGE_MIGRATION_NAMES, STORAGE_MIGRATIONS } from './migrations.ts'

export interface MigrationStep {
  readonly version: number
  readonly description: string
}
export interface TakenStep {
  readonly id: number
  /** Milliseconds since the epoch; null: before this was recorded. */
  readonly appliedAt: number | null
  readonly before: number
  readonly after: number
  readonly program: string
}

/** All steps that this Latchkey knows, first one first. */
export const STORAGE_STEPS: readonly MigrationStep[] = STORAGE_MIGRATION_NAMES.map((description, i) => ({
  version: i + 1,
  description,
}))

export interface SchemaInfo {
  readonly path: string
  /** 0: there is no database yet. */
  readonly version: number
  readonly newest: number
  readonly tables: readonly string[]
  readonly encryptionKey: 'valid' | 'invalid' | 'absent'
}

/**
 * Opens what lies at the path for reading, when it is a storage database of Latchkey's.
 * @returns undefined when nothing lies there
 * @throws Fault `database-foreign`, `database-unreadable`, and what `work` throws
 */
function inspectDatabase<T>(path: string, work: (database: DatabaseSync) => T): T | undefined {
  switch (detectDatabase(path)) {
    case 'missing':
    case 'empty':
      return undefined
    case 'authelia':
    case 'foreign':
      throw new Fault('database-foreign', `${path} is a database of another program, not Latchkey's storage.`, {
        hint: 'Set storage.local.path to a file of its own. Nothing was changed.',
      })
    case 'unreadable':
      throw new Fault('database-unreadable', `${path} can't be read, or is no database.`, {
        hint: 'Check its owner and permissions, or restore it from a backup.',
      })
    case 'latchkey':
  }
  let database: DatabaseSync | undefined
  try {
    database = openForReading(path)
    return work(database)
  } catch (error) {
    throw asFault(error, path)
  } finally {
    database?.close()
  }
}

/** Like `inspectDatabase`, for what makes no sense without a database. @throws Fault `database-missing` */
export function inspectExisting<T>(path: string, work: (database: DatabaseSync) => T): T {
  const result = inspectDatabase(path, (database) => ({ value: work(database) }))
  if (result) return result.value
  throw missingDatabase(path)
}

export function missingDatabase(path: string): Fault {
  return new Fault('database-missing', `There is no database at ${path}.`, {
    hint: 'Check storage.local.path. A server makes it at its first start.',
  })
}

/** @throws Fault as `inspectDatabase` */
export function readSchema(path: string, key: Buffer): SchemaInfo {
  const found = inspectDatabase(path, (database) => {
    const tables = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY rowid").all()
    const version = pragma(database, 'user_version')
    const encryptionKey = version === 0 ? ('absent' as const) : judgeKey(database, key)
    return { version, tables: tables.map((row) => String(row['name'])), encryptionKey }
  })
  const { version, tables, encryptionKey } = found ?? { version: 0, tables: [], encryptionKey: 'absent' }
  return { path, version, newest: STORAGE_MIGRATIONS.length, tables, encryptionKey }
}

/** @throws Fault as `inspectDatabase` */
export function readHistory(path: string): readonly TakenStep[] {
  const rows = inspectDatabase(path, (database) => {
    const version = pragma(database, 'user_version')
    const recorded = database.prepare("SELECT 1 FROM sqlite_master WHERE name = 'migrations'").get() !== undefined
    if (recorded) return database.prepare('SELECT * FROM migrations ORDER BY version').all()
    return Array.from({ length: version }, (_, i) => ({ version: i + 1, applied_at: null, program: '' }))
  })
  return (rows ?? []).map((row) => {
    const version = Number(row['version'])
    const at = row['applied_at']
    return {
      id: version,
      appliedAt: typeof at === 'number' ? at : null,
      before: version - 1,
      after: version,
      program: String(row['program']),
    }
  })
}
