// The size of V8's nursery, in which new objects begin. What a start throws away would grow it to 32 MB, which a gate never needs; the 1 MB it
// begins with costs a busy one a tenth of its speed, since each collection of it has a price of its own. So it grows once, when there is work.
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8'
import { collectNewGarbage } from './collect-garbage.ts'

/** Bytes of both halves, as what lives is copied from one to the other; a process begins with 1 or 2 MB. */
const ENOUGH = 4 * 2 ** 20
/** Milliseconds between two looks. */
const LOOK = 1000
/** Of the time of the event loop. */
const BUSY = 0.2

/** Keeps the nursery at its size. */
export function keepNursery(): void {
  setFlagsFromString('--semi-space-growth-factor=1')
}

/** Grows it to 4 MB once the event loop is busy, and again whenever V8 has made it smaller in between. */
export function growNurseryWhenBusy(): void {
  let before = performance.eventLoopUtilization()
  setInterval(() => {
    const now = performance.eventLoopUtilization()
    const { utilization } = performance.eventLoopUtilization(now, before)
    before = now
    const size = nurserySize()
    if (utilization >= BUSY && size < ENOUGH) growNursery(size)
  }, LOOK).unref()
}

/** V8 lets it grow when more has survived in it than it holds: so that much is made to survive, once. Some milliseconds. */
function growNursery(size: number): void {
  setFlagsFromString(`--semi-space-growth-factor=${Math.ceil(ENOUGH / size)}`)
  const surviving: object[] = []
  for (let bytes = 0; bytes < 2 * size; bytes += 64) surviving.push({ bytes, and: bytes, more: bytes })
  collectNewGarbage()
  keepNursery()
}

/** Bytes; not a number in a V8 that has no such space. */
export function nurserySize(): number {
  return getHeapSpaceStatistics().find(({ space_name: name }) => name === 'new_space')?.space_size ?? Number.NaN
}
