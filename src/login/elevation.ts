// A session that may change the account: a fresh proof was given in it, from the address it is used from, a short while ago.

export interface Elevation {
  /** Milliseconds since the epoch. */
  readonly until: number
  /** Text of the client's address that gave the proof. */
  readonly from: string
}

export const isElevated = (elevation: Elevation | undefined, from: string, now: number): boolean =>
  elevation !== undefined && now < elevation.until && elevation.from === from
