// How long nobody may be asked again after pushes that weren't approved. Pure. A phone that rings until somebody gives in is an attack (push
// fatigue), and only who has the password can make it ring.

/** In a row and not approved, that cost nothing but the minute in which they could be. */
const FREE = 3
/** Milliseconds; doubles with each further one. */
const FIRST_WAIT = 60_000
const LONGEST_WAIT = 4 * 3_600_000

/** What a push counts for that the person calls a fraud, beyond the one it is anyway: with it the free ones are used up. */
export const FRAUD = 5

/** Milliseconds until the next push may be sent; 0: now. Somebody who has only the password makes a phone ring 3 times, and then 6 times a day. */
export function pushWait(tries: number, lastAt: number, now: number): number {
  if (tries < FREE) return 0
  const wait = Math.min(FIRST_WAIT * 2 ** (tries - FREE), LONGEST_WAIT)
  // with a clock that was set back the wait begins when it has caught up: longer, never shorter
  return Math.max(0, wait - Math.max(0, now - lastAt))
}
