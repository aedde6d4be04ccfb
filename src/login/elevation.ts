// What somebody must have proven, and how lately, before his account may be changed. The table is one pure function; where the facts come from is
// its caller's matter.
import type { Level } from '../policy/model.ts'

/** A session that may change the account: a code by mail was given in it, from the address it is used from, a short while ago. */
export interface Elevation {
  /** Milliseconds since the epoch. */
  readonly until: number
  /** Text of the client's address that gave the proof. */
  readonly from: string
}

export const isElevated = (elevation: Elevation | undefined, from: string, now: number): boolean =>
  elevation !== undefined && now < elevation.until && elevation.from === from

/** How long a password counts as just given (milliseconds). */
const FRESH_PASSWORD = 5 * 60_000

export const isFresh = (passwordProvenAt: number, now: number): boolean => {
  const age = now - passwordProvenAt
  return age >= 0 && age < FRESH_PASSWORD
}

export interface Standing {
  readonly level: Level
  /** The session came with the portal's own cookie, which no application under the cookie domain sees. */
  readonly hasPortalCookie: boolean
  /** A second factor that may be used here is registered. */
  readonly hasSecondFactor: boolean
  /** The password was given a short while ago. */
  readonly hasFreshPassword: boolean
  /** A code by mail was given a short while ago, from this address. */
  readonly isElevated: boolean
  /** There is a notifier, and the user has an address. */
  readonly canMail: boolean
  /** `identity_validation.elevated_session.skip_second_factor`. */
  readonly skipSecondFactor: boolean
}

export type MissingProof = 'first_factor' | 'second_factor' | 'elevation'

/**
 * The first thing missing; undefined: the account may be changed.
 *
 * | mail | second factor | skip_second_factor | what it takes                                          |
 * |------|---------------|--------------------|--------------------------------------------------------|
 * | no   | none          | either             | the password, a short while ago                        |
 * | no   | registered    | either             | level 2, and the password a short while ago            |
 * | yes  | none          | either             | a code by mail                                         |
 * | yes  | registered    | no                 | level 2, and a code by mail                            |
 * | yes  | registered    | yes                | level 2, and a code by mail or the password just given |
 *
 * Whoever owns a second factor always needs it, whatever `require_second_factor` says: else a stolen password and a mailbox would be enough to
 * replace what is to guard against just that.
 */
export function missingProofOf(standing: Standing): MissingProof | undefined {
  const { level, hasPortalCookie, hasSecondFactor, hasFreshPassword, isElevated, canMail, skipSecondFactor } = standing
  if (level < 1 || !hasPortalCookie) return 'first_factor'
  if (level < 2 && hasSecondFactor) return 'second_factor'
  if (canMail && isElevated) return undefined
  const isPasswordEnough = !canMail || (skipSecondFactor && level >= 2)
  return isPasswordEnough && hasFreshPassword ? undefined : 'elevation'
}
