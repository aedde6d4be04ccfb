// The table attempts: every try to sign in, for regulation and for the operator.
import { type Kysely, sql } from 'kysely'
import type { AttemptsRepository } from './storage.ts'
import type { Tables } from './tables.ts'

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

    async prune(before) {
      const result = await db.deleteFrom('attempts').where('time', '<', before).executeTakeFirst()
      return Number(result.numDeletedRows)
    },
  }
}
