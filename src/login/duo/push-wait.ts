// How long nobody may be asked again after pushes that weren't approved. Pure. A phone that rings until somebody gives in is an attack (push
// fatigue), and only who has the password can make it ring.
import { growingWait } from '../growing-wait.ts'

/** In a row and not approved, that cost nothing but the minute in which they could be. */
const FREE = 3

/** What a push counts for that the person calls a fraud, beyond the one it is anyway: with it the free ones are used up. */
export const FRAUD = 5

/** Milliseconds until the next push may be sent; 0: now. Somebody who has only the password makes a phone ring 3 times, and then 6 times a day. */
export const pushWait = (tries: number, lastAt: number, now: number): number => growingWait(FREE, tries, lastAt, now)
