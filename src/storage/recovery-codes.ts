// The tables recovery_sets and recovery_codes: of each code a hash, made with a key of its set that is sealed.
import { createHmac, randomBytes } from 'node:crypto'
import type { DatabaseSync } from 'node:sqlite'
import { Fault } from '../base/fault.ts'
import { equalSecret, open, seal } from '../base/secret.ts'
import type { CodeFailures } from './code-failures.ts'
import { inTransaction, statementCache } from './database-file.ts'
import { KEY_CHECK, sealedPlace } from './encryption.ts'
import type { ToDisk } from './to-disk.ts'

/** The recovery codes of a user, as they were made together. */
export interface RecoverySet {
  /** Milliseconds since the epoch. */
  readonly createdAt: number
  readonly total: number
  readonly left: number
  readonly lastUsedAt: number | undefined
}

/** Codes pass in their one canonical form; only hashes are stored. */
export interface RecoveryRepository extends CodeFailures {
  find(username: string): Promise<RecoverySet | undefined>
  /** In place of all earlier ones. */
  save(username: string, codes: readonly string[], now: number): Promise<void>
  /** Consumes a code in one atomic statement: 'consumed' for exactly one caller, 'used' for all after him. */
  consume(username: string, code: string, now: number): Promise<'consumed' | 'used' | 'unknown'>
  delete(username: string): Promise<boolean>
}

/** A set's key copied into another user's row doesn't open there. */
const place = (username: string): string => sealedPlace('recovery_sets', 'key', username)

export function createRecoveryCodes(deps: {
  readonly database: DatabaseSync
  readonly toDisk: ToDisk
  /** Of the purpose `latchkey/storage/columns`. */
  readonly key: Buffer
  /** The value that told, when the database was opened, that the key is the right one; see encryption.ts. */
  readonly keyCheck: Uint8Array
  readonly failures: CodeFailures
}): RecoveryRepository {
  const { database, toDisk, key, keyCheck, failures } = deps
  const statement = statementCache(database)

  /** The user's name is hashed too: a row copied to another user is no code of his, whatever key stands there. */
  const hashOf = (setKey: Uint8Array, username: string, code: string): string =>
    createHmac('sha256', setKey)
      .update(JSON.stringify([username, code]))
      .digest('base64url')

  const keyOf = (username: string): Buffer | undefined => {
    const sealed = statement('SELECT key FROM recovery_sets WHERE username = ?').get(username)?.['key']
    if (sealed === undefined) return undefined
    const opened = open(key, sealed as Uint8Array, place(username))
    if (opened) return opened
    throw new Fault('storage-sealed-value', `The key of ${username}'s recovery codes in the database is damaged.`, {
      hint: `Make new ones with \`latchkey user recovery-codes ${username}\`.`,
    })
  }

  return {
    async find(username) {
      const set = statement('SELECT created_at FROM recovery_sets WHERE username = ?').get(username)
      if (set === undefined) return undefined
      const codes = statement(
        'SELECT count(*) AS total, count(used_at) AS used, max(used_at) AS last FROM recovery_codes WHERE username = ?',
      ).get(username)
      const total = Number(codes?.['total'])
      return {
        createdAt: Number(set['created_at']),
        total,
        left: total - Number(codes?.['used']),
        lastUsedAt: (codes?.['last'] ?? undefined) as number | undefined,
      }
    },

    async save(username, codes, now) {
      const setKey = randomBytes(32)
      inTransaction(database, () => {
        // The key may have been changed since the database was opened; what is sealed with the old one would be lost.
        const mark = statement('SELECT 1 FROM settings WHERE name = ? AND value = ?').get(KEY_CHECK, keyCheck)
        if (mark === undefined) {
          throw new Fault('encryption-key', 'The encryption key of the database was changed a moment ago.', {
            hint: 'Put the new key into the configuration and try again; nothing was saved.',
          })
        }
        statement('DELETE FROM recovery_codes WHERE username = ?').run(username)
        statement('INSERT OR REPLACE INTO recovery_sets VALUES (?, ?, ?)').run(
          username,
          seal(key, setKey, place(username)),
          now,
        )
        const insert = statement('INSERT INTO recovery_codes VALUES (?, ?, NULL)')
        for (const code of codes) insert.run(username, hashOf(setKey, username, code))
      })
      await toDisk()
    },

    async consume(username, code, now) {
      const setKey = keyOf(username)
      if (setKey === undefined) return 'unknown'
      const hash = hashOf(setKey, username, code)
      // All of them are looked at, each in the same time, so that the time tells neither which one fits nor how nearly.
      const rows = statement('SELECT hash FROM recovery_codes WHERE username = ?').all(username)
      const fitting = rows.filter((row) => equalSecret(String(row['hash']), hash)).length
      if (fitting === 0) return 'unknown'
      const { changes } = statement(
        'UPDATE recovery_codes SET used_at = ? WHERE username = ? AND hash = ? AND used_at IS NULL',
      ).run(now, username, hash)
      // Answered only when it survives a power cut: a code that came back to life would work twice.
      await toDisk()
      return changes === 1 ? 'consumed' : 'used'
    },

    async delete(username) {
      const existed = inTransaction(database, () => {
        statement('DELETE FROM recovery_codes WHERE username = ?').run(username)
        return statement('DELETE FROM recovery_sets WHERE username = ?').run(username).changes === 1
      })
      await toDisk()
      return existed
    },

    ...failures,
  }
}
