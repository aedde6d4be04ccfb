// Work that may be laid aside between its steps: done at once by a command, which waits for it anyway, and in turns by a server, which has others to
// answer meanwhile. Between two steps nothing of it may be in use by anybody else.
import { setImmediate as nextTurn } from 'node:timers/promises'

export type Steps<Result> = Generator<void, Result, void>

export function atOnce<Result>(steps: Steps<Result>): Result {
  for (;;) {
    const { done, value } = steps.next()
    if (done) return value
  }
}

/** Milliseconds after which others are let in. */
const SLICE = 10

/** Throws what a step throws. */
export async function inTurns<Result>(steps: Steps<Result>): Promise<Result> {
  for (;;) {
    const end = performance.now() + SLICE
    do {
      const { done, value } = steps.next()
      if (done) return value
    } while (performance.now() < end)
    await nextTurn()
  }
}

/** Items between two steps of a long list. */
const BATCH = 25

/** `list.map(make)` in steps. */
export function* mapInSteps<Item, Made>(
  list: readonly Item[],
  make: (item: Item, index: number) => Made,
): Steps<Made[]> {
  const made: Made[] = []
  for (const [index, item] of list.entries()) {
    made.push(make(item, index))
    if (index % BATCH === BATCH - 1) yield
  }
  return made
}
