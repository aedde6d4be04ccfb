// The hot path: sessions in memory by their raw cookie value, their activity, and their dying in time. A hit costs a look into a map; the database is
// asked on a miss, and once per turn of the event loop whether another process wrote to it.
import type { DatabaseSync } from 'node:sqlite'
import type { Clock } from '../base/clock.ts'
import { Generations } from '../base/generations.ts'
import type { Logger } from '../base/log.ts'
import { inTransaction } from '../storage/database-file.ts'
import type { SessionDomain, SessionRecord } from './session.ts'
import { type CookieValues, keyOfId } from './session-id.ts'
import type { FoundRow, SessionRows } from './session-rows.ts'
import { endOf, isAlive, type StoredSession, sweepTime, writeInterval } from './stored-session.ts'

/** A session in memory; `record` is what callers get and changes with use. */
export interface LiveSession {
  readonly record: { -readonly [K in keyof SessionRecord]: SessionRecord[K] }
  readonly passwordProvenAt: number
  readonly begunWith: StoredSession['begunWith']
  readonly elevation: StoredSession['elevation']
  readonly pending: string | undefined
  version: number
  /** Activity as it is stored. */
  writtenActivityAt: number
  /** Has activity that isn't stored. */
  isUnwritten: boolean
  readonly cookieValue: string
}

interface Deps {
  readonly database: DatabaseSync
  readonly rows: SessionRows
  readonly clock: Clock
  readonly log: Logger | undefined
  readonly cookieValues: (domain: SessionDomain) => CookieValues
  /** Number of sessions kept in memory. */
  readonly capacity: number
}

/** A signed cookie whose session is gone. It can't come back, since ids are never adopted and never used twice. */
const DEAD = 'dead'
/** Rows written in one go, so that other requests are held up for less than a millisecond, and milliseconds between two such. */
const BATCH = 10
const BATCH_PAUSE = 2
const FLUSH_AFTER = 1000

export class LiveSessions {
  readonly #deps: Deps
  readonly #cache: Generations<string, LiveSession | typeof DEAD>
  readonly #byKey = new Map<string, LiveSession>()
  readonly #unwritten = new Map<string, { readonly live: LiveSession; domain: SessionDomain }>()
  readonly #dataVersion: () => number
  #seenDataVersion: number
  #askedThisTurn = false
  #timer: NodeJS.Timeout | undefined

  constructor(deps: Deps) {
    this.#deps = deps
    this.#cache = new Generations({
      capacity: deps.capacity,
      onLeave: (live) => {
        if (live !== DEAD && this.#byKey.get(live.record.key) === live) this.#byKey.delete(live.record.key)
      },
    })
    const statement = deps.database.prepare('PRAGMA data_version')
    this.#dataVersion = () => statement.get()?.['data_version'] as number
    this.#seenDataVersion = this.#dataVersion()
  }

  /** The live session behind a raw cookie value. @throws when the database can't be asked */
  find(domain: SessionDomain, cookieValue: string, touch: boolean): LiveSession | undefined {
    if (!this.#askedThisTurn) this.#noticeOthers()
    const live = this.#cache.get(cookieValue) ?? this.#load(domain, cookieValue)
    if (live === DEAD || live === undefined || live.record.domain !== domain.domain) return undefined
    const now = this.#deps.clock.now()
    if (!isAlive(live.record, domain, now)) {
      this.#bury(live)
      return undefined
    }
    if (touch) this.#touch(live, domain, now)
    return live
  }

  /** What is known of a session by its key, newest activity included, dead or alive; for changing it within a transaction. No activity. */
  latest(key: string): FoundRow | undefined {
    const found = this.#deps.rows.read(key)
    const newer = this.#byKey.get(key) ?? this.#unwritten.get(key)?.live
    if (found !== undefined && newer !== undefined) Object.assign(found.session, activityOf(newer.record))
    return found
  }

  /** The same, when it lives. */
  latestAlive(key: string, domain: SessionDomain): FoundRow | undefined {
    const found = this.latest(key)
    if (found === undefined || isRevoked(found) || found.session.domain !== domain.domain) return undefined
    return isAlive(found.session, domain, this.#deps.clock.now()) ? found : undefined
  }

  /** After any change to a session by this process: the next request reads it anew. */
  forget(key: string): void {
    this.#unwritten.delete(key)
    const live = this.#byKey.get(key)
    if (live !== undefined) this.#cache.delete(live.cookieValue)
  }

  /** Sessions whose activity is not stored yet must not be swept. */
  isUnwritten = (key: string): boolean => this.#unwritten.has(key)

  /** Stores activity that is old enough, or all of it. Returns how many were written. */
  flush(everything: boolean): number {
    const { clock, database, rows } = this.#deps
    const now = clock.now()
    const due: { readonly live: LiveSession; readonly domain: SessionDomain }[] = []
    for (const entry of this.#unwritten.values()) {
      if (!everything && Math.abs(now - entry.live.writtenActivityAt) < writeInterval(entry.domain)) continue
      due.push(entry)
      if (!everything && due.length === BATCH) break
    }
    if (due.length === 0) return 0
    const written = inTransaction(database, () =>
      due.filter(({ live, domain }) => {
        const session = toStored(live)
        // Conditional by version: what was ended or changed elsewhere meanwhile stays as it is.
        return rows.update(live.record.key, session, live.version, sweepTime(session, domain))
      }),
    )
    for (const { live } of written) live.version++
    for (const { live } of due) {
      this.#unwritten.delete(live.record.key)
      live.isUnwritten = false
      live.writtenActivityAt = live.record.lastActivityAt
    }
    return due.length
  }

  close(): void {
    clearTimeout(this.#timer)
    this.flush(true)
    this.#cache.clear()
  }

  #noticeOthers(): void {
    const version = this.#dataVersion()
    this.#askedThisTurn = true
    setImmediate(() => {
      this.#askedThisTurn = false
    })
    if (version === this.#seenDataVersion) return
    this.#seenDataVersion = version
    this.#cache.clear()
  }

  #load(domain: SessionDomain, cookieValue: string): LiveSession | undefined | typeof DEAD {
    const id = this.#deps.cookieValues(domain).idOf(cookieValue)
    if (id === undefined) return undefined
    const key = keyOfId(id)
    const found = this.#deps.rows.read(key)
    // A copy: a part of a header would keep the whole header in memory.
    const own = Buffer.from(cookieValue, 'latin1').toString('latin1')
    if (found === undefined || isRevoked(found)) {
      this.#unwritten.delete(key)
      this.#cache.set(own, DEAD)
      return DEAD
    }
    const live = toLive(found.session, found.version, key, own)
    const unwritten = this.#unwritten.get(key)
    if (unwritten !== undefined) {
      Object.assign(live.record, activityOf(unwritten.live.record))
      live.isUnwritten = true
      this.#unwritten.set(key, { live, domain })
    }
    this.#cache.set(own, live)
    this.#byKey.set(key, live)
    return live
  }

  #touch(live: LiveSession, domain: SessionDomain, now: number): void {
    live.record.lastActivityAt = now
    if (!live.record.remembered) live.record.expiresAt = endOf(live.record, domain, now)
    if (live.isUnwritten) return
    live.isUnwritten = true
    this.#unwritten.set(live.record.key, { live, domain })
    this.#flushLater(FLUSH_AFTER)
  }

  #flushLater(milliseconds: number): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      let next = FLUSH_AFTER
      try {
        if (this.flush(false) === BATCH) next = BATCH_PAUSE
      } catch (error) {
        this.#deps.log?.error({ err: error }, 'the activity of sessions could not be stored')
      }
      if (this.#unwritten.size > 0) this.#flushLater(next)
    }, milliseconds).unref()
  }

  /** What died in time is removed at once; where that fails, it is judged dead again next time. */
  #bury(live: LiveSession): void {
    this.forget(live.record.key)
    this.#cache.set(live.cookieValue, DEAD)
    try {
      inTransaction(this.#deps.database, () => this.#deps.rows.discard(live.record.key))
    } catch (error) {
      this.#deps.log?.error({ err: error }, 'an expired session could not be removed')
    }
  }
}

const isRevoked = ({ session, epoch }: FoundRow): boolean => session.epoch < epoch

const activityOf = ({ lastActivityAt, expiresAt }: Pick<SessionRecord, 'lastActivityAt' | 'expiresAt'>) => ({
  lastActivityAt,
  expiresAt,
})

function toLive(session: StoredSession, version: number, key: string, cookieValue: string): LiveSession {
  const { passwordProvenAt, begunWith, elevation, pending, ...record } = session
  return {
    record: { ...record, key, memo: undefined },
    passwordProvenAt,
    begunWith,
    elevation,
    pending,
    version,
    writtenActivityAt: session.lastActivityAt,
    isUnwritten: false,
    cookieValue,
  }
}

function toStored({ record, passwordProvenAt, begunWith, elevation, pending }: LiveSession): StoredSession {
  const { key: _, memo: __, ...session } = record
  return { ...session, passwordProvenAt, begunWith, elevation, pending }
}
