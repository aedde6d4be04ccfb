// The table attempts: every try to sign in, for regulation and for the operator.
import { type Kysely, sql } from 'kysely'
import { inBatches } from './in-batches.ts'
import type { Tables } from './tables.ts'

export interface AttemptRow {
  /** Milliseconds since the epoch. */
  readonly time: number
  readonly successful: boolean
  /** Made while banned: doesn't count towards a ban. */
  readonly banned: boolean
  /** Canonical name; '' when the user is unknown. */
  readonly username: string
  readonly kind: '1FA' | 'TOTP' | 'WebAuthn' | 'Passkey' | 'Duo' | 'Recovery'
  readonly remoteAddress: string
  readonly requestUri: string
  readonly requestMethod: string
  /** As the client sent it, cut short; '' when it sent none, and before there was a column for it. */
  readonly userAgent: string
}

export interface AttemptsRepository {
  add(row: AttemptRow): Promise<void>
  /** Newest first, of kind 1FA and not made while banned, later than `since`. */
  recent(
    by: { username: string } | { remoteAddress: string },
    since: number,
    limit: number,
  ): Promise<readonly { time: number; successful: boolean }[]>
  /** Newest first, at most `limit`. */
  list(filter: AttemptFilter, limit: number): Promise<readonly (AttemptRow & { readonly id: number })[]>
  stats(): Promise<AttemptStats>
  /** Deletes what is older; returns how many. */
  prune(before: number): Promise<number>
  /** Keeps about the newest `most`, and all that are not older than `since`; deletes the rest and returns how many. */
  trim(most: number, since: number): Promise<number>
}

export interface AttemptFilter {
  readonly username?: string | undefined
  readonly remoteAddress?: string | undefined
  readonly successful?: boolean | undefined
  /** Milliseconds since the epoch. */
  readonly since?: number | undefined
}

export interface AttemptStats {
  readonly total: number
  readonly successful: number
  readonly failed: number
  /** Made while banned. */
  readonly banned: number
  /** Undefined when there are none. */
  readonly oldest: number | undefined
  readonly newest: number | undefined
}

/** Rows that are deleted in one go. */
const BATCH = 1000

export function createAttempts(db: Kysely<Tables>): AttemptsRepository {
  return {
    async add(row) {
      await db
        .insertInto('attempts')
        .values({
          time: row.time,
          successful: row.successful ? 1 : 0,
          banned: row.banned ? 1 : 0,
          username: row.username,
          kind: row.kind,
          remote_address: row.remoteAddress,
          request_uri: row.requestUri,
          request_method: row.requestMethod,
          user_agent: row.userAgent,
        })
        .execute()
    },

    async recent(by, since, limit) {
      const rows = await db
        .selectFrom('attempts')
        .select(['time', 'successful'])
        .where('username' in by ? 'username' : 'remote_address', '=', 'username' in by ? by.username : by.remoteAddress)
        // Literals, as in the partial indexes: a parameter would hide from SQLite that they fit.
        .where(sql<boolean>`kind = '1FA' AND banned = 0`)
        .where('time', '>', since)
        .orderBy('time', 'desc')
        .orderBy('id', 'desc')
        .limit(limit)
        .execute()
      return rows.map(({ time, successful }) => ({ time, successful: successful === 1 }))
    },

    async list(filter, limit) {
      const rows = await db
        .selectFrom('attempts')
        .selectAll()
        .$if(filter.username !== undefined, (query) => query.where('username', '=', filter.username as string))
        .$if(filter.remoteAddress !== undefined, (query) =>
          query.where('remote_address', '=', filter.remoteAddress as string),
        )
        .$if(filter.successful !== undefined, (query) => query.where('successful', '=', filter.successful ? 1 : 0))
        .$if(filter.since !== undefined, (query) => query.where('time', '>=', filter.since as number))
        .orderBy('time', 'desc')
        .orderBy('id', 'desc')
        .limit(limit)
        .execute()
      return rows.map((row) => ({
        id: row.id,
        time: row.time,
        successful: row.successful === 1,
        banned: row.banned === 1,
        username: row.username,
        kind: row.kind as AttemptRow['kind'],
        remoteAddress: row.remote_address,
        requestUri: row.request_uri,
        requestMethod: row.request_method,
        userAgent: row.user_agent,
      }))
    },

    async stats() {
      const row = await db
        .selectFrom('attempts')
        .select([
          sql<number>`count(*)`.as('total'),
          sql<number>`coalesce(sum(successful), 0)`.as('successful'),
          sql<number>`coalesce(sum(banned), 0)`.as('banned'),
          sql<number | null>`min(time)`.as('oldest'),
          sql<number | null>`max(time)`.as('newest'),
        ])
        .executeTakeFirstOrThrow()
      return {
        total: row.total,
        successful: row.successful,
        failed: row.total - row.successful,
        banned: row.banned,
        oldest: row.oldest ?? undefined,
        newest: row.newest ?? undefined,
      }
    },

    prune: (before) =>
      inBatches(BATCH, (limit) => {
        const old = db.selectFrom('attempts').select('id').where('time', '<', before).limit(limit)
        return db.deleteFrom('attempts').where('id', 'in', old).executeTakeFirst()
      }),

    trim: (most, since) =>
      inBatches(BATCH, (limit) => {
        // Ids are given out one after the other, and those that are gone are the oldest: by them it is counted at once.
        const last = db.selectFrom('attempts').select(sql<number>`max(id) - ${most}`.as('last'))
        const old = db
          .selectFrom('attempts')
          .select('id')
          .where('id', '<=', last)
          .where('time', '<', since)
          .orderBy('id')
          .limit(limit)
        return db.deleteFrom('attempts').where('id', 'in', old).executeTakeFirst()
      }),
  }
}
