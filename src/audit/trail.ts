// The trail in the log and in storage. What anybody may cause without being let in is counted where it repeats, so that a flood of it fills neither.
import type { Clock } from '../base/clock.ts'
import type { Logger } from '../base/log.ts'
import type { EventRow, EventsRepository } from '../storage/events.ts'
import type { Audit } from './audit.ts'
import { entryOf, kindOf, tell } from './entry.ts'

export interface Trail extends Audit {
  /** Stores what was only counted until now. Never rejects. */
  flush(): Promise<void>
  /** Flushes; then whatever is older than `keep` (milliseconds) goes, and of each kind what is more than enough. Never rejects. */
  tidy(keep: number): Promise<void>
}

export interface TrailDeps {
  readonly events: EventsRepository
  readonly clock: Clock
  readonly log: Logger
}

/** So many alike events have a line of the log each; further ones are told together when their time is over. */
const TOLD_SINGLY = 10
/** Groups of alike events that are held apart at once; beyond it addresses are given up (see `MANY`). */
export const MOST_GROUPS = 5000
/** Stands for the addresses of a flood from very many. */
export const MANY = 'many'
/** Rows of one kind that are kept at most: some 25 MB. Those of a flood push out none but their own kind. */
export const MOST_OF_A_KIND = 100_000
/** Rows of a kind that come before it is looked whether there are too many. */
const LOOK_EVERY = 500
/** Writes that go to the disk together. */
const BATCH = 200

/** Alike events: the first one, and how many there were until now. */
interface Group {
  readonly first: EventRow
  readonly until: number
  readonly id: Promise<number | undefined>
  times: number
  lastTime: number
  /** Of `times`, as storage has it. */
  stored: number
}

export function createTrail({ events, clock, log }: TrailDeps): Trail {
  const groups = new Map<string, Group>()
  /** Rows added since it was last looked whether there are too many, by kind. */
  const added = new Map<string, number>()

  /** What is being stored; `flush` waits for it. */
  const running = new Set<Promise<unknown>>()

  /** Never rejects. */
  const attempt = <T>(what: string, work: () => Promise<T>): Promise<T | undefined> => {
    const done = work().catch((error: unknown) => {
      log.error({ err: error }, what)
      return undefined
    })
    running.add(done)
    return done.finally(() => running.delete(done))
  }
  const store = (entry: EventRow): Promise<number | undefined> => {
    added.set(entry.kind, (added.get(entry.kind) ?? LOOK_EVERY) + 1)
    return attempt('a security event could not be stored', () => events.add(entry))
  }

  const storeCount = (group: Group): Promise<unknown> => {
    const { times, lastTime } = group
    if (times === group.stored) return group.id
    group.stored = times
    return attempt('a security event could not be counted', async () => {
      const id = await group.id
      if (id !== undefined) await events.setTimes(id, times, lastTime)
    })
  }
  const end = (key: string, group: Group): Promise<unknown> => {
    groups.delete(key)
    const { first, times, lastTime } = group
    if (times > TOLD_SINGLY) tell(log, { ...first, times, lastTime })
    return storeCount(group)
  }

  /** The group whose time isn't over. A clock that was set back begins anew. */
  const find = ({ time }: EventRow, key: string): Group | undefined => {
    const group = groups.get(key)
    if (group === undefined || (time < group.until && time >= group.first.time)) return group
    void end(key, group)
    return undefined
  }

  const count = async (entry: EventRow, window: number): Promise<void> => {
    let counted = entry
    let group = find(counted, keyOf(counted))
    if (group === undefined && groups.size >= MOST_GROUPS) {
      counted = { ...entry, from: MANY, session: '', userAgent: '' }
      group = find(counted, keyOf(counted))
    }
    if (group !== undefined) {
      group.times++
      group.lastTime = entry.time
      if (group.times <= TOLD_SINGLY) tell(log, entry)
      return
    }
    tell(log, entry)
    const { time } = counted
    const id = store(counted)
    groups.set(keyOf(counted), { first: counted, until: time + window, id, times: 1, lastTime: time, stored: 1 })
    await id
  }

  const flush = async (): Promise<void> => {
    await Promise.all(running)
    const now = clock.now()
    const all = [...groups]
    for (let at = 0; at < all.length; at += BATCH) {
      const some = all.slice(at, at + BATCH)
      await Promise.all(some.map(([key, group]) => (now >= group.until ? end(key, group) : storeCount(group))))
    }
  }

  return {
    async record(event) {
      const entry = entryOf(event, clock.now())
      const window = kindOf(entry.kind)?.counted
      if (window !== undefined) return count(entry, window)
      tell(log, entry)
      await store(entry)
    },

    flush,

    async tidy(keep) {
      await flush()
      await attempt('old security events could not be deleted', async () => {
        await events.prune(clock.now() - keep)
        for (const [kind, rows] of added) {
          if (rows < LOOK_EVERY) continue
          added.set(kind, 0)
          await events.trim(kind, MOST_OF_A_KIND)
        }
      })
    },
  }
}

const keyOf = ({ kind, username, from, subject, reason }: EventRow): string =>
  JSON.stringify([kind, username, from, subject, reason])
