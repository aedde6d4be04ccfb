// A length of time as a flag takes it: the same words as in the configuration.
import { Fault } from '../../base/fault.ts'
import { parseDuration } from '../../config/format/duration.ts'

/** Milliseconds, more than none. @throws Fault `duration` */
export function durationOption(flag: string, text: string): number {
  const duration = parseDuration(text)
  if (duration !== undefined && duration >= 1) return Math.round(duration)
  throw new Fault('duration', `--${flag} ${text} is not a length of time.`, {
    hint: 'Write it like 30m, 12h, 1 day or 2 weeks; a number alone is seconds.',
    exitCode: 2,
  })
}
