// The tables totp_failures and recovery_failures: wrong codes of a user since the last right one. They outlive the codes, so that new ones are no
// fresh start for a guesser.
import { type Kysely, sql } from 'kysely'
import type { Tables } from './tables.ts'

export interface CodeFailures {
  /** Adds one and returns the new number, atomically. */
  countFailure(username: string, now: number): Promise<{ failures: number; lastFailureAt: number }>
  failures(username: string): Promise<{ failures: number; lastFailureAt: number }>
  clearFailures(username: string): Promise<void>
}

export function createCodeFailures(db: Kysely<Tables>, table: 'totp_failures' | 'recovery_failures'): CodeFailures {
  return {
    async countFailure(username, now) {
      const row = await db
        .insertInto(table)
        .values({ username, failures: 1, last_failure_at: now })
        .onConflict((conflict) =>
          conflict.column('username').doUpdateSet({ failures: sql<number>`failures + 1`, last_failure_at: now }),
        )
        .returning(['failures', 'last_failure_at'])
        .executeTakeFirstOrThrow()
      return { failures: row.failures, lastFailureAt: row.last_failure_at }
    },

    async failures(username) {
      const row = await db
        .selectFrom(table)
        .select(['failures', 'last_failure_at'])
        .where('username', '=', username)
        .executeTakeFirst()
      return { failures: row?.failures ?? 0, lastFailureAt: row?.last_failure_at ?? 0 }
    },

    async clearFailures(username) {
      await db.deleteFrom(table).where('username', '=', username).execute()
    },
  }
}
