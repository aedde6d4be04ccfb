// Answers that came about in one turn of the event loop leave together at its end. Sent one by one, each wakes the proxy that waits for it, and waking
// cost more than finding the answer; alone, an answer leaves as soon as it ever did.
import type { ServerResponse } from 'node:http'

/** No answer waits for more others than these: at full load that is half a millisecond. */
const MOST = 32

let waiting: ServerResponse[] = []
let isPlanned = false
let sent = 0

/** Since the process began. */
export const answersSent = (): number => sent

/** Ends a response whose head is written. */
export function endTogether(response: ServerResponse): void {
  waiting.push(response)
  if (waiting.length === MOST) sendWaiting()
  if (isPlanned || waiting.length === 0) return
  isPlanned = true
  setImmediate(() => {
    isPlanned = false
    sendWaiting()
  })
}

/** Before anything that takes long: what is ready leaves now. */
export function sendWaiting(): void {
  const responses = waiting
  waiting = []
  sent += responses.length
  for (const response of responses) response.end()
}
