// A moment in a time zone, written and read by Go's layouts (`2006-01-02 15:04:05`).

/** Zone names are IANA names, or a fixed offset as `+02:00`. */
export class GoTime {
  /** Milliseconds since the epoch. */
  readonly time: number
  readonly zone: string

  constructor(time: number, zone: string) {
    this.time = time
    this.zone = zone
  }
}

/** Go's zero time, January 1 of year 1. */
export const ZERO_TIME = new GoTime(Date.UTC(2000, 0, 1) - 63_082_281_600_000, 'UTC')

export function localZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone
}

export function isZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: zone })
    return true
  } catch {
    return false
  }
}

const MONTHS = 'January February March April May June July August September October November December'.split(' ')
const DAYS = 'Sunday Monday Tuesday Wednesday Thursday Friday Saturday'.split(' ')
/** The longest first where one begins another; the order is Go's. */
const LAYOUT =
  /January|Jan|Monday|Mon|MST|2006|__2|_2|002|0[1-6]|15|[.,](?:0+|9+)(?!\d)|-07:00|-0700|-07|Z07:00|Z0700|Z07|PM|pm|[1-6]/g

/** @param layout as Go's time.Format */
export function formatTime(moment: GoTime, layout: string): string {
  const offset = zoneOffset(moment)
  const local = new Date(moment.time + offset * 60_000)
  const [year, month, day] = [local.getUTCFullYear(), local.getUTCMonth() + 1, local.getUTCDate()]
  const [hour, minute, second] = [local.getUTCHours(), local.getUTCMinutes(), local.getUTCSeconds()]
  const two = (value: number) => String(value).padStart(2, '0')
  const half = hour % 12 || 12
  const yearDay = Math.floor((Date.UTC(year, month - 1, day) - Date.UTC(year, 0, 1)) / 86_400_000) + 1
  return layout.replace(LAYOUT, (part) => {
    if (/^[.,]/.test(part)) return formatFraction(local.getUTCMilliseconds(), part)
    if (/^(?:-|Z)07/.test(part)) return formatOffset(offset, part)
    const values: Record<string, string> = {
      January: MONTHS[month - 1] ?? '',
      Jan: MONTHS[month - 1]?.slice(0, 3) ?? '',
      Monday: DAYS[local.getUTCDay()] ?? '',
      Mon: DAYS[local.getUTCDay()]?.slice(0, 3) ?? '',
      MST: zoneName(moment, offset),
      '2006': String(year).padStart(4, '0'),
      '002': String(yearDay).padStart(3, '0'),
      __2: String(yearDay).padStart(3, ' '),
      _2: String(day).padStart(2, ' '),
      '01': two(month),
      '02': two(day),
      '03': two(half),
      '04': two(minute),
      '05': two(second),
      '06': two(year % 100),
      '15': two(hour),
      PM: hour < 12 ? 'AM' : 'PM',
      pm: hour < 12 ? 'am' : 'pm',
      '1': String(month),
      '2': String(day),
      '3': String(half),
      '4': String(minute),
      '5': String(second),
      '6': '6',
    }
    return values[part] ?? part
  })
}

function formatFraction(milliseconds: number, part: string): string {
  const digits = String(milliseconds)
    .padStart(3, '0')
    .padEnd(part.length - 1, '0')
    .slice(0, part.length - 1)
  if (part[1] === '0') return part[0] + digits
  const trimmed = digits.replace(/0+$/, '')
  return trimmed === '' ? '' : part[0] + trimmed
}

function formatOffset(offset: number, part: string): string {
  if (part.startsWith('Z') && offset === 0) return 'Z'
  const hours = String(Math.floor(Math.abs(offset) / 60)).padStart(2, '0')
  const minutes = String(Math.abs(offset) % 60).padStart(2, '0')
  const sign = offset < 0 ? '-' : '+'
  if (part.endsWith('07')) return sign + hours
  return sign + hours + (part.includes(':') ? ':' : '') + minutes
}

/** Minutes east of Greenwich at that moment. */
function zoneOffset({ time, zone }: GoTime): number {
  const fixed = /^([+-])(\d\d):(\d\d)$/.exec(zone)
  if (fixed) return (fixed[1] === '-' ? -1 : 1) * (Number(fixed[2]) * 60 + Number(fixed[3]))
  if (zone === 'UTC') return 0
  const name = zonePart(time, zone, 'longOffset', 'en-US')
  const match = /([+-])(\d\d):(\d\d)/.exec(name)
  return match ? (match[1] === '-' ? -1 : 1) * (Number(match[2]) * 60 + Number(match[3])) : 0
}

/** The abbreviation where the platform knows one, else the offset. */
function zoneName({ time, zone }: GoTime, offset: number): string {
  if (zone === 'UTC') return 'UTC'
  if (!/^[+-]/.test(zone)) {
    for (const locale of ['en-US', 'en-GB', 'en-AU']) {
      const name = zonePart(time, zone, 'short', locale)
      if (!/\d/.test(name)) return name
    }
  }
  return formatOffset(offset, '-0700')
}

function zonePart(time: number, zone: string, style: 'short' | 'longOffset', locale: string): string {
  const parts = new Intl.DateTimeFormat(locale, { timeZone: zone, timeZoneName: style }).formatToParts(time)
  return parts.find((part) => part.type === 'timeZoneName')?.value ?? ''
}

/** As Go's time.ParseInLocation; undefined when the text doesn't fit the layout. */
export function parseTime(layout: string, text: string, zone: string): GoTime | undefined {
  const found = new Map<string, string>()
  const pattern = readingPattern(layout)
  const match = pattern.exec(text)
  if (!match) return undefined
  for (const [name, value] of Object.entries(match.groups ?? {}))
    if (value !== undefined) found.set(name[0] ?? '', value)
  const number = (name: string, otherwise: number) => (found.has(name) ? Number(found.get(name)) : otherwise)
  const monthName = found.get('M')?.toLowerCase()
  const month = monthName
    ? MONTHS.findIndex((name) => name.slice(0, 3).toLowerCase() === monthName.slice(0, 3)) + 1
    : number('m', 1)
  const shortYear = number('y', 0)
  const year = found.has('y') ? shortYear + (shortYear >= 69 ? 1900 : 2000) : number('Y', 0)
  const [day, minute, second] = [number('d', 1), number('i', 0), number('s', 0)]
  let hour = number('H', number('h', 0))
  const half = found.get('p')?.toLowerCase()
  if (half === 'pm' && hour < 12) hour += 12
  if (half === 'am' && hour === 12) hour = 0
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day)
  if (month < 1 || date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return undefined
  if (hour > 23 || minute > 59 || second > 59) return undefined
  const milliseconds = found.has('f') ? Math.floor(Number(`0.${found.get('f')}`) * 1000) : 0
  const wall = date.getTime() + ((hour * 60 + minute) * 60 + second) * 1000 + milliseconds
  const given = found.get('z')
  if (given !== undefined) {
    const offset = /^([+-])(\d\d):?(\d\d)?$/.exec(given)
    if (!offset) return new GoTime(wall, 'UTC')
    const fixed = `${offset[1]}${offset[2]}:${offset[3] ?? '00'}`
    return new GoTime(wall - zoneOffset(new GoTime(wall, fixed)) * 60_000, fixed)
  }
  const guess = new GoTime(wall, zone)
  return new GoTime(wall - zoneOffset(new GoTime(wall - zoneOffset(guess) * 60_000, zone)) * 60_000, zone)
}

/** Group names begin with the letter of what they hold; a number keeps them apart. */
function readingPattern(layout: string): RegExp {
  let index = 0
  let pattern = ''
  let end = 0
  const group = (name: string, body: string) => `(?<${name}${index++}>${body})`
  for (const match of layout.matchAll(LAYOUT)) {
    pattern += escapeText(layout.slice(end, match.index))
    end = match.index + match[0].length
    const part = match[0]
    if (/^[.,]/.test(part))
      pattern += part[1] === '0' ? `[.,]${group('f', `\\d{${part.length - 1}}`)}` : `(?:[.,]${group('f', '\\d+')})?`
    else if (/07/.test(part)) {
      const offset = part.includes(':') ? '[+-]\\d\\d:\\d\\d' : part.endsWith('0') ? '[+-]\\d{4}' : '[+-]\\d\\d'
      pattern += group('z', part.startsWith('Z') ? `Z|${offset}` : offset)
    } else {
      const [name, body] = READING[part] ?? ['x', escapeText(part)]
      pattern += group(name, body)
      // Go reads a fraction behind the seconds even when the layout has none.
      if ((part === '05' || part === '5') && !/^[.,][09]/.test(layout.slice(end)))
        pattern += `(?:[.,]${group('f', '\\d+')})?`
    }
  }
  return new RegExp(`^${pattern}${escapeText(layout.slice(end))}$`, 'i')
}

const MONTH_SHORT = MONTHS.map((name) => name.slice(0, 3)).join('|')
const READING: Readonly<Record<string, readonly [string, string]>> = {
  January: ['M', MONTHS.join('|')],
  Jan: ['M', MONTH_SHORT],
  Monday: ['w', DAYS.join('|')],
  Mon: ['w', DAYS.map((name) => name.slice(0, 3)).join('|')],
  MST: ['w', '[A-Z]{3,5}|[+-]\\d{2,4}'],
  '2006': ['Y', '\\d{4}'],
  '06': ['y', '\\d{2}'],
  '01': ['m', '\\d{2}'],
  '1': ['m', '\\d{1,2}'],
  '02': ['d', '\\d{2}'],
  _2: ['d', ' ?\\d{1,2}'],
  '2': ['d', '\\d{1,2}'],
  '15': ['H', '\\d{1,2}'],
  '03': ['h', '\\d{2}'],
  '3': ['h', '\\d{1,2}'],
  '04': ['i', '\\d{2}'],
  '4': ['i', '\\d{1,2}'],
  '05': ['s', '\\d{2}'],
  '5': ['s', '\\d{1,2}'],
  PM: ['p', 'AM|PM'],
  pm: ['p', 'am|pm'],
}
const escapeText = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&')
