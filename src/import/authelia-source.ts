// Authelia's SQLite database, read and never written: which version it is, its rows, and what is sealed in them.
import { createDecipheriv, createHash, hkdfSync } from 'node:crypto'
import type { DatabaseSync, SQLOutputValue } from 'node:sqlite'
import { Fault } from '../base/fault.ts'
import { detectDatabase, openUnwritten } from '../storage/detect-database.ts'

/** The schema that this was written for; a later one may have changed its meaning. */
const NEWEST_KNOWN_SCHEMA = 26
/** From these on the key is derived by HKDF, and values are bound to table and column, then also to the row. Before: SHA-256 and no binding. */
const SCHEMA_WITH_HKDF = 25
const SCHEMA_WITH_ROW = 26

export type Row = Readonly<Record<string, SQLOutputValue>>

export interface AutheliaSource {
  readonly path: string
  readonly schemaVersion: number
  /** In the order they were made; none where there is no such table. */
  rows(table: string): readonly Row[]
  /** undefined: damaged, moved from another row, or sealed with another key. @param row what the value is bound to */
  unseal(sealed: SQLOutputValue | undefined, table: string, column: string, row: string): Buffer | undefined
  close(): void
}

/** @throws Fault `authelia-database` (not one, too old, too new), `authelia-encryption-key` */
export function openAuthelia(path: string, encryptionKey: string): AutheliaSource {
  requireAuthelia(path)
  const { database, close } = openUnwritten(path)
  try {
    const schemaVersion = readSchemaVersion(database, path)
    const decrypt = createDecrypt(encryptionKey, schemaVersion)
    checkKey(database, decrypt, path)
    return {
      path,
      schemaVersion,
      rows: (table) => {
        const isThere = database.prepare("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?").get(table)
        return isThere ? database.prepare(`SELECT * FROM ${table} ORDER BY id`).all() : []
      },
      unseal: (sealed, ...place) => (sealed instanceof Uint8Array ? decrypt(sealed, ...place) : undefined),
      close,
    }
  } catch (error) {
    close()
    throw error
  }
}

/** A row that isn't what Authelia writes. @param hint how to look at it, or be rid of it */
export const unreadableRow = (what: string, { path }: AutheliaSource, hint: string): Fault =>
  new Fault('authelia-database', `${what} in ${path} can't be read.`, { hint })

function requireAuthelia(path: string): void {
  const kind = detectDatabase(path)
  if (kind === 'authelia') return
  const what = kind === 'missing' ? 'does not exist' : kind === 'latchkey' ? "is Latchkey's own" : "is not Authelia's"
  throw new Fault('authelia-database', `The database ${path} ${what}.`, {
    hint: 'Name the file that storage.local.path of the Authelia configuration names.',
  })
}

type Decrypt = (sealed: Uint8Array, table: string, column: string, row: string) => Buffer | undefined

function readSchemaVersion(source: DatabaseSync, path: string): number {
  const hasMigrations = source.prepare("SELECT 1 FROM sqlite_master WHERE name = 'migrations'").get()
  const row =
    hasMigrations && source.prepare('SELECT version_after AS v FROM migrations ORDER BY id DESC LIMIT 1').get()
  const version = Number(row?.['v'] ?? 0)
  if (version < 1) {
    throw new Fault('authelia-database', `${path} was written by an Authelia before 4.33.`, {
      hint: 'Start a newer Authelia on a copy of it once, which brings it up to date, and import that.',
    })
  }
  if (version > NEWEST_KNOWN_SCHEMA) {
    throw new Fault(
      'authelia-database',
      `${path} has schema ${version}; known are those up to ${NEWEST_KNOWN_SCHEMA}.`,
      {
        hint: 'Look for a newer Latchkey.',
      },
    )
  }
  return version
}

/** AES-256-GCM: 12-byte nonce, ciphertext, 16-byte tag. */
function createDecrypt(encryptionKey: string, schemaVersion: number): Decrypt {
  const key =
    schemaVersion >= SCHEMA_WITH_HKDF
      ? Buffer.from(hkdfSync('sha256', encryptionKey, '', 'authelia:kdf:storage:encryption_key:v1', 32))
      : createHash('sha256').update(encryptionKey).digest()
  return (sealed, table, column, row) => {
    const bytes = Buffer.from(sealed)
    if (bytes.length < 28) return undefined
    const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12), { authTagLength: 16 })
    const place = `authelia:storage:${table}:${column}`
    if (schemaVersion >= SCHEMA_WITH_ROW) decipher.setAAD(Buffer.from(`${place}:${row}`))
    else if (schemaVersion >= SCHEMA_WITH_HKDF) decipher.setAAD(Buffer.from(place))
    decipher.setAuthTag(bytes.subarray(-16))
    try {
      return Buffer.concat([decipher.update(bytes.subarray(12, -16)), decipher.final()])
    } catch {
      return undefined
    }
  }
}

function checkKey(source: DatabaseSync, decrypt: Decrypt, path: string): void {
  const row = source.prepare("SELECT value FROM encryption WHERE name = 'check'").get()
  if (row?.['value'] instanceof Uint8Array && decrypt(row['value'], 'encryption', 'value', 'check')) return
  throw new Fault('authelia-encryption-key', `The encryption key is not the one ${path} was written with.`, {
    hint: 'Give the storage.encryption_key of the Authelia configuration.',
  })
}

/** `2026-11-24 03:53:44.835797858+00:00`, to the millisecond. */
export function readTime(value: SQLOutputValue | undefined): number | undefined {
  if (typeof value !== 'string') return undefined
  const time = Date.parse(value.replace(' ', 'T').replace(/(\.\d{3})\d+/, '$1'))
  return Number.isNaN(time) ? undefined : time
}
