// The table events: the trail of security events, for those who look back.
import type { Kysely, Selectable, SelectQueryBuilder } from 'kysely'
import { inBatches } from './in-batches.ts'
import type { EventFilter, EventsRepository, StoredEvent } from './storage.ts'
import type { Tables } from './tables.ts'

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
