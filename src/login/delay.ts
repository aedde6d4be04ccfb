// Makes answers take alike, so that their time doesn't tell a known name from an unknown one. Not a limiter: it holds nobody back for what he did.
import type { Clock } from '../base/clock.ts'

export interface DelayShape {
  /** How many of the last successes the mean is taken of. */
  readonly history: number
  /** What each of them counts before there was one (milliseconds). */
  readonly initial: number
  /** No padded answer comes sooner than this (milliseconds). */
  readonly minimum: number
  /** Nothing is padded beyond this (milliseconds). */
  readonly maximum: number
  /** Random addition, 0 up to this (milliseconds). */
  readonly jitter: number
  readonly padSuccess: boolean
}

/** Every answer of the portal's password routes, good or bad: at least the mean of the last ten successes and 250 ms (spec 4.5). */
export const PORTAL_DELAY: DelayShape = {
  history: 10,
  initial: 1000,
  minimum: 250,
  // the mean can be driven up by many slow sign-ins at once; it must not keep everybody waiting
  maximum: 5000,
  jitter: 84,
  padSuccess: true,
}

/** Refusals at the gate only. Proxies give up early (Envoy's documented 250 ms), so no padding goes beyond 200 ms in all. */
export const GATE_DELAY: DelayShape = {
  history: 50,
  initial: 100,
  minimum: 50,
  maximum: 200,
  jitter: 40,
  padSuccess: false,
}

/** Redeeming a code by mail: a second at least, whatever comes of it. */
export const ELEVATION_DELAY: DelayShape = {
  history: 1,
  initial: 1000,
  minimum: 1000,
  maximum: 5000,
  jitter: 84,
  padSuccess: true,
}

/** Asking for a link that sets a forgotten password anew, for a name that may be nobody's (spec: begins at 500 ms). */
export const RESET_DELAY: DelayShape = {
  history: 10,
  initial: 500,
  minimum: 250,
  maximum: 5000,
  jitter: 84,
  padSuccess: true,
}

export interface DelayDeps {
  readonly clock: Clock
  /** `size` random bytes. */
  readonly random: (size: number) => Uint8Array
  readonly wait: (milliseconds: number) => Promise<void>
}

/** Returns a function that runs `work` and holds its result back until the time is due. Only successes move the mean. */
export function createDelay(shape: DelayShape, { clock, random, wait }: DelayDeps) {
  const durations = Array.from({ length: shape.history }, () => shape.initial)
  return async <T>(work: () => Promise<T>, outcomeOf: (result: T) => 'success' | 'failure' | 'at-once'): Promise<T> => {
    const start = clock.now()
    const result = await work()
    // a clock that was set back must neither shorten nor stretch the delay
    const elapsed = Math.max(0, clock.now() - start)
    const outcome = outcomeOf(result)
    if (outcome === 'at-once') return result
    const mean = durations.reduce((sum, duration) => sum + duration, 0) / durations.length
    if (outcome === 'success') {
      durations.shift()
      durations.push(Math.min(elapsed, shape.maximum))
      if (!shape.padSuccess) return result
    }
    const [high = 0, low = 0] = random(2)
    const jitter = ((high * 256 + low) / 65_536) * (shape.jitter + 1)
    const due = Math.min(Math.max(mean, shape.minimum) + Math.floor(jitter), shape.maximum)
    if (due > elapsed) await wait(due - elapsed)
    return result
  }
}
