// Time is an argument: whatever depends on "now" takes a Clock, so that tests can hold it still.

export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number
}

export const systemClock: Clock = { now: () => Date.now() }

/** A clock for tests: stands still until moved. */
export function manualClock(start: number): Clock & { advance(milliseconds: number): void; set(time: number): void } {
  let time = start
  return {
    now: () => time,
    advance: (milliseconds) => {
      time += milliseconds
    },
    set: (value) => {
      time = value
    },
  }
}
