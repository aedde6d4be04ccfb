// The table proof_attempts: how often something was tried or asked for by one subject within a window of time, for limits that outlive a restart.
import { type Kysely, sql } from 'kysely'
import type { ProofAttemptsRepository } from './storage.ts'
import type { Tables } from './tables.ts'

export function createProofAttempts(db: Kysely<Tables>): ProofAttemptsRepository {
  return {
    async count(purpose, subject, window, now) {
      // one statement, so that of two hundred at once each has its own number; a clock that was set back begins no new window
      const isOver = sql<boolean>`${now} - proof_attempts.since >= ${window}`
      const row = await db
        .insertInto('proof_attempts')
        .values({ purpose, subject, attempts: 1, since: now })
        .onConflict((conflict) =>
          conflict.columns(['purpose', 'subject']).doUpdateSet({
            attempts: sql<number>`CASE WHEN ${isOver} THEN 1 ELSE proof_attempts.attempts + 1 END`,
            since: sql<number>`CASE WHEN ${isOver} THEN ${now} ELSE proof_attempts.since END`,
          }),
        )
        .returning(['attempts', 'since'])
        .executeTakeFirstOrThrow()
      return { attempts: row.attempts, until: row.since + window }
    },

    async takeBack(purpose, subject) {
      await db
        .updateTable('proof_attempts')
        .set({ attempts: sql<number>`max(0, attempts - 1)` })
        .where('purpose', '=', purpose)
        .where('subject', '=', subject)
        .execute()
    },

    async clear(purpose, subject) {
      await db.deleteFrom('proof_attempts').where('purpose', '=', purpose).where('subject', '=', subject).execute()
    },

    async prune(before) {
      const result = await db.deleteFrom('proof_attempts').where('since', '<', before).executeTakeFirst()
      return Number(result.numDeletedRows)
    },
  }
}
