// One server per database: a lock of the operating system, taken through SQLite on a file of its own, that ends with the process that holds it.
// A file with a process number in it would not do: numbers are used again, and in containers every server is number 1.
import { lstatSync } from 'node:fs'
import { hostname } from 'node:os'
import { DatabaseSync } from 'node:sqlite'
import { Fault } from '../base/fault.ts'
import { asFault, createFile, requireFolder } from './database-file.ts'

export interface DatabaseLock {
  /** The file stays; what counts is the lock on it. */
  release(): void
}

/**
 * Locks `<path>.lock`. Others may read in it who holds it.
 * @throws Fault `database-locked` when another server holds it, `database-folder`, `database-unwritable`
 */
export function lockDatabase(path: string, now: number): DatabaseLock {
  requireFolder(path)
  const file = `${path}.lock`
  let database: DatabaseSync | undefined
  try {
    createFile(file)
    // SQLite would follow it, and write wherever whoever owns the folder wants root to.
    if (lstatSync(file).isSymbolicLink()) throw Object.assign(new Error('a symbolic link'), { syscall: 'open' })
    database = new DatabaseSync(file, { timeout: 0 })
    // In rollback-journal mode, BEGIN IMMEDIATE takes the RESERVED lock: one holder, readers still welcome.
    database.exec('PRAGMA journal_mode = DELETE')
    database.exec(`BEGIN IMMEDIATE;
      CREATE TABLE IF NOT EXISTS holder (pid INTEGER NOT NULL, host TEXT NOT NULL, since TEXT NOT NULL) STRICT;
      DELETE FROM holder`)
    database
      .prepare('INSERT INTO holder (pid, host, since) VALUES (?, ?, ?)')
      .run(process.pid, hostname(), new Date(now).toISOString())
    database.exec('COMMIT')
    database.exec('BEGIN IMMEDIATE')
  } catch (error) {
    const holder = database && isBusy(error) ? readHolder(database) : undefined
    database?.close()
    if (holder !== undefined) {
      throw new Fault('database-locked', `Another Latchkey server uses the database ${path}${holder}.`, {
        hint: 'Stop that server first, or give this one a storage.local.path of its own.',
        cause: error,
      })
    }
    throw asFault(asUnwritable(error, file), file)
  }
  const held = database
  return { release: () => held.isOpen && held.close() }
}

const isBusy = (error: unknown): boolean =>
  error instanceof Error && 'errcode' in error && (Number(error.errcode) & 0xff) === 5

/** ` (process 12 on host since …)`, or '' when that can't be told. */
function readHolder(database: DatabaseSync): string {
  try {
    const row = database.prepare('SELECT pid, host, since FROM holder').get()
    return row ? ` (process ${row['pid']} on ${row['host']} since ${row['since']})` : ''
  } catch {
    return ''
  }
}

function asUnwritable(error: unknown, file: string): unknown {
  if (!(error instanceof Error) || !('syscall' in error)) return error
  return new Fault('database-unwritable', `The lock file ${file} can't be written.`, {
    hint: 'Check owner and permissions of its folder.',
    cause: error,
  })
}
