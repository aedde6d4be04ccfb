// The table proof_attempts: how often something was tried or asked for by one subject within a window of time, for limits that outlive a restart.
import { type Kysely, sql } from 'kysely'
import type { Tables } from './tables.ts'

export interface ProofAttemptsRepository {
  /** Adds one and returns the new number, and when the window (milliseconds) that began with the first one ends; atomic. */
  count(purpose: string, subject: string, window: number, now: number): Promise<{ attempts: number; until: number }>
  /** One that shall not have counted. */
  takeBack(purpose: string, subject: string): Promise<void>
  clear(purpose: string, subject: string): Promise<void>
  /** Deletes windows that began earlier; returns how many. */
  prune(before: number): Promise<number>
}

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
