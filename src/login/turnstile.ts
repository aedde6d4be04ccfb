// Lets only so many attempts about one subject be tried at a time that even if all of them fail the limit isn't passed. The others wait for how
// those end: waiting delays, it never bans by itself. In memory, because one server holds the database.

/** How many attempts may wait in all before new ones are sent away; depends on load only. */
const MAX_WAITING = 2000

/** `left` must be called exactly once, after the attempt's result is recorded. */
export interface Pass {
  left(failed: boolean): Promise<void>
}

export interface Lane {
  /** Attempts that are being tried now. */
  inFlight: number
  /** Failures since the lane came to be; it is forgotten as soon as nobody is in it. */
  failures: number
  users: number
  tail: Promise<unknown>
  readonly waiting: Set<() => void>
}

/** Failures counted so far, or that nobody may be tried any more. Runs alone in its lane. */
export type Judge = (lane: Lane) => Promise<number | 'closed'>

export class Turnstile {
  readonly #lanes = new Map<string, Lane>()
  #waiting = 0

  /** @param limit failures that close the lane; at most `limit` minus the failures counted are let in at a time */
  async enter(key: string, limit: number, judge: Judge): Promise<Pass | 'closed' | 'crowded'> {
    const lane = this.#lanes.get(key) ?? {
      inFlight: 0,
      failures: 0,
      users: 0,
      tail: Promise.resolve(),
      waiting: new Set(),
    }
    this.#lanes.set(key, lane)
    lane.users++
    let entered = false
    try {
      for (;;) {
        const step = await alone(lane, async () => {
          const failures = await judge(lane)
          if (failures === 'closed') return { kind: 'closed' } as const
          if (lane.inFlight === 0 || failures + lane.inFlight < limit) {
            lane.inFlight++
            return { kind: 'entered' } as const
          }
          if (this.#waiting >= MAX_WAITING) return { kind: 'crowded' } as const
          return { kind: 'wait', turn: new Promise<void>((resolve) => lane.waiting.add(resolve)) } as const
        })
        if (step.kind === 'entered') {
          entered = true
          return { left: (failed) => this.#leave(key, lane, limit, judge, failed) }
        }
        if (step.kind !== 'wait') return step.kind
        this.#waiting++
        await step.turn
        this.#waiting--
      }
    } finally {
      if (!entered) {
        // whoever was woken and didn't go in must not leave the others asleep
        wake(lane, lane.waiting.size)
        this.#forget(key, lane)
      }
    }
  }

  async #leave(key: string, lane: Lane, limit: number, judge: Judge, failed: boolean): Promise<void> {
    try {
      await alone(lane, async () => {
        try {
          if (failed) {
            lane.failures++
            // makes the ban before anybody else is let in
            await judge(lane)
          } else lane.failures = 0
        } finally {
          lane.inFlight--
        }
      })
    } finally {
      // no more than could go in at best
      wake(lane, limit)
      this.#forget(key, lane)
    }
  }

  #forget(key: string, lane: Lane): void {
    lane.users--
    if (lane.users === 0) this.#lanes.delete(key)
  }
}

/** In the order they came. */
function wake(lane: Lane, count: number): void {
  for (const go of [...lane.waiting].slice(0, count)) {
    lane.waiting.delete(go)
    go()
  }
}

/** One after another within a lane, so that judging and letting in are one step. */
function alone<T>(lane: Lane, work: () => Promise<T>): Promise<T> {
  const result = lane.tail.then(work)
  lane.tail = result.catch(() => undefined)
  return result
}
