// A moment as a flag takes it: so long ago, or a date with or without a time, in UTC.
import { Fault } from '../../base/fault.ts'
import { parseDuration } from '../../config/format/duration.ts'

/** `2026-01-31`, `2026-01-31 12:00`, `2026-01-31T12:00:00Z`, as listings show them. */
const DATE = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?)Z?)?$/

/** Milliseconds since the epoch. @throws Fault `moment` */
export function momentOption(flag: string, text: string, now: number): number {
  const [, day, time = '00:00'] = DATE.exec(text) ?? []
  const date = day === undefined ? Number.NaN : Date.parse(`${day}T${time}Z`)
  if (!Number.isNaN(date)) return Math.max(0, date)
  const ago = day === undefined && text !== '' ? parseDuration(text) : undefined
  if (ago !== undefined && ago >= 0) return Math.max(0, Math.round(now - ago))
  throw new Fault('moment', `--${flag} ${text} is neither a length of time nor a date.`, {
    hint: 'Write it like 24h or 2 weeks for so long ago, or like 2026-01-31 or "2026-01-31 12:00", in UTC.',
    exitCode: 2,
  })
}
