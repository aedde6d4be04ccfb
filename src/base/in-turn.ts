// What the portal does, piece by piece, one a turn of the event loop: however many people sign in at once, the gate's questions are answered in between.
// A page or a few queries take milliseconds, a question a fraction of one.
import { sendWaiting } from './send-together.ts'

const waiting: (() => void)[] = []
let isPlanned = false

/** Runs `work` at the end of a turn of the event loop, in the order of the calls, one each turn. (libuv accepts one new connection a turn.) */
export function inTurn(work: () => void): void {
  waiting.push(work)
  if (isPlanned) return
  isPlanned = true
  setImmediate(runOne)
}

/** What is done after it comes in its turn. */
export const myTurn = (): Promise<void> => new Promise(inTurn)

function runOne(): void {
  const work = waiting.shift()
  isPlanned = waiting.length > 0
  if (isPlanned) setImmediate(runOne)
  sendWaiting()
  work?.()
}
