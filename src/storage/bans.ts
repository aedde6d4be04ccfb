// The table bans: who may not sign in until when. A ban that ended or was revoked stays as a record.
import { type ExpressionBuilder, type Kysely, sql } from 'kysely'
import type { Tables } from './tables.ts'

export interface Ban {
  readonly id: number
  readonly kind: 'user' | 'ip'
  /** Canonical name or address text. */
  readonly value: string
  readonly createdAt: number
  /** undefined: until revoked. */
  readonly expiresAt: number | undefined
  readonly revokedAt: number | undefined
  readonly source: 'regulation' | 'cli'
  readonly reason: string
}

export interface BansRepository {
  /** The ban in force at `now`, if any. */
  active(kind: Ban['kind'], value: string, now: number): Promise<Ban | undefined>
  /** The moment from which failures count again: the end or revocation of the last ban, 0 when there was none. */
  lastEnd(kind: Ban['kind'], value: string, now: number): Promise<number>
  add(ban: Omit<Ban, 'id' | 'revokedAt'>): Promise<Ban>
  list(now: number): Promise<readonly Ban[]>
  revoke(kind: Ban['kind'], value: string, now: number): Promise<number>
  /** False when no ban of this id is in force. */
  revokeById(id: number, now: number): Promise<boolean>
}

export function createBans(db: Kysely<Tables>): BansRepository {
  const inForce = (now: number) => (is: ExpressionBuilder<Tables, 'bans'>) =>
    is.and([is('revoked_at', 'is', null), is.or([is('expires_at', 'is', null), is('expires_at', '>', now)])])

  return {
    async active(kind, value, now) {
      const row = await db
        .selectFrom('bans')
        .selectAll()
        .where('kind', '=', kind)
        .where('value', '=', value)
        .where(inForce(now))
        // the one that lasts longest
        .orderBy(sql`expires_at IS NULL`, 'desc')
        .orderBy('expires_at', 'desc')
        .limit(1)
        .executeTakeFirst()
      return row && fromRow(row)
    },

    async lastEnd(kind, value, now) {
      const end = sql<number | null>`coalesce(revoked_at, expires_at)`
      const row = await db
        .selectFrom('bans')
        .select(sql<number | null>`max(coalesce(revoked_at, expires_at))`.as('end'))
        .where('kind', '=', kind)
        .where('value', '=', value)
        .where(end, '<=', now)
        .executeTakeFirst()
      return row?.end ?? 0
    },

    async add(ban) {
      const row = await db
        .insertInto('bans')
        .values({
          kind: ban.kind,
          value: ban.value,
          created_at: ban.createdAt,
          expires_at: ban.expiresAt ?? null,
          revoked_at: null,
          source: ban.source,
          reason: ban.reason,
        })
        .returningAll()
        .executeTakeFirstOrThrow()
      return fromRow(row)
    },

    async list(now) {
      const rows = await db.selectFrom('bans').selectAll().where(inForce(now)).orderBy('id').execute()
      return rows.map(fromRow)
    },

    async revoke(kind, value, now) {
      const result = await db
        .updateTable('bans')
        .set({ revoked_at: now })
        .where('kind', '=', kind)
        .where('value', '=', value)
        .where(inForce(now))
        .executeTakeFirst()
      return Number(result.numUpdatedRows)
    },

    async revokeById(id, now) {
      const result = await db
        .updateTable('bans')
        .set({ revoked_at: now })
        .where('id', '=', id)
        .where(inForce(now))
        .executeTakeFirst()
      return result.numUpdatedRows === 1n
    },
  }
}

interface BanRow {
  readonly id: number
  readonly kind: string
  readonly value: string
  readonly created_at: number
  readonly expires_at: number | null
  readonly revoked_at: number | null
  readonly source: string
  readonly reason: string
}

const fromRow = (row: BanRow): Ban => ({
  id: row.id,
  kind: row.kind as Ban['kind'],
  value: row.value,
  createdAt: row.created_at,
  expiresAt: row.expires_at ?? undefined,
  revokedAt: row.revoked_at ?? undefined,
  source: row.source as Ban['source'],
  reason: row.reason,
})
