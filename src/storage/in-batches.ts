// Deleting much without holding the event loop up: some rows at a time, and whoever waits comes in between.
import { setImmediate as nextTurn } from 'node:timers/promises'

/** @param work deletes at most `limit` rows. Returns how many rows were deleted in all. */
export async function inBatches(
  limit: number,
  work: (limit: number) => Promise<{ readonly numDeletedRows: bigint }>,
): Promise<number> {
  let all = 0
  for (;;) {
    const deleted = Number((await work(limit)).numDeletedRows)
    all += deleted
    if (deleted < limit) return all
    await nextTurn()
  }
}
