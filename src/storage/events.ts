// The table events: the trail of security events, for those who look back.
import type { Kysely, Selectable, SelectQueryBuilder } from 'kysely'
import { inBatches } from './in-batches.ts'
import type { Tables } from './tables.ts'

/** A security event, or several alike within a short time. Texts are '' where there is nothing to say. */
export interface EventRow {
  /** Milliseconds since the epoch; of the first. */
  readonly time: number
  /** One of src/audit/kinds.ts; what an earlier or later version wrote may be another. */
  readonly kind: string
  /** Canonical name; '' when the user is unknown. */
  readonly username: string
  /** Address text, 'cli' or 'many'. */
  readonly from: string
  readonly subject: string
  readonly reason: string
  /** Hash of a session's id. */
  readonly session: string
  readonly userAgent: string
  readonly times: number
  /** Of the last of them. */
  readonly lastTime: number
}

export interface EventFilter {
  readonly username?: string | undefined
  readonly from?: string | undefined
  readonly kinds?: readonly string[] | undefined
  /** Milliseconds since the epoch: the last of alike ones not before, the first of them not after. */
  readonly since?: number | undefined
  readonly until?: number | undefined
  /** An id. */
  readonly before?: number | undefined
}

export type StoredEvent = EventRow & { readonly id: number }

export interface EventsRepository {
  /** Returns its id; ids grow. */
  add(event: EventRow): Promise<number>
  /** There were more alike ones. */
  setTimes(id: number, times: number, lastTime: number): Promise<void>
  /** The newest, newest first. */
  newest(filter: EventFilter, limit: number): Promise<readonly StoredEvent[]>
  /** Those that were added after the one of this id, oldest first. */
  after(id: number, filter: EventFilter, limit: number): Promise<readonly StoredEvent[]>
  /** Deletes those whose last time is older; returns how many. */
  prune(before: number): Promise<number>
  /** Deletes all of a kind but the newest `most`; returns how many. */
  trim(kind: string, most: number): Promise<number>
}

/** Rows that are deleted in one go. */
const BATCH = 1000

export function createEvents(db: Kysely<Tables>): EventsRepository {
  const select = (filter: EventFilter) => filtered(db.selectFrom('events').selectAll(), filter)
  return {
    async add(event) {
      const { insertId } = await db
        .insertInto('events')
        .values({
          time: event.time,
          kind: event.kind,
          username: event.username,
          address: event.from,
          subject: event.subject,
          reason: event.reason,
          session: event.session,
          user_agent: event.userAgent,
          times: event.times,
          last_time: event.lastTime,
        })
        .executeTakeFirstOrThrow()
      return Number(insertId)
    },

    async setTimes(id, times, lastTime) {
      await db.updateTable('events').set({ times, last_time: lastTime }).where('id', '=', id).execute()
    },

    async newest(filter, limit) {
      const rows = await select(filter).orderBy('id', 'desc').limit(limit).execute()
      return rows.map(fromRow)
    },

    async after(id, filter, limit) {
      const rows = await select(filter).where('id', '>', id).orderBy('id').limit(limit).execute()
      return rows.map(fromRow)
    },

    prune: (before) =>
      inBatches(BATCH, (limit) => {
        const old = db
          .selectFrom('events')
          .select('id')
          .where('time', '<', before)
          .where('last_time', '<', before)
          .limit(limit)
        return db.deleteFrom('events').where('id', 'in', old).executeTakeFirst()
      }),

    trim: (kind, most) =>
      inBatches(BATCH, (limit) => {
        const old = db
          .selectFrom('events')
          .select('id')
          .where('kind', '=', kind)
          .orderBy('id', 'desc')
          .limit(limit)
          .offset(most)
        return db.deleteFrom('events').where('id', 'in', old).executeTakeFirst()
      }),
  }
}

function filtered<O>(
  query: SelectQueryBuilder<Tables, 'events', O>,
  { username, from, kinds, since, until, before }: EventFilter,
): SelectQueryBuilder<Tables, 'events', O> {
  let narrowed = query
  if (username !== undefined) narrowed = narrowed.where('username', '=', username)
  if (from !== undefined) narrowed = narrowed.where('address', '=', from)
  if (kinds !== undefined) narrowed = narrowed.where('kind', 'in', kinds)
  if (since !== undefined) narrowed = narrowed.where('last_time', '>=', since)
  if (until !== undefined) narrowed = narrowed.where('time', '<=', until)
  if (before !== undefined) narrowed = narrowed.where('id', '<', before)
  return narrowed
}

const fromRow = (row: Selectable<Tables['events']>): StoredEvent => ({
  id: row.id,
  time: row.time,
  kind: row.kind,
  username: row.username,
  from: row.address,
  subject: row.subject,
  reason: row.reason,
  session: row.session,
  userAgent: row.user_agent,
  times: row.times,
  lastTime: row.last_time,
})
