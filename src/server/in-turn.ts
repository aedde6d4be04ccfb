// One request to the portal a turn of the event loop: however many people sign in at once, the gate's questions are answered in between. A page takes
// milliseconds, a question a fraction of one. (libuv accepts one new connection a turn: proxies keep theirs.)
import { sendWaiting } from '../protocol/send-together.ts'

const waiting: (() => void)[] = []
let isPlanned = false

/** Runs `work` at the end of a turn of the event loop, in the order of the calls, one each turn. */
export function inTurn(work: () => void): void {
  waiting.push(work)
  if (isPlanned) return
  isPlanned = true
  setImmediate(runOne)
}

function runOne(): void {
  const work = waiting.shift()
  isPlanned = waiting.length > 0
  if (isPlanned) setImmediate(runOne)
  sendWaiting()
  work?.()
}
