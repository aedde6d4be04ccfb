// The table preferences: what a user chose in the portal.
import type { Kysely } from 'kysely'
import type { PreferencesRepository } from './storage.ts'
import type { Tables } from './tables.ts'

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
