// The table preferences: what a user chose in the portal.
import type { Kysely } from 'kysely'
import type { Tables } from './tables.ts'

export interface PreferencesRepository {
  find(username: string): Promise<{ method: string } | undefined>
  save(username: string, preferences: { method: string }): Promise<void>
}

export function createPreferences(db: Kysely<Tables>): PreferencesRepository {
  return {
    async find(username) {
      return db.selectFrom('preferences').select('method').where('username', '=', username).executeTakeFirst()
    },

    async save(username, { method }) {
      await db
        .insertInto('preferences')
        .values({ username, method })
        .onConflict((conflict) => conflict.column('username').doUpdateSet({ method }))
        .execute()
    },
  }
}
