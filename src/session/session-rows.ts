// The session database: connect-sqlite3's table holds the sealed values, tables beside it what listing, revoking and sweeping need. Every
// function is synchronous and a part of whatever transaction its caller has open; none judges lifetimes.
import type { DatabaseSync } from 'node:sqlite'
import connectSqlite3 from 'connect-sqlite3'
import session from 'express-session'
import { open, seal, sha256 } from '../base/secret.ts'
import { statementCache } from '../storage/database-file.ts'
import { callbackConnection } from './callback-connection.ts'
import type { SessionListing } from './session.ts'
import type { StoredSession } from './stored-session.ts'

/** 'LKSS' */
export const SESSIONS_APPLICATION_ID = 0x4c4b5353

export const SESSIONS_MIGRATIONS: readonly string[] = [
  `CREATE TABLE session_facts (
     key          TEXT NOT NULL PRIMARY KEY,
     key_id       TEXT NOT NULL,
     username     TEXT NOT NULL,
     domain       TEXT NOT NULL,
     level        INTEGER NOT NULL,
     created_at   INTEGER NOT NULL,
     last_seen_at INTEGER NOT NULL,
     sweep_at     INTEGER NOT NULL,
     address      TEXT NOT NULL,
     user_agent   TEXT NOT NULL,
     version      INTEGER NOT NULL
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX session_facts_by_username ON session_facts (username);
   CREATE INDEX session_facts_by_sweep ON session_facts (sweep_at);
   CREATE TABLE epochs (
     username TEXT NOT NULL PRIMARY KEY,
     epoch    INTEGER NOT NULL
   ) STRICT, WITHOUT ROWID;
   CREATE TABLE tombstones (
     key      TEXT NOT NULL PRIMARY KEY,
     until    INTEGER NOT NULL
   ) STRICT, WITHOUT ROWID;`,
]

/** How long a dead key is remembered; only a save that was under way when it died can still ask for it. */
const TOMBSTONE_LIFE = 3_600_000
/** Expiry is ours, by our clock; connect-sqlite3's must never come first. */
const NEVER = 100 * 365 * 86_400_000

export interface SeenFrom {
  readonly address: string
  readonly userAgent: string
}
export interface FoundRow {
  readonly session: StoredSession
  readonly version: number
  /** Current epoch of the user; a session with an earlier one is revoked. */
  readonly epoch: number
  readonly seenFrom: SeenFrom
}
export type SessionRows = ReturnType<typeof createSessionRows>

/** @param key of the purpose `latchkey/session/value`; with another one the sessions of before are unreadable, that is dead */
export function createSessionRows(database: DatabaseSync, key: Buffer) {
  const statement = statementCache(database)
  const SqliteStore = connectSqlite3(session)
  const values = new SqliteStore({ db: callbackConnection(database), table: 'sessions' })
  const keyId = sha256(key).toString('hex').slice(0, 16)
  const place = (rowKey: string) => `sessions/sess/${rowKey}`

  function writeValue(rowKey: string, value: StoredSession): void {
    const sealed = seal(key, Buffer.from(JSON.stringify(value)), place(rowKey)).toString('base64')
    const envelope = { cookie: { maxAge: NEVER }, sealed } as unknown as session.SessionData
    atOnce((done) => values.set(rowKey, envelope, done))
  }
  function readValue(rowKey: string): StoredSession | undefined {
    const envelope = atOnce<unknown>((done) => values.get(rowKey, done)) as { sealed?: unknown } | undefined
    if (typeof envelope?.sealed !== 'string') return undefined
    const plain = open(key, Buffer.from(envelope.sealed, 'base64'), place(rowKey))
    return plain && (JSON.parse(plain.toString()) as StoredSession)
  }

  const rows = {
    /** Undefined also when the value was written with another key or changed by someone else. */
    read(rowKey: string): FoundRow | undefined {
      const facts = statement(
        `SELECT version, address, user_agent, coalesce(epoch, 0) AS epoch
         FROM session_facts LEFT JOIN epochs USING (username) WHERE key = ?`,
      ).get(rowKey)
      const value = facts && readValue(rowKey)
      return (
        value && {
          session: value,
          version: Number(facts['version']),
          epoch: Number(facts['epoch']),
          seenFrom: { address: String(facts['address']), userAgent: String(facts['user_agent']) },
        }
      )
    },

    /** False when the key exists or is dead. */
    insert(rowKey: string, value: StoredSession, seenFrom: SeenFrom, sweepAt: number): boolean {
      const { changes } = statement(
        `INSERT INTO session_facts
         SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1 WHERE NOT EXISTS (SELECT 1 FROM tombstones WHERE key = ?)
         ON CONFLICT DO NOTHING`,
      ).run(
        rowKey,
        keyId,
        value.username,
        value.domain,
        value.level,
        value.createdAt,
        value.lastActivityAt,
        Math.ceil(sweepAt),
        seenFrom.address,
        seenFrom.userAgent,
        rowKey,
      )
      if (changes !== 1) return false
      writeValue(rowKey, value)
      return true
    },

    /** Conditional: false, and nothing written, when the session is gone or was changed since `version` was read. */
    update(rowKey: string, value: StoredSession, version: number, sweepAt: number): boolean {
      const { changes } = statement(
        `UPDATE session_facts SET level = ?, last_seen_at = ?, sweep_at = ?, version = version + 1
         WHERE key = ? AND version = ?`,
      ).run(value.level, value.lastActivityAt, Math.ceil(sweepAt), rowKey, version)
      if (changes !== 1) return false
      writeValue(rowKey, value)
      return true
    },

    /** The session outlives a raise of its user's epoch. */
    setEpoch(rowKey: string, found: FoundRow, epoch: number): void {
      statement('UPDATE session_facts SET version = version + 1 WHERE key = ?').run(rowKey)
      writeValue(rowKey, { ...found.session, epoch })
    },

    /** Ends a session: true when it was there. A tombstone keeps a late save from bringing it back. */
    remove(rowKey: string, now: number): boolean {
      const existed = rows.discard(rowKey)
      if (existed) statement('INSERT OR REPLACE INTO tombstones VALUES (?, ?)').run(rowKey, now + TOMBSTONE_LIFE)
      return existed
    },

    /** Clears away what has died in time: true when it was there. */
    discard(rowKey: string): boolean {
      if (statement('DELETE FROM session_facts WHERE key = ?').run(rowKey).changes !== 1) return false
      atOnce((done) => values.destroy(rowKey, done))
      return true
    },

    epochOf: (username: string): number =>
      Number(statement('SELECT epoch FROM epochs WHERE username = ?').get(username)?.['epoch'] ?? 0),

    raiseEpoch: (username: string): number =>
      Number(
        statement(`INSERT INTO epochs VALUES (?, 1) ON CONFLICT DO UPDATE SET epoch = epoch + 1 RETURNING epoch`).get(
          username,
        )?.['epoch'],
      ),

    keysOf: (username: string): string[] =>
      statement('SELECT key FROM session_facts WHERE username = ?')
        .all(username)
        .map((row) => String(row['key'])),

    usernames: (): string[] =>
      statement('SELECT DISTINCT username FROM session_facts')
        .all()
        .map((row) => String(row['username'])),

    /** Newest first; without those that another key sealed. */
    list: (filter: { readonly username?: string; readonly domain?: string }, now: number): SessionListing[] =>
      statement(
        `SELECT key, domain, username, level, created_at, last_seen_at, address, user_agent FROM session_facts
         WHERE key_id = ? AND sweep_at > ? AND (? IS NULL OR username = ?) AND (? IS NULL OR domain = ?)
         ORDER BY created_at DESC, key`,
      )
        .all(keyId, now, filter.username ?? null, filter.username ?? null, filter.domain ?? null, filter.domain ?? null)
        .map((row) => ({
          key: String(row['key']),
          domain: String(row['domain']),
          username: String(row['username']),
          level: Number(row['level']) as SessionListing['level'],
          createdAt: Number(row['created_at']),
          lastSeenAt: Number(row['last_seen_at']),
          address: String(row['address']),
          userAgent: String(row['user_agent']),
        })),

    /** Keys that may go, at most `limit`, and old tombstones with them. */
    overdue(now: number, limit: number): string[] {
      statement('DELETE FROM tombstones WHERE until <= ?').run(now)
      return statement('SELECT key FROM session_facts WHERE sweep_at <= ? LIMIT ?')
        .all(now, limit)
        .map((row) => String(row['key']))
    },

    /** Those of this key that have not expired. */
    countOpen: (now: number): number =>
      Number(
        statement('SELECT count(*) AS count FROM session_facts WHERE key_id = ? AND sweep_at > ?').get(keyId, now)?.[
          'count'
        ],
      ),

    count: (): number => Number(statement('SELECT count(*) AS count FROM session_facts').get()?.['count']),
  }
  return rows
}

/** The answer of a callback that has been called when the call returns; its first call counts. */
function atOnce<T>(call: (done: (error?: unknown, result?: T | null) => void) => void): T | undefined {
  let state: { readonly error?: unknown; readonly result?: T | null | undefined } | undefined
  call((error, result) => {
    state ??= { error, result }
  })
  if (state === undefined) throw new Error('connect-sqlite3 did not answer at once')
  if (state.error) throw state.error
  return state.result ?? undefined
}
