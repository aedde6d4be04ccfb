// Opens the session database and gives out what gate, portal and commands need of it.
import { join, parse } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Clock } from '../base/clock.ts'
import type { Logger } from '../base/log.ts'
import { deriveKey } from '../base/secret.ts'
import { asFault, inTransaction, openDatabaseFile } from '../storage/database-file.ts'
import { migrate } from '../storage/migrations.ts'
import { LiveSessions } from './live-sessions.ts'
import { createPortalVisits } from './portal-visits.ts'
import type { PortalSessions, SessionAdmin, SessionDomain, SessionReader } from './session.ts'
import { type CookieValues, createCookieValues } from './session-id.ts'
import { createSessionRows, SESSIONS_APPLICATION_ID, SESSIONS_MIGRATIONS } from './session-rows.ts'

export interface SessionsOptions {
  /** The session database; see `sessionsPath`. */
  readonly path: string
  /** `session.secret`, else `storage.encryption_key`. With another secret every session of before is dead. */
  readonly secret: string
  readonly clock: Clock
  readonly log?: Logger
  /** Sessions kept in memory; 10,000 unless told. */
  readonly capacity?: number
}

export interface Sessions extends SessionReader, SessionAdmin, PortalSessions {
  /** Ends all sessions of these users, as `revokeUser` does, before it returns. Returns how many ended. @throws when the database can't be written */
  endSessions(usernames: readonly string[]): number
  /**
   * Ends the sessions of users who are disabled, and of those who have been unknown for ten minutes. To be called at the start, after each change of
   * the directory and once a minute.
   */
  forgetUsers(standingOf: (username: string) => Standing): Promise<number>
  /** Removes what has expired; also done once a minute. Returns how many. */
  sweep(): Promise<number>
  /** Stores all activity now. */
  flush(): Promise<void>
  /** Stored sessions, expired ones that wait for the sweep included. */
  count(): number
  /** Sessions that may be alive: made with the secret in use and not expired. */
  countOpen(): number
  /**
   * Another secret from now on: every session of before is dead. Without an effect when it is the same.
   * @throws when the database can't be written; then nothing has changed
   */
  changeSecret(secret: string): void
  close(): Promise<void>
}

export type Standing = 'known' | 'disabled' | 'unknown'

/** A users file may be caught half-written: who is missing from it comes back unharmed within this time. */
const GRACE_OF_MISSING_USERS = 10 * 60_000
const SWEEP_EVERY = 60_000
const SWEEP_BATCH = 500

/** `db.sqlite3` → `db.sessions.sqlite3`, beside storage, since two writers on one connection would join each other's transactions. */
export function sessionsPath(storagePath: string): string {
  const { dir, name, ext } = parse(storagePath)
  return join(dir, `${name}.sessions${ext || '.sqlite3'}`)
}

/** @throws Fault `database-folder`, `-unwritable`, `-unreadable`, `-foreign`, `-busy`, `-newer` */
export async function openSessions(options: SessionsOptions): Promise<Sessions> {
  const { path, clock, log } = options
  const database = openDatabaseFile(path, {
    synchronous: 'NORMAL',
    applicationId: SESSIONS_APPLICATION_ID,
    holds: 'sessions',
  })
  /** Everything that depends on the secret. */
  const withSecret = (secret: string) => {
    const rows = createSessionRows(database, deriveKey(secret, 'latchkey/session/value'))
    const valuesOfDomain = new Map<string, CookieValues>()
    const cookieValues = ({ domain }: SessionDomain): CookieValues => {
      let values = valuesOfDomain.get(domain)
      if (values === undefined) {
        values = createCookieValues(secret, domain)
        valuesOfDomain.set(domain, values)
      }
      return values
    }
    const live = new LiveSessions({ database, rows, clock, log, cookieValues, capacity: options.capacity ?? 10_000 })
    return { secret, rows, live, visits: createPortalVisits({ database, rows, live, clock, cookieValues }) }
  }
  const prepare = () => {
    migrate(database, path, SESSIONS_MIGRATIONS)
    return withSecret(options.secret)
  }
  let used: ReturnType<typeof withSecret>
  try {
    used = prepare()
  } catch (error) {
    database.close()
    throw asFault(error, path)
  }
  const missingSince = new Map<string, number>()
  const revokeUser = (username: string, except?: { key: string }): number => {
    const ended = inTransaction(database, () => {
      const epoch = used.rows.raiseEpoch(username)
      const keys = used.rows.keysOf(username).filter((key) => key !== except?.key)
      for (const key of keys) used.rows.remove(key, clock.now())
      const kept = except && used.live.latest(except.key)
      if (except && kept?.session.username === username) used.rows.setEpoch(except.key, kept, epoch)
      return keys
    })
    for (const key of ended) used.live.forget(key)
    if (except) used.live.forget(except.key)
    return ended.length
  }

  const sessions: Sessions = {
    current: (...args) => used.visits.current(...args),
    begin: (...args) => used.visits.begin(...args),
    renew: (...args) => used.visits.renew(...args),
    setPending: (...args) => used.visits.setPending(...args),
    end: (...args) => used.visits.end(...args),

    identify: (domain, cookieValue, identifyOptions) =>
      used.live.find(domain, cookieValue, identifyOptions?.touch !== false)?.record,

    changeSecret(secret) {
      if (secret === used.secret) return
      const next = withSecret(secret)
      // Stores what is unwritten, which is what may fail; the second time there is nothing left to write.
      used.live.flush(true)
      used.live.close()
      used = next
    },

    async list(filter = {}) {
      used.live.flush(true)
      return used.rows.list(filter, clock.now())
    },

    async revoke(key) {
      const existed = inTransaction(database, () => used.rows.remove(key, clock.now()))
      used.live.forget(key)
      return existed
    },

    revokeUser: async (username, except) => revokeUser(username, except),
    endSessions: (usernames) => usernames.reduce((ended, username) => ended + revokeUser(username), 0),

    async forgetUsers(standingOf) {
      const now = clock.now()
      const stored = new Set(used.rows.usernames())
      for (const username of missingSince.keys()) {
        if (!stored.has(username) || standingOf(username) === 'known') missingSince.delete(username)
      }
      let ended = 0
      for (const username of stored) {
        const standing = standingOf(username)
        if (standing === 'known') continue
        const since = missingSince.get(username) ?? now
        missingSince.set(username, since)
        if (standing === 'disabled' || now - since >= GRACE_OF_MISSING_USERS)
          ended += await sessions.revokeUser(username)
      }
      return ended
    },

    async sweep() {
      let swept = 0
      while (database.isOpen) {
        used.live.flush(false)
        const keys = used.rows.overdue(clock.now(), SWEEP_BATCH).filter((key) => !used.live.isUnwritten(key))
        if (keys.length === 0) break
        inTransaction(database, () => keys.forEach((key) => void used.rows.discard(key)))
        for (const key of keys) used.live.forget(key)
        swept += keys.length
        await nextTurn()
      }
      return swept
    },

    async flush() {
      used.live.flush(true)
    },

    count: () => used.rows.count(),
    countOpen: () => used.rows.countOpen(clock.now()),

    async close() {
      clearInterval(sweeping)
      if (!database.isOpen) return
      used.live.close()
      database.close()
    },
  }
  const sweeping = setInterval(() => {
    sessions.sweep().catch((error) => log?.error({ err: error }, 'expired sessions could not be removed'))
  }, SWEEP_EVERY).unref()
  return sessions
}
