// The steps that bring a database of any earlier version of Latchkey to this one, forward only. The version is SQLite's user_version.
import type { DatabaseSync } from 'node:sqlite'
import { Fault } from '../base/fault.ts'
import { VERSION } from '../base/version.ts'
import { inTransaction, pragma } from './database-file.ts'

/** 'LKST' */
export const STORAGE_APPLICATION_ID = 0x4c4b5354

const WEBAUTHN_TABLES = `
   CREATE TABLE webauthn_users (
     rp_id    TEXT NOT NULL,
     username TEXT NOT NULL,
     handle   TEXT NOT NULL,
     PRIMARY KEY (rp_id, username),
     UNIQUE (rp_id, handle)
   ) STRICT, WITHOUT ROWID;
   CREATE TABLE webauthn_credentials (
     id                 INTEGER PRIMARY KEY AUTOINCREMENT,
     rp_id              TEXT NOT NULL,
     username           TEXT NOT NULL,
     description        TEXT NOT NULL,
     kid                TEXT NOT NULL UNIQUE,
     public_key         BLOB NOT NULL,
     attestation        BLOB NOT NULL,
     attestation_type   TEXT NOT NULL,
     attestation_format TEXT NOT NULL,
     attachment         TEXT NOT NULL,
     transports         TEXT NOT NULL,
     aaguid             TEXT NOT NULL,
     sign_count         INTEGER NOT NULL,
     clone_warning      INTEGER NOT NULL,
     legacy             INTEGER NOT NULL,
     discoverable       INTEGER NOT NULL,
     present            INTEGER NOT NULL,
     verified           INTEGER NOT NULL,
     backup_eligible    INTEGER NOT NULL,
     backup_state       INTEGER NOT NULL,
     created_at         INTEGER NOT NULL,
     last_used_at       INTEGER
   ) STRICT;
   CREATE UNIQUE INDEX webauthn_credentials_by_description ON webauthn_credentials (username, rp_id, description COLLATE NOCASE);
   CREATE TABLE webauthn_challenges (
     owner      TEXT NOT NULL,
     ceremony   TEXT NOT NULL,
     hash       TEXT NOT NULL,
     detail     TEXT NOT NULL,
     expires_at INTEGER NOT NULL,
     PRIMARY KEY (owner, ceremony)
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX webauthn_challenges_by_end ON webauthn_challenges (expires_at);`
const PROOF_TABLES = `
   CREATE TABLE one_time_codes (
     id         TEXT NOT NULL PRIMARY KEY,
     intent     TEXT NOT NULL,
     username   TEXT NOT NULL,
     session    TEXT NOT NULL,
     address    TEXT NOT NULL,
     code       BLOB NOT NULL,
     created_at INTEGER NOT NULL,
     expires_at INTEGER NOT NULL,
     ended_at   INTEGER,
     ended_by   TEXT
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX one_time_codes_by_username ON one_time_codes (username);
   CREATE INDEX one_time_codes_by_expiry ON one_time_codes (expires_at);
   CREATE TABLE reset_tokens (
     id               TEXT NOT NULL PRIMARY KEY,
     username         TEXT NOT NULL,
     binding          BLOB NOT NULL,
     created_at       INTEGER NOT NULL,
     expires_at       INTEGER NOT NULL,
     grant_id         TEXT UNIQUE,
     grant_expires_at INTEGER,
     ended_at         INTEGER,
     ended_by         TEXT
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX reset_tokens_by_username ON reset_tokens (username);
   CREATE INDEX reset_tokens_by_expiry ON reset_tokens (expires_at);
   CREATE TABLE proof_attempts (
     purpose  TEXT NOT NULL,
     subject  TEXT NOT NULL,
     attempts INTEGER NOT NULL,
     since    INTEGER NOT NULL,
     PRIMARY KEY (purpose, subject)
   ) STRICT, WITHOUT ROWID;`
const RECOVERY_TABLES = `
  CREATE TABLE recovery_sets (
    username   TEXT NOT NULL PRIMARY KEY,
    key        BLOB NOT NULL,
    created_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE recovery_codes (
    username TEXT NOT NULL,
    hash     TEXT NOT NULL,
    used_at  INTEGER,
    PRIMARY KEY (username, hash)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE recovery_failures (
    username        TEXT NOT NULL PRIMARY KEY,
    failures        INTEGER NOT NULL,
    last_failure_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;`
const BROWSER_TABLES = `
  CREATE TABLE browsers (
    id            TEXT NOT NULL,
    username      TEXT NOT NULL,
    first_seen    INTEGER NOT NULL,
    last_seen     INTEGER NOT NULL,
    user_agent    TEXT NOT NULL,
    network       TEXT NOT NULL,
    trusted_until INTEGER,
    trust_stamp   TEXT,
    PRIMARY KEY (id, username)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX browsers_by_username ON browsers (username, last_seen);
  CREATE TABLE networks (
    username   TEXT NOT NULL,
    network    TEXT NOT NULL,
    first_seen INTEGER NOT NULL,
    last_seen  INTEGER NOT NULL,
    PRIMARY KEY (username, network)
  ) STRICT, WITHOUT ROWID;`
const MAIL_TABLES = `
  CREATE TABLE mails (
    id           TEXT NOT NULL PRIMARY KEY,
    useful_until INTEGER NOT NULL,
    content      BLOB NOT NULL
  ) STRICT, WITHOUT ROWID;`
const DUO_TABLES = `
   CREATE TABLE duo_devices (
     username TEXT NOT NULL PRIMARY KEY,
     device   TEXT NOT NULL,
     method   TEXT NOT NULL
   ) STRICT, WITHOUT ROWID;
   CREATE TABLE duo_tries (
     username   TEXT NOT NULL,
     factor     TEXT NOT NULL,
     tries      INTEGER NOT NULL,
     last_at    INTEGER NOT NULL,
     open_until INTEGER NOT NULL,
     PRIMARY KEY (username, factor)
   ) STRICT, WITHOUT ROWID;`
const EVENT_TABLES = `CREATE TABLE events (
     id         INTEGER PRIMARY KEY,
     time       INTEGER NOT NULL,
     kind       TEXT NOT NULL,
     username   TEXT NOT NULL,
     address    TEXT NOT NULL,
     subject    TEXT NOT NULL,
     reason     TEXT NOT NULL,
     session    TEXT NOT NULL,
     user_agent TEXT NOT NULL,
     times      INTEGER NOT NULL,
     last_time  INTEGER NOT NULL
   ) STRICT;
   CREATE INDEX events_by_time ON events (time);
   CREATE INDEX events_by_kind ON events (kind);
   CREATE INDEX events_by_username ON events (username);
   CREATE INDEX events_by_address ON events (address);`

/** A released step is never edited; the next one is appended. Times are milliseconds since the epoch. */
export const STORAGE_MIGRATIONS: readonly string[] = [
  `CREATE TABLE settings (
     name  TEXT NOT NULL PRIMARY KEY,
     value BLOB NOT NULL
   ) STRICT, WITHOUT ROWID;
   CREATE TABLE attempts (
     id             INTEGER PRIMARY KEY,
     time           INTEGER NOT NULL,
     successful     INTEGER NOT NULL,
     banned         INTEGER NOT NULL,
     username       TEXT NOT NULL,
     kind           TEXT NOT NULL,
     remote_address TEXT NOT NULL,
     request_uri    TEXT NOT NULL,
     request_method TEXT NOT NULL
   ) STRICT;
   CREATE INDEX attempts_by_username ON attempts (username, time) WHERE kind = '1FA' AND banned = 0;
   CREATE INDEX attempts_by_address ON attempts (remote_address, time) WHERE kind = '1FA' AND banned = 0;
   CREATE INDEX attempts_by_time ON attempts (time);
   CREATE TABLE bans (
     id         INTEGER PRIMARY KEY,
     kind       TEXT NOT NULL,
     value      TEXT NOT NULL,
     created_at INTEGER NOT NULL,
     expires_at INTEGER,
     revoked_at INTEGER,
     source     TEXT NOT NULL,
     reason     TEXT NOT NULL
   ) STRICT;
   CREATE INDEX bans_by_value ON bans (kind, value);
   CREATE TABLE totp_configurations (
     username     TEXT NOT NULL PRIMARY KEY,
     issuer       TEXT NOT NULL,
     algorithm    TEXT NOT NULL,
     digits       INTEGER NOT NULL,
     period       INTEGER NOT NULL,
     secret       BLOB NOT NULL,
     created_at   INTEGER NOT NULL,
     last_used_at INTEGER,
     last_step    INTEGER
   ) STRICT, WITHOUT ROWID;
   CREATE TABLE totp_failures (
     username        TEXT NOT NULL PRIMARY KEY,
     failures        INTEGER NOT NULL,
     last_failure_at INTEGER NOT NULL
   ) STRICT, WITHOUT ROWID;
   CREATE TABLE preferences (
     username TEXT NOT NULL PRIMARY KEY,
     method   TEXT NOT NULL
   ) STRICT, WITHOUT ROWID;`,
  `CREATE TABLE user_identifiers (
     service    TEXT NOT NULL,
     sector_id  TEXT NOT NULL,
     username   TEXT NOT NULL,
     identifier TEXT NOT NULL UNIQUE,
     PRIMARY KEY (service, sector_id, username)
   ) STRICT, WITHOUT ROWID;
   CREATE TABLE migrations (
     version    INTEGER NOT NULL PRIMARY KEY,
     applied_at INTEGER,
     program    TEXT NOT NULL
   ) STRICT;`,
  // What accounts need, each part with its repository: passkeys, codes and tokens by mail, recovery codes, browsers, Duo's devices, the trail.
  [WEBAUTHN_TABLES, PROOF_TABLES, RECOVERY_TABLES, BROWSER_TABLES, DUO_TABLES, EVENT_TABLES, MAIL_TABLES].join('\n'),
  // What the account page shows: with which browser, and found at once among those of everybody.
  `ALTER TABLE attempts ADD COLUMN user_agent TEXT NOT NULL DEFAULT '';
   CREATE INDEX attempts_of_user ON attempts (username, successful, time);`,
]
/** What each step brings, for people; in the same order. */
export const STORAGE_MIGRATION_NAMES: readonly string[] = [
  'InitialSchema',
  'IdentifiersAndHistory',
  'Accounts',
  'DevicesOfAttempts',
]

/**
 * Each step is one transaction that looks at the version again, so two processes that start at once don't both take it.
 * @param options `recordAt`: note each step in the table `migrations`, once there is one, with this time; `target`: stop at this version
 * @throws Fault `database-newer` when the file was written by a later version of Latchkey
 */
export function migrate(
  database: DatabaseSync,
  path: string,
  migrations: readonly string[],
  options: { readonly recordAt?: number; readonly target?: number } = {},
): void {
  const newest = migrations.length
  const target = options.target ?? newest
  const taken: number[] = []
  const refuseNewer = (version: number) => {
    if (version <= newest) return
    throw new Fault('database-newer', `${path} has version ${version}; this Latchkey knows versions up to ${newest}.`, {
      hint: 'Install the newer Latchkey again, or restore the backup that was made before it.',
    })
  }
  refuseNewer(pragma(database, 'user_version'))
  while (pragma(database, 'user_version') < target) {
    inTransaction(database, () => {
      const version = pragma(database, 'user_version')
      refuseNewer(version)
      const step = migrations[version]
      if (step === undefined) return
      database.exec(step)
      database.exec(`PRAGMA user_version = ${version + 1}`)
      taken.push(version + 1)
      if (options.recordAt !== undefined) record(database, version + 1, taken, options.recordAt)
    })
  }
}

/** Steps from before there was a table to note them in are caught up on; only those that this run took have a time. */
function record(database: DatabaseSync, version: number, taken: readonly number[], now: number): void {
  if (!database.prepare("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'migrations'").get()) return
  const insert = database.prepare('INSERT OR IGNORE INTO migrations VALUES (?, ?, ?)')
  for (let step = 1; step <= version; step++) {
    const at = taken.includes(step) ? now : null
    insert.run(step, at, at === null ? '' : VERSION)
  }
}
