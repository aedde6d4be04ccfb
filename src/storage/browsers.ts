// The tables browsers and networks: from where each user has signed in before. A browser is known by the hash of a mark that only it has.
import type { DatabaseSync, SQLOutputValue } from 'node:sqlite'
import { inTransaction } from './database-file.ts'
import type { ToDisk } from './to-disk.ts'

/** A browser that a user has signed in with. */
export interface KnownBrowser {
  /** SHA-256 of the mark it keeps in a cookie, hex. */
  readonly id: string
  readonly username: string
  readonly firstSeen: number
  readonly lastSeen: number
  readonly userAgent: string
  /** Where it was last seen, as `coarseNetwork` writes it. */
  readonly network: string
  /** Until when the second factor isn't asked for; undefined: it is. */
  readonly trustedUntil: number | undefined
}

export type SeenBrowser = Pick<KnownBrowser, 'id' | 'username' | 'userAgent' | 'network'> & { readonly now: number }

export interface Sighting {
  readonly isFirst: boolean
  readonly isNewBrowser: boolean
  readonly isNewNetwork: boolean
  /** Browsers and networks that came up within the last hour, this one included. */
  readonly newLately: number
}

export interface BrowsersRepository {
  /** Whether anybody has signed in with it. */
  isKnown(id: string): Promise<boolean>
  find(id: string, username: string): Promise<KnownBrowser | undefined>
  /** The last seen first. */
  list(username: string): Promise<readonly KnownBrowser[]>
  /**
   * Notes a sign-in, and tells what was new about it: of any number at once exactly one is told so.
   * `isFirst`: nothing at all was known of this user.
   */
  see(browser: SeenBrowser): Promise<Sighting>
  /** Its mark was replaced: what was known of it under the old id is known of it under the new one. */
  rename(id: string, newId: string): Promise<void>
  /**
   * Notes the browser too, where it isn't known.
   * @param until milliseconds since the epoch
   * @param stamp what must be the same later for the trust to hold, see `isTrusted`
   */
  trust(browser: SeenBrowser, until: number, stamp: string): Promise<void>
  /** Whether it is trusted with this `stamp` until some time after `after`, and no later than `latest`. */
  isTrusted(
    id: string,
    username: string,
    stamp: string,
    until: { readonly after: number; readonly latest: number },
  ): Promise<boolean>
  /** Of one browser, or of all of the user's; returns how many were trusted. */
  distrust(username: string, id?: string): Promise<number>
  /** Forgets what was last seen earlier, unless it is trusted longer; returns how many browsers and networks. */
  prune(before: number): Promise<number>
}

/** Programs that sign in without keeping a cookie make a browser each time. */
const MOST = 200
const LATELY = 3_600_000

export function createBrowsers(database: DatabaseSync, toDisk: ToDisk): BrowsersRepository {
  const changed = async (sql: string, ...values: (string | number)[]): Promise<number> => {
    const { changes } = database.prepare(sql).run(...values)
    if (changes > 0) await toDisk()
    return Number(changes)
  }

  return {
    async isKnown(id) {
      return database.prepare('SELECT 1 FROM browsers WHERE id = ? LIMIT 1').get(id) !== undefined
    },

    async find(id, username) {
      const row = database.prepare('SELECT * FROM browsers WHERE id = ? AND username = ?').get(id, username)
      return row && fromRow(row)
    },

    async list(username) {
      return database
        .prepare('SELECT * FROM browsers WHERE username = ? ORDER BY last_seen DESC, id')
        .all(username)
        .map(fromRow)
    },

    async see({ id, username, userAgent, network, now }) {
      const sighting = inTransaction(database, () => {
        const isFirst = !database
          .prepare('SELECT 1 FROM browsers WHERE username = ?1 UNION ALL SELECT 1 FROM networks WHERE username = ?1')
          .get(username)
        const browser = database
          .prepare('INSERT INTO browsers VALUES (?, ?, ?, ?, ?, ?, NULL, NULL) ON CONFLICT DO NOTHING')
          .run(id, username, now, now, userAgent, network)
        const place = database
          .prepare('INSERT INTO networks VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING')
          .run(username, network, now, now)
        database
          .prepare('UPDATE browsers SET last_seen = ?, user_agent = ?, network = ? WHERE id = ? AND username = ?')
          .run(now, userAgent, network, id, username)
        database
          .prepare('UPDATE networks SET last_seen = ? WHERE username = ? AND network = ?')
          .run(now, username, network)
        if (browser.changes === 1) keepFew(database, username)
        const isNew = { isNewBrowser: browser.changes === 1, isNewNetwork: place.changes === 1 }
        return { isFirst, ...isNew, newLately: newSince(database, username, now - LATELY) }
      })
      await toDisk()
      return sighting
    },

    async rename(id, newId) {
      await changed('UPDATE browsers SET id = ? WHERE id = ?', newId, id)
    },

    async trust({ id, username, userAgent, network, now }, until, stamp) {
      await changed(
        `INSERT INTO browsers VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE
         SET last_seen = excluded.last_seen, user_agent = excluded.user_agent, network = excluded.network,
             trusted_until = excluded.trusted_until, trust_stamp = excluded.trust_stamp`,
        id,
        username,
        now,
        now,
        userAgent,
        network,
        until,
        stamp,
      )
    },

    async isTrusted(id, username, stamp, { after, latest }) {
      const trusted = database
        .prepare(
          `SELECT 1 FROM browsers
           WHERE id = ? AND username = ? AND trust_stamp = ? AND trusted_until > ? AND trusted_until <= ?`,
        )
        .get(id, username, stamp, after, latest)
      return trusted !== undefined
    },

    distrust: (username, id) =>
      id === undefined
        ? changed(
            'UPDATE browsers SET trusted_until = NULL, trust_stamp = NULL WHERE username = ? AND trusted_until NOTNULL',
            username,
          )
        : changed(
            'UPDATE browsers SET trusted_until = NULL, trust_stamp = NULL WHERE username = ? AND id = ? AND trusted_until NOTNULL',
            username,
            id,
          ),

    async prune(before) {
      const browsers = await changed(
        'DELETE FROM browsers WHERE last_seen < ?1 AND (trusted_until IS NULL OR trusted_until < ?1)',
        before,
      )
      return browsers + (await changed('DELETE FROM networks WHERE last_seen < ?', before))
    },
  }
}

function keepFew(database: DatabaseSync, username: string): void {
  database
    .prepare(
      `DELETE FROM browsers WHERE username = ?1 AND trusted_until IS NULL AND id NOT IN
       (SELECT id FROM browsers WHERE username = ?1 ORDER BY last_seen DESC, first_seen DESC LIMIT ?2)`,
    )
    .run(username, MOST)
}

function newSince(database: DatabaseSync, username: string, since: number): number {
  const found = database
    .prepare(
      `SELECT (SELECT count(*) FROM browsers WHERE username = ?1 AND first_seen > ?2)
            + (SELECT count(*) FROM networks WHERE username = ?1 AND first_seen > ?2) AS found`,
    )
    .get(username, since)
  return Number(found?.['found'])
}

const fromRow = (row: Record<string, SQLOutputValue>): KnownBrowser => ({
  id: String(row['id']),
  username: String(row['username']),
  firstSeen: Number(row['first_seen']),
  lastSeen: Number(row['last_seen']),
  userAgent: String(row['user_agent']),
  network: String(row['network']),
  trustedUntil: row['trusted_until'] === null ? undefined : Number(row['trusted_until']),
})
