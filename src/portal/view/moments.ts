// Times for people, in their language. The server doesn't know their time zone: what is near is told as a distance, what is far as a day, and the
// exact moment in UTC stands beside it, which the page's script tells in local time.
import type { Scope } from '../../base/template.ts'

export interface Moment extends Scope {
  /** For `datetime`. */
  readonly iso: string
  /** `25 Nov 2026, 14:03 UTC` */
  readonly exact: string
  /** `5 minutes ago`, `yesterday`; a day when it is longer ago than a week. */
  readonly near: string
}

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const UNITS: readonly (readonly [Intl.RelativeTimeFormatUnit, number, number])[] = [
  ['minute', MINUTE, HOUR],
  ['hour', HOUR, DAY],
  ['day', DAY, 7 * DAY],
]

/** @param now milliseconds since the epoch */
export function momentsIn(language: string, now: number): (time: number) => Moment {
  const exact = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' })
  const day = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeZone: 'UTC' })
  const relative = new Intl.RelativeTimeFormat(language, { numeric: 'auto' })
  const near = (time: number): string => {
    const distance = Math.abs(now - time)
    if (distance < MINUTE) return relative.format(0, 'second')
    const unit = UNITS.find(([, , end]) => distance < end)
    if (unit === undefined) return day.format(time)
    return relative.format(Math.sign(time - now) * Math.floor(distance / unit[1]), unit[0])
  }
  return (time) => ({ iso: new Date(time).toISOString(), exact: `${exact.format(time)} UTC`, near: near(time) })
}
