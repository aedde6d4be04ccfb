// Warnings that an outsider can cause as often as he likes: the first of each kind is one, then one a minute, with how
// many there were between. The others are there at debug level.
import type { Clock } from '../../base/clock.ts'
import type { Logger } from '../../base/log.ts'

const PAUSE = 60_000

export type WarnSeldom = (kind: string, fields: object, message: string) => void

/** Kinds are a fixed few; nothing of a request may be part of one. */
export function createSeldom(log: Logger, clock: Clock): WarnSeldom {
  const last = new Map<string, { at: number; suppressed: number }>()
  return (kind, fields, message) => {
    const now = clock.now()
    const before = last.get(kind)
    if (before !== undefined && now - before.at < PAUSE) {
      before.suppressed++
      log.debug(fields, message)
      return
    }
    last.set(kind, { at: now, suppressed: 0 })
    log.warn(before?.suppressed ? { ...fields, suppressed: before.suppressed } : fields, message)
  }
}
