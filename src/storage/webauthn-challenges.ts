// The table webauthn_challenges: what an authenticator was asked to sign, as a hash, until somebody comes with an answer or the time is over. One for
// each owner and ceremony; whoever takes it has it alone, whatever his answer is worth.
import type { Kysely } from 'kysely'
import type { WebauthnChallengesRepository } from './storage.ts'
import type { Tables } from './tables.ts'

const TABLE = 'webauthn_challenges'
/** Marks a challenge that was kept elsewhere (sealed in a cookie) and has been answered. */
const USED = 'used'

const asHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

export function createWebauthnChallenges(db: Kysely<Tables>): WebauthnChallengesRepository {
  const forgetOld = (now: number) => db.deleteFrom(TABLE).where('expires_at', '<=', now).execute()

  return {
    async begin({ owner, ceremony, hash, detail, expiresAt }, now) {
      await forgetOld(now)
      const columns = { hash: asHex(hash), detail, expires_at: expiresAt }
      await db
        .insertInto(TABLE)
        .values({ owner, ceremony, ...columns })
        .onConflict((conflict) => conflict.columns(['owner', 'ceremony']).doUpdateSet(columns))
        .execute()
    },

    async take(owner, ceremony, now) {
      const row = await db
        .deleteFrom(TABLE)
        .where('owner', '=', owner)
        .where('ceremony', '=', ceremony)
        .returning(['hash', 'detail', 'expires_at'])
        .executeTakeFirst()
      return row === undefined || row.expires_at <= now
        ? undefined
        : { hash: new Uint8Array(Buffer.from(row.hash, 'hex')), detail: row.detail }
    },

    async useUp(hash, expiresAt, now) {
      await forgetOld(now)
      const owner = asHex(hash)
      const { numInsertedOrUpdatedRows } = await db
        .insertInto(TABLE)
        .values({ owner, ceremony: USED, hash: owner, detail: '', expires_at: expiresAt })
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirstOrThrow()
      return numInsertedOrUpdatedRows === 1n
    },
  }
}
