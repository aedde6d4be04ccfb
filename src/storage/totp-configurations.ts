// The table totp_configurations: one one-time-code device a user, its secret sealed, its last consumed step.
import { type Kysely, sql } from 'kysely'
import { Fault } from '../base/fault.ts'
import { open, seal } from '../base/secret.ts'
import { type CodeFailures, createCodeFailures } from './code-failures.ts'
import { KEY_CHECK } from './encryption.ts'
import type { Tables } from './tables.ts'

export interface TotpConfiguration {
  readonly username: string
  readonly issuer: string
  readonly algorithm: TotpAlgorithm
  readonly digits: 6 | 8
  /** Seconds. */
  readonly period: number
  /** Raw bytes; encrypted at rest. */
  readonly secret: Uint8Array
  readonly createdAt: number
  readonly lastUsedAt: number | undefined
}

export interface TotpRepository extends CodeFailures {
  find(username: string): Promise<TotpConfiguration | undefined>
  /** Replaces an earlier one and forgets its used steps. */
  save(configuration: TotpConfiguration): Promise<void>
  delete(username: string): Promise<boolean>
  list(): Promise<readonly TotpConfiguration[]>
  /**
   * Consumes a time step in one atomic statement: true for exactly one caller, and only when `step` is later than every step consumed before.
   * RFC 6238 §5.2. `createdAt` names the configuration that was checked, so that a replaced secret's code can't be consumed.
   */
  consumeStep(username: string, createdAt: number, step: number, now: number): Promise<boolean>
}

export type TotpAlgorithm = 'SHA1' | 'SHA256' | 'SHA512'

/** A secret copied into another user's row doesn't open there. */
const place = (username: string): string => `totp_configurations/secret/${username}`

/**
 * @param key of the purpose `latchkey/storage/columns`
 * @param keyCheck the value that told, when the database was opened, that the key is the right one; see encryption.ts
 */
export function createTotpConfigurations(db: Kysely<Tables>, key: Buffer, keyCheck: Uint8Array): TotpRepository {
  const fromRow = (row: Omit<Tables['totp_configurations'], 'last_step'>): TotpConfiguration => {
    const secret = open(key, row.secret, place(row.username))
    if (secret === undefined) {
      throw new Fault(
        'storage-sealed-value',
        `The one-time-code secret of ${row.username} in the database is damaged.`,
        {
          hint: `Delete it with \`latchkey storage user totp delete ${row.username}\` and let the user register again.`,
        },
      )
    }
    return {
      username: row.username,
      issuer: row.issuer,
      algorithm: row.algorithm as TotpAlgorithm,
      digits: row.digits as 6 | 8,
      period: row.period,
      secret,
      createdAt: row.created_at,
      lastUsedAt: row.last_used_at ?? undefined,
    }
  }

  return {
    async find(username) {
      const row = await db
        .selectFrom('totp_configurations')
        .selectAll()
        .where('username', '=', username)
        .executeTakeFirst()
      return row && fromRow(row)
    },

    async save(configuration) {
      const columns = {
        issuer: configuration.issuer,
        algorithm: configuration.algorithm,
        digits: configuration.digits,
        period: configuration.period,
        secret: seal(key, configuration.secret, place(configuration.username)),
        created_at: configuration.createdAt,
        last_used_at: configuration.lastUsedAt ?? null,
        last_step: null,
      }
      const row = { username: configuration.username, ...columns }
      const { numInsertedOrUpdatedRows: saved } = await db
        .insertInto('totp_configurations')
        .columns(Object.keys(row) as (keyof typeof row)[])
        // The key may have been changed since the database was opened; what is sealed with the old one would be lost.
        .expression((from) =>
          from
            .selectFrom('settings')
            .select(Object.entries(row).map(([name, value]) => sql<unknown>`${value}`.as(name)))
            .where('name', '=', KEY_CHECK)
            .where('value', '=', keyCheck),
        )
        .onConflict((conflict) => conflict.column('username').doUpdateSet(columns))
        .executeTakeFirstOrThrow()
      if (saved !== 1n) {
        throw new Fault('encryption-key', 'The encryption key of the database was changed a moment ago.', {
          hint: 'Put the new key into the configuration and try again; nothing was saved.',
        })
      }
    },

    async delete(username) {
      const result = await db.deleteFrom('totp_configurations').where('username', '=', username).executeTakeFirst()
      return result.numDeletedRows === 1n
    },

    async list() {
      const rows = await db.selectFrom('totp_configurations').selectAll().orderBy('username').execute()
      return rows.map(fromRow)
    },

    async consumeStep(username, createdAt, step, now) {
      const result = await db
        .updateTable('totp_configurations')
        .set({ last_step: step, last_used_at: now })
        .where('username', '=', username)
        .where('created_at', '=', createdAt)
        .where((is) => is.or([is('last_step', 'is', null), is('last_step', '<', step)]))
        .executeTakeFirst()
      return result.numUpdatedRows === 1n
    },

    ...createCodeFailures(db, 'totp_failures'),
  }
}
