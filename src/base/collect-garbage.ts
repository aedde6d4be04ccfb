// V8's garbage collector, asked at moments of our own.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

interface How {
  readonly type: 'major' | 'minor'
  readonly execution: 'sync'
  readonly flavor: 'regular' | 'last-resort'
}

/**
 * Gives back what a start or a reload threw away. V8 would keep it until the heap has grown to several times that, which in a gate, whose requests
 * leave hardly anything behind, is never. Holds everything up for some 50 ms.
 */
export function collectGarbage(): void {
  // Compiled functions go as well that nobody has called since the last time: most were for the start only.
  setFlagsFromString('--bytecode-old-age=1')
  collect({ type: 'major', execution: 'sync', flavor: 'last-resort' })
  setFlagsFromString('--bytecode-old-age=6')
}

/** Collects new objects only: what still lives of them moves on. Some milliseconds. */
export function collectNewGarbage(): void {
  collect({ type: 'minor', execution: 'sync', flavor: 'regular' })
}

function collect(how: How): void {
  setFlagsFromString('--expose-gc')
  const gc = runInNewContext('gc') as (how: How) => void
  setFlagsFromString('--no-expose-gc')
  gc(how)
}
