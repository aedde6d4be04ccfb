// The table settings: single facts about the database itself. Values are bytes; whoever keeps a secret here seals it first.
import type { Kysely } from 'kysely'
import type { Tables } from './tables.ts'

/** Single facts about the database itself, by name. */
export interface SettingsRepository {
  find(name: string): Promise<Uint8Array | undefined>
  save(name: string, value: Uint8Array): Promise<void>
  /** Keeps what is there already. True when `value` was written. */
  saveNew(name: string, value: Uint8Array): Promise<boolean>
}

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
