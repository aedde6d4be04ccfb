// Looks what lies at a path before anything is opened for writing. Never writes, also nothing beside the file.
import { closeSync, copyFileSync, existsSync, mkdtempSync, openSync, readSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { pathToFileURL } from 'node:url'
import { isOpenHere } from './database-file.ts'
import { STORAGE_APPLICATION_ID } from './migrations.ts'

/** `foreign`: a SQLite database of some other program. `unreadable`: something else, or no permission. */
export type DatabaseKind = 'missing' | 'empty' | 'latchkey' | 'authelia' | 'foreign' | 'unreadable'

/** What SQLite leaves beside a database that wasn't closed, with something in it. */
const COMPANIONS = ['-wal', '-journal']

const MAGIC = 'SQLite format 3\0'
const HEADER_LENGTH = 100
/** 2: WAL. */
const WRITE_VERSION_OFFSET = 18
/** Offset of the application id in the header (https://www.sqlite.org/fileformat.html#the_database_header). */
const APPLICATION_ID_OFFSET = 68

export function detectDatabase(path: string): DatabaseKind {
  const found = statSync(path, { throwIfNoEntry: false })
  if (!found) return 'missing'
  if (!found.isFile()) return 'unreadable'
  if (found.size === 0) return 'empty'
  if (isOpenHere(path)) return 'latchkey'
  try {
    const header = readHeader(path)
    if (!header.toString('latin1').startsWith(MAGIC)) return 'unreadable'
    if (header.readUInt32BE(APPLICATION_ID_OFFSET) === STORAGE_APPLICATION_ID) return 'latchkey'
    const tables = tableNames(path)
    if (isAuthelias(tables)) return 'authelia'
    return tables.size === 0 ? 'empty' : 'foreign'
  } catch {
    return 'unreadable'
  }
}

/** Authelia since 4.33 keeps `migrations` and `encryption`; before that it had `config` and its own names for devices. */
const isAuthelias = (tables: ReadonlySet<string>): boolean =>
  (tables.has('migrations') && tables.has('encryption') && tables.has('totp_configurations')) ||
  (tables.has('totp_secrets') && tables.has('authentication_logs'))

function readHeader(path: string): Buffer {
  const header = Buffer.alloc(HEADER_LENGTH)
  const file = openSync(path, 'r')
  try {
    readSync(file, header, 0, HEADER_LENGTH, 0)
  } finally {
    closeSync(file)
  }
  return header
}

function tableNames(path: string): Set<string> {
  const { database, close } = openUnwritten(path)
  try {
    return new Set(
      database
        .prepare("SELECT name FROM sqlite_master WHERE type = 'table'")
        .all()
        .map((row) => String(row['name'])),
    )
  } finally {
    close()
  }
}

/**
 * A database of another program. To read what SQLite left beside one that wasn't closed it writes there; so a copy of all is read then, and goes
 * again.
 */
export function openUnwritten(path: string): { readonly database: DatabaseSync; close(): void } {
  const beside = COMPANIONS.filter((companion) => existsSync(`${path}${companion}`))
  if (beside.length === 0) {
    const database = openForReading(path)
    return { database, close: () => database.close() }
  }
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-copy-'))
  const copy = join(folder, basename(path))
  const remove = (): void => rmSync(folder, { recursive: true, force: true })
  try {
    for (const companion of ['', ...beside]) copyFileSync(`${path}${companion}`, `${copy}${companion}`)
    const database = new DatabaseSync(copy)
    return {
      database,
      close: () => {
        database.close()
        remove()
      },
    }
  } catch (error) {
    remove()
    throw error
  }
}

/**
 * Read-only. SQLite makes files beside one that is in WAL mode even to read it, unless it is opened as immutable, which it is when no log lies there.
 * Not for a file that this process has open as a database.
 */
export function openForReading(path: string): DatabaseSync {
  const url = pathToFileURL(path)
  const isLogged = readHeader(path)[WRITE_VERSION_OFFSET] === 2
  if (isLogged && !statSync(`${path}-wal`, { throwIfNoEntry: false })) url.searchParams.set('immutable', '1')
  return new DatabaseSync(url, { readOnly: true })
}
