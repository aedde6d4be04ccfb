// How long nobody may try again at Duo after what came to nothing. Pure. A phone that rings until somebody gives in is an attack (push fatigue), and
// only who has the password can make it ring.
import type { DuoTries } from '../../storage/duo-devices.ts'
import { growingWait } from '../growing-wait.ts'

/** Pushes in a row and not approved, that cost nothing but the minute in which they could be. */
const FREE = 3

/** What a push counts for that the person calls a fraud, beyond the one it is anyway: with it the free ones are used up. */
export const FRAUD = 5

/** Milliseconds until the next push may be sent; 0: now. Somebody who has only the password makes a phone ring 3 times, and then 6 times a day. */
export const pushWait = (tries: number, lastAt: number, now: number): number => growingWait(FREE, tries, lastAt, now)

/** Whole seconds until the next try; 0: now. The wait that has grown, and the end of the one that is open. */
export function secondsUntilTry(
  { tries, lastAt, openUntil }: DuoTries,
  grown: (tries: number, lastAt: number, now: number) => number,
  now: number,
): number {
  return Math.ceil(Math.max(grown(tries, lastAt, now), openUntil - now, 0) / 1000)
}
