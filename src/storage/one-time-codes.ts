// The table one_time_codes: codes that were mailed to somebody signed in, as keyed digests, each for one purpose and one session.
import type { Kysely } from 'kysely'
import type { Tables } from './tables.ts'

/** A code that was mailed to somebody signed in; its text is nowhere. */
export interface OneTimeCode {
  /** Digest of the handle by which it can be revoked. */
  readonly id: string
  /** What the code is good for. */
  readonly intent: 'change-account'
  readonly username: string
  /** `SessionRecord.key` of the session it was asked for in. */
  readonly session: string
  /** Text of the client's address it was asked for from. */
  readonly address: string
  /** Keyed digest of the code together with all of the above. */
  readonly code: Uint8Array
  readonly createdAt: number
  readonly expiresAt: number
}

export interface OneTimeCodesRepository {
  /** Earlier codes of the same user and intent end. */
  add(code: OneTimeCode, now: number): Promise<void>
  /** The newest one of this session that may still be used. */
  newest(
    intent: OneTimeCode['intent'],
    username: string,
    session: string,
    now: number,
  ): Promise<OneTimeCode | undefined>
  /** True for exactly one caller, and only while the code lives. */
  consume(id: string, now: number): Promise<boolean>
  /** Ends a code that may still be used; whose it was, or undefined when there is none. */
  revoke(id: string, now: number): Promise<string | undefined>
  endAll(username: string, now: number): Promise<void>
  /** Deletes what expired earlier; returns how many. */
  prune(before: number): Promise<number>
}

export function createOneTimeCodes(db: Kysely<Tables>): OneTimeCodesRepository {
  const end = (now: number, reason: string) =>
    db.updateTable('one_time_codes').set({ ended_at: now, ended_by: reason }).where('ended_at', 'is', null)

  return {
    async add(code, now) {
      await end(now, 'replaced').where('intent', '=', code.intent).where('username', '=', code.username).execute()
      const { createdAt: created_at, expiresAt: expires_at, ...rest } = code
      await db
        .insertInto('one_time_codes')
        .values({ ...rest, created_at, expires_at, ended_at: null, ended_by: null })
        .execute()
    },

    async newest(intent, username, session, now) {
      const row = await db
        .selectFrom('one_time_codes')
        .selectAll()
        .where('intent', '=', intent)
        .where('username', '=', username)
        .where('session', '=', session)
        .where('ended_at', 'is', null)
        .where('expires_at', '>', now)
        .orderBy('created_at', 'desc')
        .limit(1)
        .executeTakeFirst()
      return row && fromRow(row)
    },

    async consume(id, now) {
      const result = await end(now, 'used').where('id', '=', id).where('expires_at', '>', now).executeTakeFirst()
      return result.numUpdatedRows === 1n
    },

    async revoke(id, now) {
      const row = await end(now, 'revoked')
        .where('id', '=', id)
        .where('expires_at', '>', now)
        .returning('username')
        .executeTakeFirst()
      return row?.username
    },

    async endAll(username, now) {
      await end(now, 'ended').where('username', '=', username).execute()
    },

    async prune(before) {
      const result = await db.deleteFrom('one_time_codes').where('expires_at', '<', before).executeTakeFirst()
      return Number(result.numDeletedRows)
    },
  }
}

const fromRow = (row: Tables['one_time_codes']): OneTimeCode => ({
  id: row.id,
  intent: row.intent as OneTimeCode['intent'],
  username: row.username,
  session: row.session,
  address: row.address,
  code: row.code,
  createdAt: row.created_at,
  expiresAt: row.expires_at,
})
