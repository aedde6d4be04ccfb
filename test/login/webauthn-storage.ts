// What passkeys need of storage: the real repositories over a database in memory, and the database itself to tamper with.
import { DatabaseSync } from 'node:sqlite'
import { Kysely } from 'kysely'
import type { WebauthnConfig } from '../../src/config/config.ts'
import { createAttempts } from '../../src/storage/attempts.ts'
import { createBans } from '../../src/storage/bans.ts'
import { ensureKey, storageKey } from '../../src/storage/encryption.ts'
import { migrate, STORAGE_MIGRATIONS } from '../../src/storage/migrations.ts'
import { nodeSqliteDialect } from '../../src/storage/node-sqlite-dialect.ts'
import type { Tables } from '../../src/storage/tables.ts'
import { createWebauthnChallenges } from '../../src/storage/webauthn-challenges.ts'
import { createWebauthnCredentials } from '../../src/storage/webauthn-credentials.ts'

export const WEBAUTHN: WebauthnConfig = {
  disable: false,
  passkeyLogin: false,
  verifiedPasskeyIsTwoFactors: false,
  passkeyUpgrade: false,
  displayName: 'Authelia',
  attestation: 'indirect',
  timeout: 60_000,
  permittedAaguids: [],
  prohibitedAaguids: [],
  prohibitBackupEligibility: false,
  attachment: undefined,
  discoverability: 'preferred',
  userVerification: 'preferred',
}

export function webauthnStorage() {
  const database = new DatabaseSync(':memory:')
  migrate(database, ':memory:', STORAGE_MIGRATIONS)
  const key = storageKey('for tests only, twenty bytes')
  const keyCheck = ensureKey(database, key, ':memory:')
  const db = new Kysely<Tables>({ dialect: nodeSqliteDialect(database, async () => {}) })
  return {
    database,
    webauthn: createWebauthnCredentials(db, key, keyCheck),
    webauthnChallenges: createWebauthnChallenges(db),
    attempts: createAttempts(db),
    bans: createBans(db),
  }
}
