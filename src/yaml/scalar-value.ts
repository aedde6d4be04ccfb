// Which type an unquoted scalar has: YAML 1.2's booleans and null, YAML 1.1's numbers and timestamps, as Authelia's reader mixes them.
import type { ScalarValue } from './node.ts'

const NULLS = new Set(['', '~', 'null', 'Null', 'NULL'])
const TRUES = new Set(['true', 'True', 'TRUE'])
const FALSES = new Set(['false', 'False', 'FALSE'])
const SPECIAL_FLOATS = new Map<string, number>([
  ...['.nan', '.NaN', '.NAN'].map((text) => [text, Number.NaN] as const),
  ...['.inf', '.Inf', '.INF', '+.inf', '+.Inf', '+.INF'].map((text) => [text, Number.POSITIVE_INFINITY] as const),
  ...['-.inf', '-.Inf', '-.INF'].map((text) => [text, Number.NEGATIVE_INFINITY] as const),
])
const INTEGER = /^[-+]?(?:0[bB][01]+|0[oO][0-7]+|0[xX][0-9a-fA-F]+|0[0-7]*|[1-9][0-9]*)$/
const FLOAT = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/
const DATE =
  /^(\d{4})-(\d{1,2})-(\d{1,2})(?:(?:[Tt](?=.*(?:Z|[-+]\d\d:\d\d)$)| (?!.*Z|.*[-+]\d\d:\d\d$))(\d{1,2}):(\d{1,2}):(\d{1,2})(?:\.\d+)?(?:Z|[-+]\d\d:\d\d)?)?$/

/** The value of an unquoted scalar, `!!binary` and strings excepted. */
export function plainValue(text: string): ScalarValue {
  if (NULLS.has(text)) return { type: 'null', value: null }
  if (TRUES.has(text)) return { type: 'boolean', value: true }
  if (FALSES.has(text)) return { type: 'boolean', value: false }
  const special = SPECIAL_FLOATS.get(text)
  if (special !== undefined) return { type: 'float', value: special }
  if (/^[-+0-9]/.test(text)) {
    if (isTimestamp(text)) return { type: 'timestamp', value: text }
    const digits = text.replaceAll('_', '')
    const integer = parseInteger(digits)
    if (integer !== undefined) return { type: 'integer', value: Number(integer) }
    if (FLOAT.test(digits) && Number.isFinite(Number(digits))) return { type: 'float', value: Number(digits) }
  } else if (text.startsWith('.') && FLOAT.test(text) && Number.isFinite(Number(text))) {
    return { type: 'float', value: Number(text) }
  }
  return { type: 'string', value: text }
}

/** An integer with the prefixes `0b`, `0o`, `0x` or the octal `0`, within 64 bits; undefined otherwise. */
export function parseInteger(text: string): bigint | undefined {
  if (!INTEGER.test(text)) return undefined
  const negative = text.startsWith('-')
  const digits = text.replace(/^[-+]/, '')
  const value = BigInt(/^0[0-7]+$/.test(digits) ? `0o${digits.slice(1)}` : digits.toLowerCase())
  if (negative ? value > 1n << 63n : value >= 1n << 64n) return undefined
  return negative ? -value : value
}

/** A calendar date, alone or with a time of day, that exists. */
export function isTimestamp(text: string): boolean {
  const match = DATE.exec(text)
  if (!match) return false
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match
    .slice(1)
    .map((part) => Number(part ?? 0))
  const daysInMonth = new Date(Date.UTC(year < 100 ? year + 2000 : year, month, 0)).getUTCDate()
  return month >= 1 && month <= 12 && day >= 1 && day <= daysInMonth && hour < 24 && minute < 60 && second < 60
}

/** The exact integer of an unquoted scalar, underscores allowed. */
export function plainInteger(text: string): bigint | undefined {
  return parseInteger(text.replaceAll('_', ''))
}
