// The table reset_tokens: links that set a forgotten password anew, by the digest of what they carry. A token is used at once, or exchanged for a
// grant that is used later; either way once.
import type { Kysely } from 'kysely'
import type { Tables } from './tables.ts'

export interface ResetToken {
  /** Digest of the token's id. */
  readonly id: string
  readonly username: string
  /** Keyed digest of the user as he was: name, password, e-mail address. */
  readonly binding: Uint8Array
  readonly createdAt: number
  readonly expiresAt: number
}

/** The token of a link, or the grant that it was exchanged for; by its digest. */
export interface ResetTicket {
  readonly kind: 'token' | 'grant'
  readonly id: string
}

export interface ResetTokensRepository {
  /** Earlier tokens of the same user end. */
  add(token: ResetToken, now: number): Promise<void>
  /** One that may still be used. */
  find(ticket: ResetTicket, now: number): Promise<ResetToken | undefined>
  /** True for exactly one caller, and only while the ticket lives. */
  consume(ticket: ResetTicket, now: number): Promise<boolean>
  /** Makes a token into a grant; true for exactly one caller. */
  exchange(id: string, grant: string, grantExpiresAt: number, now: number): Promise<boolean>
  /** Ends a token that may still be used, or the grant it was made into; whose it was, or undefined when there is none. */
  revoke(id: string, now: number): Promise<string | undefined>
  endAll(username: string, now: number): Promise<void>
  /** Deletes what expired earlier; returns how many. */
  prune(before: number): Promise<number>
}

export function createResetTokens(db: Kysely<Tables>): ResetTokensRepository {
  const end = (now: number, reason: string) =>
    db.updateTable('reset_tokens').set({ ended_at: now, ended_by: reason }).where('ended_at', 'is', null)

  return {
    async add(token, now) {
      await end(now, 'replaced').where('username', '=', token.username).execute()
      await db
        .insertInto('reset_tokens')
        .values({
          id: token.id,
          username: token.username,
          binding: token.binding,
          created_at: token.createdAt,
          expires_at: token.expiresAt,
          grant_id: null,
          grant_expires_at: null,
          ended_at: null,
          ended_by: null,
        })
        .execute()
    },

    async find(ticket, now) {
      const open = db.selectFrom('reset_tokens').selectAll().where('ended_at', 'is', null)
      const row =
        ticket.kind === 'token'
          ? await open
              .where('id', '=', ticket.id)
              .where('grant_id', 'is', null)
              .where('expires_at', '>', now)
              .executeTakeFirst()
          : await open.where('grant_id', '=', ticket.id).where('grant_expires_at', '>', now).executeTakeFirst()
      return row && fromRow(row)
    },

    async consume(ticket, now) {
      const used = end(now, 'used')
      const result =
        ticket.kind === 'token'
          ? await used
              .where('id', '=', ticket.id)
              .where('grant_id', 'is', null)
              .where('expires_at', '>', now)
              .executeTakeFirst()
          : await used.where('grant_id', '=', ticket.id).where('grant_expires_at', '>', now).executeTakeFirst()
      return result.numUpdatedRows === 1n
    },

    async exchange(id, grant, grantExpiresAt, now) {
      const result = await db
        .updateTable('reset_tokens')
        .set({ grant_id: grant, grant_expires_at: grantExpiresAt })
        .where('id', '=', id)
        .where('grant_id', 'is', null)
        .where('ended_at', 'is', null)
        .where('expires_at', '>', now)
        .executeTakeFirst()
      return result.numUpdatedRows === 1n
    },

    async revoke(id, now) {
      const row = await end(now, 'revoked')
        .where('id', '=', id)
        .where(({ and, or, eb }) =>
          or([and([eb('grant_id', 'is', null), eb('expires_at', '>', now)]), eb('grant_expires_at', '>', now)]),
        )
        .returning('username')
        .executeTakeFirst()
      return row?.username
    },

    async endAll(username, now) {
      await end(now, 'ended').where('username', '=', username).execute()
    },

    async prune(before) {
      const result = await db.deleteFrom('reset_tokens').where('expires_at', '<', before).executeTakeFirst()
      return Number(result.numDeletedRows)
    },
  }
}

const fromRow = (row: Tables['reset_tokens']): ResetToken => ({
  id: row.id,
  username: row.username,
  binding: row.binding,
  createdAt: row.created_at,
  expiresAt: row.expires_at,
})
