// The key that secrets in storage are sealed with: whether it is the right one, whether every secret opens with it, and changing it. What is
// sealed stands in one table here; a repository that seals another column adds it.
import type { DatabaseSync } from 'node:sqlite'
import { Fault } from '../base/fault.ts'
import { deriveKey, open, seal } from '../base/secret.ts'
import { inTransaction } from './database-file.ts'

interface SealedColumn {
  readonly table: string
  /** Names the row; with table and column it is the place that a sealed value is bound to. */
  readonly id: string
  readonly column: string
  /** Only this row, where the others of the table aren't sealed. */
  readonly only?: string
}

export const KEY_CHECK = 'encryption-key-check'
const KEY_CHECK_PLAIN = Buffer.from('latchkey')

/** Relying party, credential and user together. */
const WEBAUTHN_ID = "rp_id || '/' || kid || '/' || username"

export const SEALED_COLUMNS: readonly SealedColumn[] = [
  { table: 'settings', id: 'name', column: 'value', only: KEY_CHECK },
  { table: 'totp_configurations', id: 'username', column: 'secret' },
  { table: 'webauthn_credentials', id: WEBAUTHN_ID, column: 'public_key' },
  { table: 'webauthn_credentials', id: WEBAUTHN_ID, column: 'attestation' },
  { table: 'mails', id: 'id', column: 'content' },
  { table: 'recovery_sets', id: 'username', column: 'key' },
]

/** What a sealed value is bound to: one that is copied elsewhere doesn't open there. */
export const sealedPlace = (table: string, column: string, id: string): string => `${table}/${column}/${id}`

/** @param encryptionKey `storage.encryption_key` */
export const storageKey = (encryptionKey: string): Buffer => deriveKey(encryptionKey, 'latchkey/storage/columns')

/**
 * A wrong key would make every secret unreadable, and new ones would be written with it. A database without a mark gets one.
 * @returns the mark; another one in its place means that the key was changed
 * @throws Fault `encryption-key`
 */
export function ensureKey(database: DatabaseSync, key: Buffer, path: string): Uint8Array {
  const place = sealedPlace('settings', 'value', KEY_CHECK)
  if (keyMark(database) === undefined)
    database
      .prepare('INSERT INTO settings VALUES (?, ?) ON CONFLICT DO NOTHING')
      .run(KEY_CHECK, seal(key, KEY_CHECK_PLAIN, place))
  const mark = keyMark(database)
  if (mark && opensMark(mark, key)) return mark
  throw new Fault('encryption-key', `storage.encryption_key is not the key that ${path} was written with.`, {
    hint: 'Put the earlier key back. To start anew without the one-time-code devices, move the database away.',
  })
}

/** `absent`: nothing was ever sealed in it. */
export function judgeKey(database: DatabaseSync, key: Buffer): 'valid' | 'invalid' | 'absent' {
  const mark = keyMark(database)
  if (mark === undefined) return 'absent'
  return opensMark(mark, key) ? 'valid' : 'invalid'
}

const keyMark = (database: DatabaseSync): Uint8Array | undefined =>
  database.prepare('SELECT value FROM settings WHERE name = ?').get(KEY_CHECK)?.['value'] as Uint8Array | undefined

const opensMark = (mark: Uint8Array, key: Buffer): boolean =>
  open(key, mark, sealedPlace('settings', 'value', KEY_CHECK))?.equals(KEY_CHECK_PLAIN) === true

export interface SealedTable {
  readonly table: string
  readonly rows: number
  /** Rows that don't open with the key. */
  readonly invalid: readonly string[]
}

/** Opens every sealed value there is. */
export function checkSealed(database: DatabaseSync, key: Buffer): readonly SealedTable[] {
  return SEALED_COLUMNS.map((sealed) => {
    const rows = sealedRows(database, sealed)
    const invalid = rows.filter(({ id, value }) => !open(key, value, sealedPlace(sealed.table, sealed.column, id)))
    return { table: sealed.table, rows: rows.length, invalid: invalid.map(({ id }) => id) }
  })
}

/**
 * Seals every secret anew, in one transaction: whenever the process ends, either the old key or the new one opens all of them.
 * @param tell how many secrets are done, of how many
 * @returns how many secrets there are
 * @throws Fault `storage-sealed-value` when one doesn't open with the old key; then nothing has changed
 */
export function changeKey(
  database: DatabaseSync,
  from: Buffer,
  to: Buffer,
  tell: (done: number, total: number) => void = () => {},
): number {
  return inTransaction(database, () => {
    const found = SEALED_COLUMNS.map((sealed) => ({ sealed, rows: sealedRows(database, sealed) }))
    const total = found.reduce((sum, { rows }) => sum + rows.length, 0)
    let done = 0
    for (const { sealed, rows } of found) {
      const { table, id: idColumn, column } = sealed
      const update = database.prepare(`UPDATE ${table} SET ${column} = ? WHERE ${idColumn} = ?`)
      for (const { id, value } of rows) {
        const place = sealedPlace(table, column, id)
        const plain = open(from, value, place)
        if (plain === undefined) throw damaged(table, id)
        update.run(seal(to, plain, place), id)
        tell(++done, total)
      }
    }
    return total
  })
}

function sealedRows(database: DatabaseSync, { table, id, column, only }: SealedColumn) {
  const sql = `SELECT ${id} AS id, ${column} AS value FROM ${table}`
  const rows = only === undefined ? database.prepare(sql).all() : database.prepare(`${sql} WHERE ${id} = ?`).all(only)
  return rows.map((row) => ({ id: String(row['id']), value: row['value'] as Uint8Array }))
}

function damaged(table: string, id: string): Fault {
  return new Fault('storage-sealed-value', `The secret of ${id} in ${table} doesn't open with the present key.`, {
    hint: '`latchkey storage encryption check --verbose` lists all of them. Restore a backup, or delete what it names; nothing was changed.',
  })
}
