// Collects what a reload threw away once hardly anything is asked: to collect holds up everything for a moment, and under load V8 collects by itself.

/** Milliseconds: a second of quiet is looked at. */
const LOOK = 1000
/** Of the time of the event loop. */
const QUIET = 0.1
/** Looks without quiet after which it is left to V8. */
const MAX_LOOKS = 60

export interface IdleCollection {
  /** At the next quiet moment. */
  soon(): void
  close(): void
}

export function collectWhenIdle(collect: () => void): IdleCollection {
  let timer: NodeJS.Timeout | undefined
  const look = (looks: number): void => {
    const before = performance.eventLoopUtilization()
    timer = setTimeout(() => {
      const { utilization } = performance.eventLoopUtilization(before)
      if (utilization < QUIET) collect()
      else if (looks < MAX_LOOKS) look(looks + 1)
    }, LOOK).unref()
  }
  return {
    soon() {
      clearTimeout(timer)
      look(1)
    },
    close: () => clearTimeout(timer),
  }
}
