// The tables webauthn_credentials and webauthn_users: the passkeys and security keys of each user at each relying party, and what the user is called
// towards authenticators there. Keys are sealed and bound to relying party, credential and user: a row that is moved to somebody else doesn't open.
import { type Kysely, sql } from 'kysely'
import { Fault } from '../base/fault.ts'
import { open, seal } from '../base/secret.ts'
import { KEY_CHECK, sealedPlace } from './encryption.ts'
import type { Tables } from './tables.ts'
import type { WebauthnCredential, WebauthnKeys } from './webauthn-credential.ts'

/** What an assertion said, for the record. */
export interface WebauthnUse {
  readonly signCount: number
  readonly backupState: boolean
  readonly verified: boolean
  readonly discoverable: boolean
  readonly attachment: string
}

export interface WebauthnRepository {
  /** Without keys, by user, oldest first. */
  list(filter: { readonly username?: string; readonly rpId?: string }): Promise<readonly WebauthnCredential[]>
  has(username: string, rpId: string): Promise<boolean>
  /** @throws Fault `storage-sealed-value` when its row was damaged or moved */
  find(kid: string): Promise<(WebauthnCredential & WebauthnKeys) | undefined>
  /** Atomically: never more than `max` of one user at one relying party. */
  add(
    credential: Omit<WebauthnCredential, 'id'> & WebauthnKeys,
    max: number,
  ): Promise<'added' | 'kid-taken' | 'description-taken' | 'too-many'>
  rename(
    username: string,
    rpId: string,
    id: number,
    description: string,
  ): Promise<'renamed' | 'not-found' | 'description-taken'>
  /** False when this user has no such credential. */
  delete(username: string, id: number): Promise<boolean>
  /** Atomically: true for exactly one caller with this count, and only when it is higher than every count before, or both are 0. */
  recordUse(credential: Pick<WebauthnCredential, 'id' | 'kid'>, use: WebauthnUse, now: number): Promise<boolean>
  /** @returns false when it was warned of before */
  warnOfClone(id: number): Promise<boolean>
  /** What the user is called towards authenticators of this relying party; `fresh` becomes it when there is none yet. */
  handleOf(rpId: string, username: string, fresh: Uint8Array): Promise<Uint8Array>
  findHandle(rpId: string, username: string): Promise<Uint8Array | undefined>
  usernameOf(rpId: string, handle: Uint8Array): Promise<string | undefined>
}

const TABLE = 'webauthn_credentials'
type Row = Tables[typeof TABLE]
type Bound = Pick<WebauthnCredential, 'rpId' | 'kid' | 'username'>

/** Neither the name of a relying party nor a credential's id has a slash in it. */
const place = (column: 'public_key' | 'attestation', { rpId, kid, username }: Bound): string =>
  sealedPlace(TABLE, column, `${rpId}/${kid}/${username}`)

/**
 * @param key of the purpose `latchkey/storage/columns`
 * @param keyCheck the value that told, when the database was opened, that the key is the right one; see encryption.ts
 */
export function createWebauthnCredentials(db: Kysely<Tables>, key: Buffer, keyCheck: Uint8Array): WebauthnRepository {
  const opened = (sealed: Uint8Array, column: 'public_key' | 'attestation', credential: WebauthnCredential): Buffer => {
    const plain = open(key, sealed, place(column, credential))
    if (plain !== undefined) return plain
    throw new Fault(
      'storage-sealed-value',
      `The passkey "${credential.description}" of ${credential.username} in the database is damaged.`,
      {
        hint: `Delete it with \`latchkey storage user webauthn delete --kid=${credential.kid}\` and let the user register again.`,
      },
    )
  }

  const whyNot = async (credential: WebauthnCredential, max: number) => {
    const { kid, username, rpId, description } = credential
    const taken = await db.selectFrom(TABLE).select('id').where('kid', '=', kid).executeTakeFirst()
    if (taken) return 'kid-taken' as const
    const own = db.selectFrom(TABLE).select(['id', 'description']).where('username', '=', username)
    const rows = await own.where('rp_id', '=', rpId).execute()
    if (rows.some((row) => sameName(row.description, description))) return 'description-taken' as const
    if (rows.length >= max) return 'too-many' as const
    throw new Fault('encryption-key', 'The encryption key of the database was changed a moment ago.', {
      hint: 'Put the new key into the configuration and try again; nothing was saved.',
    })
  }

  return {
    async list({ username, rpId }) {
      let query = db.selectFrom(TABLE).selectAll().orderBy('username').orderBy('id')
      if (username !== undefined) query = query.where('username', '=', username)
      if (rpId !== undefined) query = query.where('rp_id', '=', rpId)
      return (await query.execute()).map(fromRow)
    },

    async has(username, rpId) {
      const query = db.selectFrom(TABLE).select('id').where('username', '=', username).where('rp_id', '=', rpId)
      return (await query.limit(1).executeTakeFirst()) !== undefined
    },

    async find(kid) {
      const row = await db.selectFrom(TABLE).selectAll().where('kid', '=', kid).executeTakeFirst()
      if (row === undefined) return undefined
      const credential = fromRow(row)
      return {
        ...credential,
        publicKey: new Uint8Array(opened(row.public_key, 'public_key', credential)),
        attestation: new Uint8Array(opened(row.attestation, 'attestation', credential)),
      }
    },

    async add(credential, max) {
      const row = toRow(credential, {
        publicKey: seal(key, credential.publicKey, place('public_key', credential)),
        attestation: seal(key, credential.attestation, place('attestation', credential)),
      })
      const { username, rpId } = credential
      const { numInsertedOrUpdatedRows: saved } = await db
        .insertInto(TABLE)
        .columns(Object.keys(row) as (keyof typeof row)[])
        // The key may have been changed since the database was opened, and two registrations may come at once: one statement looks and writes.
        .expression((from) =>
          from
            .selectFrom('settings')
            .select(Object.entries(row).map(([name, value]) => sql<unknown>`${value}`.as(name)))
            .where('name', '=', KEY_CHECK)
            .where('value', '=', keyCheck)
            .where(
              sql<boolean>`(SELECT count(*) FROM webauthn_credentials WHERE username = ${username} AND rp_id = ${rpId}) < ${max}`,
            ),
        )
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirstOrThrow()
      return saved === 1n ? 'added' : whyNot({ ...credential, id: 0 }, max)
    },

    async rename(username, rpId, id, description) {
      try {
        const result = await db
          .updateTable(TABLE)
          .set({ description })
          .where('id', '=', id)
          .where('username', '=', username)
          .where('rp_id', '=', rpId)
          .executeTakeFirst()
        return result.numUpdatedRows === 1n ? 'renamed' : 'not-found'
      } catch (error) {
        if (/UNIQUE constraint failed/.test(String(error))) return 'description-taken'
        throw error
      }
    },

    async delete(username, id) {
      const result = await db.deleteFrom(TABLE).where('id', '=', id).where('username', '=', username).executeTakeFirst()
      return result.numDeletedRows === 1n
    },

    async recordUse({ id, kid }, { signCount, backupState, verified, discoverable, attachment }, now) {
      const result = await db
        .updateTable(TABLE)
        .set({
          sign_count: signCount,
          backup_state: Number(backupState),
          last_used_at: now,
          ...(verified ? { verified: 1 } : {}),
          ...(discoverable ? { discoverable: 1 } : {}),
          ...(attachment === '' ? {} : { attachment }),
        })
        .where('id', '=', id)
        .where('kid', '=', kid)
        // WebAuthn §7.2: authenticators without a counter always say 0; one with a counter never says the same twice.
        .where((is) => (signCount === 0 ? is('sign_count', '=', 0) : is('sign_count', '<', signCount)))
        .executeTakeFirst()
      return result.numUpdatedRows === 1n
    },

    async warnOfClone(id) {
      const unwarned = db
        .updateTable(TABLE)
        .set({ clone_warning: 1 })
        .where('id', '=', id)
        .where('clone_warning', '=', 0)
      return (await unwarned.executeTakeFirst()).numUpdatedRows === 1n
    },

    async handleOf(rpId, username, fresh) {
      // Whoever is first makes it; it never changes again, since authenticators keep it.
      await db
        .insertInto('webauthn_users')
        .values({ rp_id: rpId, username, handle: asText(fresh) })
        .onConflict((conflict) => conflict.doNothing())
        .execute()
      const row = await db
        .selectFrom('webauthn_users')
        .select('handle')
        .where('rp_id', '=', rpId)
        .where('username', '=', username)
        .executeTakeFirstOrThrow()
      return asBytes(row.handle)
    },

    async findHandle(rpId, username) {
      const row = await db
        .selectFrom('webauthn_users')
        .select('handle')
        .where('rp_id', '=', rpId)
        .where('username', '=', username)
        .executeTakeFirst()
      return row && asBytes(row.handle)
    },

    async usernameOf(rpId, handle) {
      const row = await db
        .selectFrom('webauthn_users')
        .select('username')
        .where('rp_id', '=', rpId)
        .where('handle', '=', asText(handle))
        .executeTakeFirst()
      return row?.username
    },
  }
}

const asText = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url')
const asBytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'base64url'))

/** As SQLite's NOCASE compares. */
const sameName = (one: string, other: string): boolean => {
  const folded = (text: string): string => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase())
  return folded(one) === folded(other)
}

type NewRow = Omit<Row, 'id'>

const toRow = (credential: Omit<WebauthnCredential, 'id'>, sealed: WebauthnKeys): NewRow => ({
  rp_id: credential.rpId,
  username: credential.username,
  description: credential.description,
  kid: credential.kid,
  public_key: sealed.publicKey,
  attestation: sealed.attestation,
  attestation_type: credential.attestationType,
  attestation_format: credential.attestationFormat,
  attachment: credential.attachment,
  transports: credential.transports.join(','),
  aaguid: credential.aaguid,
  sign_count: credential.signCount,
  clone_warning: Number(credential.cloneWarning),
  legacy: Number(credential.legacy),
  discoverable: Number(credential.discoverable),
  present: Number(credential.present),
  verified: Number(credential.verified),
  backup_eligible: Number(credential.backupEligible),
  backup_state: Number(credential.backupState),
  created_at: credential.createdAt,
  last_used_at: credential.lastUsedAt ?? null,
})

const fromRow = (row: { readonly [K in keyof Row]: K extends 'id' ? number : Row[K] }): WebauthnCredential => ({
  id: row.id,
  rpId: row.rp_id,
  username: row.username,
  description: row.description,
  kid: row.kid,
  attestationType: row.attestation_type,
  attestationFormat: row.attestation_format,
  attachment: row.attachment,
  transports: row.transports === '' ? [] : row.transports.split(','),
  aaguid: row.aaguid,
  signCount: row.sign_count,
  cloneWarning: row.clone_warning === 1,
  legacy: row.legacy === 1,
  discoverable: row.discoverable === 1,
  present: row.present === 1,
  verified: row.verified === 1,
  backupEligible: row.backup_eligible === 1,
  backupState: row.backup_state === 1,
  createdAt: row.created_at,
  lastUsedAt: row.last_used_at ?? undefined,
})
