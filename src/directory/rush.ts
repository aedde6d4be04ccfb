// Whether the gate is being asked a lot right now, so that hashing leaves it a core of its own.

/** Answers a second. Below it nobody notices a millisecond. */
const MANY = 100
/** Milliseconds that are looked at together. */
const LOOK = 250

/**
 * @param count answers given so far
 * @param now milliseconds of a clock that only goes forward
 */
export function createRush(count: () => number, now: () => number = () => performance.now()): () => boolean {
  let before = { at: now(), count: count() }
  let isRush = false
  return () => {
    const at = now()
    if (at - before.at < LOOK) return isRush
    isRush = ((count() - before.count) / (at - before.at)) * 1000 >= MANY
    before = { at, count: count() }
    return isRush
  }
}
