// A wait that doubles with each failure beyond the free ones: of codes, and of pushes. Pure.

/** Milliseconds. */
const FIRST_WAIT = 60_000
const LONGEST_WAIT = 4 * 3_600_000

/**
 * Milliseconds until the next try; 0: now.
 * @param free failures that cost nothing but the try
 * @param failures since the last success
 */
export function growingWait(free: number, failures: number, lastFailureAt: number, now: number): number {
  if (failures < free) return 0
  const wait = Math.min(FIRST_WAIT * 2 ** (failures - free), LONGEST_WAIT)
  // with a clock that was set back the wait begins when it has caught up: longer, never shorter
  const since = Math.max(0, now - lastFailureAt)
  return Math.max(0, wait - since)
}
