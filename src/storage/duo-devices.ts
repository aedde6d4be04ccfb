// The tables duo_devices, which of Duo's devices a user wants to be asked on, and duo_tries: how often in a row somebody tried in his name, and until
// when one try is open, so that there is one at a time.
import { type Kysely, sql } from 'kysely'
import type { Tables } from './tables.ts'

/** One of a user's devices at Duo, and how he is asked on it. */
export interface DuoPreference {
  readonly device: string
  readonly method: string
}

/** What was tried in a user's name without a success since. */
export interface DuoTries {
  readonly tries: number
  /** Milliseconds since the epoch; 0: never. */
  readonly lastAt: number
  /** Until then the last one may still come to something; 0: it is decided. */
  readonly openUntil: number
}

export interface DuoRepository {
  find(username: string): Promise<DuoPreference | undefined>
  save(username: string, preference: DuoPreference): Promise<void>
  delete(username: string): Promise<boolean>
  list(): Promise<readonly (DuoPreference & { readonly username: string })[]>
  tries(username: string, factor: 'push' | 'passcode'): Promise<DuoTries>
  /** Counts one more and opens it, in one atomic statement: true for exactly one of those who know the same state. */
  openTry(
    username: string,
    factor: 'push' | 'passcode',
    known: DuoTries,
    now: number,
    openUntil: number,
  ): Promise<boolean>
  /** The open one came to nothing. @param more what it counts beyond the one */
  closeTry(username: string, factor: 'push' | 'passcode', more: number): Promise<void>
  clearTries(username: string, factor: 'push' | 'passcode'): Promise<void>
}

export function createDuoDevices(db: Kysely<Tables>): DuoRepository {
  return {
    async find(username) {
      const row = await db.selectFrom('duo_devices').selectAll().where('username', '=', username).executeTakeFirst()
      return row && { device: row.device, method: row.method }
    },

    async save(username, { device, method }) {
      await db
        .insertInto('duo_devices')
        .values({ username, device, method })
        .onConflict((conflict) => conflict.column('username').doUpdateSet({ device, method }))
        .execute()
    },

    async delete(username) {
      const result = await db.deleteFrom('duo_devices').where('username', '=', username).executeTakeFirst()
      return result.numDeletedRows === 1n
    },

    async list() {
      const rows = await db.selectFrom('duo_devices').selectAll().orderBy('username').execute()
      return rows.map(({ username, device, method }) => ({ username, device, method }))
    },

    async tries(username, factor) {
      const row = await db
        .selectFrom('duo_tries')
        .select(['tries', 'last_at', 'open_until'])
        .where('username', '=', username)
        .where('factor', '=', factor)
        .executeTakeFirst()
      return { tries: row?.tries ?? 0, lastAt: row?.last_at ?? 0, openUntil: row?.open_until ?? 0 }
    },

    async openTry(username, factor, known: DuoTries, now, openUntil) {
      const next = { tries: known.tries + 1, last_at: now, open_until: openUntil }
      const result = await db
        .insertInto('duo_tries')
        .values({ username, factor, ...next })
        .onConflict((conflict) =>
          conflict
            .columns(['username', 'factor'])
            .doUpdateSet(next)
            .where('duo_tries.tries', '=', known.tries)
            .where('duo_tries.last_at', '=', known.lastAt)
            .where('duo_tries.open_until', '=', known.openUntil),
        )
        .executeTakeFirst()
      return result.numInsertedOrUpdatedRows === 1n
    },

    async closeTry(username, factor, more) {
      await db
        .updateTable('duo_tries')
        .set({ open_until: 0, tries: sql<number>`tries + ${more}` })
        .where('username', '=', username)
        .where('factor', '=', factor)
        .execute()
    },

    async clearTries(username, factor) {
      await db.deleteFrom('duo_tries').where('username', '=', username).where('factor', '=', factor).execute()
    },
  }
}
