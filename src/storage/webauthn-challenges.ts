// The table webauthn_challenges: what an authenticator was asked to sign, as a hash, until somebody comes with an answer or the time is over. One for
// each owner and ceremony; whoever takes it has it alone, whatever his answer is worth.
import type { Kysely } from 'kysely'
import type { Tables } from './tables.ts'

export interface WebauthnChallenge {
  /** Key of the session it was given to. */
  readonly owner: string
  readonly ceremony: 'assertion' | 'registration'
  /** SHA-256 of the challenge. */
  readonly hash: Uint8Array
  /** What else must be remembered until the answer. */
  readonly detail: string
  readonly expiresAt: number
}

export interface WebauthnChallengesRepository {
  /** In place of an earlier one of this owner and ceremony. */
  begin(challenge: WebauthnChallenge, now: number): Promise<void>
  /** Removes it in one atomic statement, whatever comes of it: exactly one caller gets it, and none when it is too old. */
  take(
    owner: string,
    ceremony: WebauthnChallenge['ceremony'],
    now: number,
  ): Promise<Pick<WebauthnChallenge, 'hash' | 'detail'> | undefined>
  /** For a challenge that was kept elsewhere: true for exactly one caller. Remembered until `expiresAt`, when it is void anyway. */
  useUp(hash: Uint8Array, expiresAt: number, now: number): Promise<boolean>
}

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
