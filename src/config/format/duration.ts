// Durations as Authelia writes them: `1h30m`, `1 hour and 30 minutes`, a number of seconds. Knows no sign: there is no time before now.

const SECOND = 1000
const DAY = 24 * 3600 * SECOND
const UNITS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: SECOND,
  m: 60 * SECOND,
  h: 3600 * SECOND,
  d: DAY,
  w: 7 * DAY,
  M: 30 * DAY,
  y: 365 * DAY,
}
const NAMES: Readonly<Record<string, string>> = {
  millisecond: 'ms',
  second: 's',
  minute: 'm',
  hour: 'h',
  day: 'd',
  week: 'w',
  month: 'M',
  year: 'y',
}
/** The longest that Authelia can hold: 2^63 - 1 nanoseconds, about 292 years. */
const LONGEST = 9_223_372_036_854

const unitOf = (name: string): number | undefined => UNITS[name] ?? UNITS[NAMES[name.replace(/s$/, '')] ?? '']

/**
 * Milliseconds. A number is seconds, rounded half to even and held within the longest. Undefined for what is no duration. Authelia overlooks
 * whatever stands before the first unit, so that `-5m` is five minutes and `PT5M` five months to it; here those are none.
 */
export function parseDuration(value: string | number): number | undefined {
  if (typeof value === 'number') return Number.isNaN(value) ? 0 : clamp(roundHalfToEven(value) * SECOND)
  if (value === '') return 0
  const text = value.replace(/\s+/g, '').replaceAll('and', '')
  if (text === '') return undefined
  if (/^\d+$/.test(text)) return clamp(Number(text) * SECOND)
  if (!/^\+?(?:\d+[^\d.+-]+)+$/.test(text)) return undefined
  let total = 0
  let counted = false
  for (const [, count, unit] of text.matchAll(/(\d+)([^\d]+)/g)) {
    const size = unitOf(unit ?? '')
    if (size === undefined) return undefined
    total += Number(count) * size
    counted ||= Number(count) > 0
  }
  return counted ? within(total) : undefined
}

const within = (milliseconds: number): number | undefined => (milliseconds > LONGEST ? undefined : milliseconds)
const clamp = (milliseconds: number): number => Math.max(-LONGEST, Math.min(LONGEST, milliseconds))

function roundHalfToEven(value: number): number {
  const floor = Math.floor(value)
  if (value - floor !== 0.5) return Math.round(value)
  return floor % 2 === 0 ? floor : floor + 1
}
