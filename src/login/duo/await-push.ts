// What came of a push: asks Duo until it knows. Duo holds each question until there is news, so there are few of them.
import type { Logger } from '../../base/log.ts'
import type { DuoApi } from './duo-api.ts'
import { failureText } from './duo-failure.ts'
import type { PushAnswer } from './outstanding-pushes.ts'

/** Between two questions about the same push (milliseconds), should Duo not hold the first. */
const PAUSE = 1000
/** Questions in a row that may fail before the push is given up. */
const MAX_LOST = 3

/** @param signal when nobody waits for it any more. @returns never rejects */
export async function awaitPush(
  api: Pick<DuoApi, 'status'>,
  transaction: string,
  signal: AbortSignal,
  { wait, log }: { readonly wait: (milliseconds: number) => Promise<void>; readonly log: Logger },
): Promise<PushAnswer> {
  let lost = 0
  while (!signal.aborted) {
    try {
      const verdict = await api.status(transaction, signal)
      if (verdict !== 'waiting') return verdict
      lost = 0
    } catch (error) {
      if (signal.aborted) break
      lost++
      log.warn({ reason: failureText(error) }, 'Duo could not be asked what came of a push')
      if (lost === MAX_LOST) return { kind: 'lost' }
    }
    await wait(PAUSE)
  }
  return { kind: 'deny', reason: 'timeout' }
}
