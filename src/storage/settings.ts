// The table settings: single facts about the database itself. Values are bytes; whoever keeps a secret here seals it first.
import type { Kysely } from 'kysely'
import type { SettingsRepository } from './storage.ts'
import type { Tables } from './tables.ts'

export function createSettings(db: Kysely<Tables>): SettingsRepository {
  return {
    async find(name) {
      const row = await db.selectFrom('settings').select('value').where('name', '=', name).executeTakeFirst()
      return row?.value
    },

    async save(name, value) {
      await db
        .insertInto('settings')
        .values({ name, value })
        .onConflict((conflict) => conflict.column('name').doUpdateSet({ value }))
        .execute()
    },

    async saveNew(name, value) {
      const row = await db
        .insertInto('settings')
        .values({ name, value })
        .onConflict((conflict) => conflict.column('name').doNothing())
        .executeTakeFirst()
      return row.numInsertedOrUpdatedRows === 1n
    },
  }
}
