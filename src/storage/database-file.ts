// Opens one SQLite file through node:sqlite with the settings of the house, and says in an operator's words why it can't. Knows no tables.
import { accessSync, closeSync, constants, openSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { Fault } from '../base/fault.ts'

export interface DatabaseFileOptions {
  /** FULL: a commit survives power loss. NORMAL: it survives the death of the process (https://www.sqlite.org/pragma.html#pragma_synchronous). */
  readonly synchronous: 'FULL' | 'NORMAL'
  /** Written into the header of a new file; another one in an existing file is a Fault. */
  readonly applicationId: number
  /** What it holds, for messages: `storage`, `sessions`. */
  readonly holds: string
}

/** How long a statement waits for another process's lock, milliseconds. Nothing else happens meanwhile; writes of ours take far less. */
const BUSY_TIMEOUT = 2000

/** Primary result codes: https://www.sqlite.org/rescode.html */
const SQLITE = { busy: 5, readOnly: 8, ioError: 10, corrupt: 11, full: 13, cantOpen: 14, notADatabase: 26 } as const

/** @throws Fault `database-folder`, `database-unwritable`, `database-unreadable`, `database-foreign`, `database-busy` */
export function openDatabaseFile(path: string, options: DatabaseFileOptions): DatabaseSync {
  createPrivately(path)
  let database: DatabaseSync | undefined
  try {
    database = new DatabaseSync(path, { timeout: BUSY_TIMEOUT })
    noteOpened(path, database)
    claim(database, path, options)
    database.exec('PRAGMA journal_mode = WAL')
    database.exec(`PRAGMA synchronous = ${options.synchronous}`)
    database.exec('PRAGMA foreign_keys = ON')
    // A trial run of what every later write needs: the lock, the log beside the file, room on the disk.
    database.exec('BEGIN IMMEDIATE; ROLLBACK')
    return database
  } catch (error) {
    database?.close()
    throw asFault(error, path)
  }
}

/** @throws Fault `database-folder` */
export function requireFolder(path: string): void {
  const folder = dirname(path)
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
    throw new Fault('database-folder', `The folder ${folder} for the database doesn't exist.`, {
      hint: 'Create it, owned by the user Latchkey runs as, or change storage.local.path.',
    })
  }
}

/** A new file is ours alone from its first moment; SQLite gives its companions (-wal, -shm) the same mode. */
function createPrivately(path: string): void {
  requireFolder(path)
  const found = statSync(path, { throwIfNoEntry: false })
  if (found && !found.isFile()) {
    throw new Fault('database-unreadable', `${path} is not a file, so it can't be a database.`, {
      hint: 'storage.local.path must name a file.',
    })
  }
  try {
    if (found) accessSync(path, constants.R_OK | constants.W_OK)
    else createFile(path)
  } catch (cause) {
    throw unwritable(path, cause)
  }
}

/** Makes an empty file that only its owner may read, unless there is one. A file that exists is not opened: see `isOpenHere`. */
export function createFile(path: string): void {
  try {
    closeSync(openSync(path, 'wx', 0o600))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}

const openedHere = new Map<string, DatabaseSync[]>()
const identityOf = (path: string): string => {
  const found = statSync(path, { throwIfNoEntry: false })
  return found ? `${found.dev}:${found.ino}` : ''
}

/**
 * Whether this process has the file open as a database. Then it must not open and close it by other means: POSIX drops all locks of a process on a
 * file when any of its descriptors is closed (https://www.sqlite.org/howtocorrupt.html §2.2).
 */
export function isOpenHere(path: string): boolean {
  return openedHere.get(identityOf(path))?.some((database) => database.isOpen) ?? false
}

function noteOpened(path: string, database: DatabaseSync): void {
  const identity = identityOf(path)
  const others = openedHere.get(identity)?.filter((other) => other.isOpen) ?? []
  openedHere.set(identity, [...others, database])
}

/** Before the switch to WAL, so that the mark stands in the file itself from the start. */
function claim(database: DatabaseSync, path: string, { applicationId, holds }: DatabaseFileOptions): void {
  if (pragma(database, 'application_id') === applicationId) return
  // Locked, since another process may be doing the same to the same new file.
  inTransaction(database, () => {
    const found = pragma(database, 'application_id')
    if (found === applicationId) return
    if (found !== 0 || database.prepare('SELECT 1 FROM sqlite_master').get()) {
      throw new Fault('database-foreign', `${path} is a database of another program, not Latchkey's ${holds}.`, {
        hint: 'Set storage.local.path to a file of its own. Nothing was changed.',
      })
    }
    database.exec(`PRAGMA application_id = ${applicationId}`)
  })
}

/** Value of an integer pragma. `name` is a constant of the caller's, never input. */
export function pragma(database: DatabaseSync, name: string): number {
  return Number(Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})[0])
}

/** Runs `work` in one write transaction. It is synchronous by type: an `await` in it would let other statements join in. */
export function inTransaction<T>(database: DatabaseSync, work: () => T extends Promise<unknown> ? never : T): T {
  if (database.isTransaction) throw new Error('transactions do not nest')
  database.exec('BEGIN IMMEDIATE')
  try {
    const result = work()
    database.exec('COMMIT')
    return result
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK')
    throw error
  }
}

/** Prepared statements by their text; the oldest goes when there are more than any program of fixed statements has. */
export function statementCache(database: DatabaseSync): (sql: string) => StatementSync {
  const statements = new Map<string, StatementSync>()
  return (sql) => {
    let statement = statements.get(sql)
    if (statement === undefined) {
      statement = database.prepare(sql)
      if (statements.size >= 200) statements.delete(statements.keys().next().value as string)
      statements.set(sql, statement)
    }
    return statement
  }
}

function unwritable(path: string, cause: unknown): Fault {
  return new Fault('database-unwritable', `The database ${path} can't be written.`, {
    hint: 'Check owner and permissions of the file and its folder, that the disk is not full and not mounted read-only.',
    cause,
  })
}

/** Turns what SQLite says about the file into a Fault; everything else comes back as it is. */
export function asFault(error: unknown, path: string): unknown {
  if (error instanceof Fault || !(error instanceof Error) || !('errcode' in error)) return error
  switch (Number(error.errcode) & 0xff) {
    case SQLITE.notADatabase:
    case SQLITE.corrupt:
      return new Fault('database-unreadable', `${path} is damaged or not a database.`, {
        hint: 'Restore it from a backup, or move it away to start with an empty one.',
        cause: error,
      })
    case SQLITE.readOnly:
    case SQLITE.cantOpen:
    case SQLITE.full:
    case SQLITE.ioError:
      return unwritable(path, error)
    case SQLITE.busy:
      return new Fault('database-busy', `Another process holds the database ${path}.`, {
        hint: 'Wait for it to finish, or look which process has the file open.',
        cause: error,
      })
    default:
      return error
  }
}
