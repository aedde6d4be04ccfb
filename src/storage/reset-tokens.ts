// The table reset_tokens: links that set a forgotten password anew, by the digest of what they carry. A token is used at once, or exchanged for a
// grant that is used later; either way once.
import type { Kysely } from 'kysely'
import type { ResetToken, ResetTokensRepository } from './storage.ts'
import type { Tables } from './tables.ts'

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
