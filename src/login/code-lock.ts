// How long someone waits after wrong codes, one-time or recovery, each kind counted by itself. Only somebody who has the password gets here, so it
// can't lock out a stranger's victim.
import type { Clock } from '../base/clock.ts'
import type { Logger } from '../base/log.ts'
import type { CodeFailures } from '../storage/code-failures.ts'
import { growingWait } from './growing-wait.ts'

/** Wrong codes since the last right one that cost nothing but the try. */
const FREE_FAILURES = 5

/**
 * Milliseconds until the next code is looked at; 0: now. Six digits and one step of skew make a guess 3 in a million. Somebody guessing for a
 * month without pause gets 5 free ones, 8 while the wait grows and 6 a day after that, about 190: 6 in 10,000. An owner who signs in twice a
 * day gives 5 fresh ones each time, about 300 a month: 9 in 10,000.
 */
export const codeWait = (failures: number, lastFailureAt: number, now: number): number =>
  growingWait(FREE_FAILURES, failures, lastFailureAt, now)

export interface CodeLock {
  /** Seconds until a code of this user is looked at; 0: now. */
  secondsLeft(username: string): Promise<number>
  /** Counts a wrong code. @returns whether no more are looked at for a while */
  failed(username: string, from: string): Promise<boolean>
  opened(username: string): Promise<void>
}

/** @param kind for the log */
export function createCodeLock(
  codes: CodeFailures,
  kind: 'one-time codes' | 'recovery codes',
  { clock, log }: { readonly clock: Clock; readonly log: Logger },
): CodeLock {
  return {
    async secondsLeft(username) {
      const { failures, lastFailureAt } = await codes.failures(username)
      return Math.ceil(codeWait(failures, lastFailureAt, clock.now()) / 1000)
    },

    async failed(username, from) {
      const now = clock.now()
      const { failures } = await codes.countFailure(username, now)
      const locked = codeWait(failures, now, now)
      const fields = { username, from, failures, seconds: locked / 1000 }
      if (locked > 0) log.warn(fields, `too many wrong ${kind}: no more are looked at for a while`)
      return locked > 0
    },

    opened: (username) => codes.clearFailures(username),
  }
}
