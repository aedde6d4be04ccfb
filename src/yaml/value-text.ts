// Values as YAML text to be put into a file that a person wrote: text in quotes, everything such that readers of YAML 1.1 and 1.2 agree on it.
import { plainValue } from './scalar-value.ts'
import type { YamlValue } from './write.ts'

export type Quotes = 'plain' | 'single' | 'double'

/** What some reader of YAML 1.1 takes for a boolean. */
const BOOLEAN_WORD = /^(?:y|yes|n|no|on|off)$/i
const SAFE_PLAIN = /^[A-Za-z_][\w.@+-]*(?: [\w.@+-]+)*$/
/** What single quotes can't hold on one line, or YAML doesn't call printable. */
const NEEDS_ESCAPES = /[^\u0020-\u007e\u00a0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\u{10000}-\u{10ffff}]/u

/** @param quotes used where the value allows it */
function scalarText(value: null | string | boolean | number | bigint, quotes: Quotes = 'single'): string {
  if (typeof value !== 'string') return String(value)
  if (NEEDS_ESCAPES.test(value)) return doubleQuoted(value)
  if (
    quotes === 'plain' &&
    SAFE_PLAIN.test(value) &&
    !BOOLEAN_WORD.test(value) &&
    plainValue(value).type === 'string'
  ) {
    return value
  }
  return quotes === 'double' ? doubleQuoted(value) : `'${value.replaceAll("'", "''")}'`
}

/** On one line, in braces and brackets. */
export function flowText(value: YamlValue, quotes: Quotes = 'single'): string {
  if (value instanceof Map) {
    const pairs = [...(value as ReadonlyMap<string, YamlValue>)]
    return `{${pairs.map(([key, item]) => `${keyText(key, quotes)}: ${flowText(item, quotes)}`).join(', ')}}`
  }
  if (Array.isArray(value))
    return `[${(value as readonly YamlValue[]).map((item) => flowText(item, quotes)).join(', ')}]`
  return scalarText(value as string, quotes)
}

export const keyText = (key: string, quotes: Quotes = 'single'): string =>
  scalarText(key, quotes === 'double' ? 'double' : 'plain')

export interface BlockStyle {
  /** What one level is indented by. */
  readonly step: string
  readonly eol: string
}

/** A pair as whole lines, each indented by at least `indent` and ended. */
export function pairLines(indent: string, key: string, value: YamlValue, style: BlockStyle): string {
  return `${indent}${keyText(key)}:${below(indent, value, style)}`
}

/** An item of a list as whole lines. */
export function itemLines(indent: string, value: YamlValue, style: BlockStyle, quotes: Quotes = 'single'): string {
  return `${indent}- ${flowText(value, quotes)}${style.eol}`
}

/** What stands behind a colon: on the same line, or in lines below it. Ended either way. */
export function below(indent: string, value: YamlValue, style: BlockStyle): string {
  const inner = indent + style.step
  if (value instanceof Map && value.size > 0) {
    const pairs = [...(value as ReadonlyMap<string, YamlValue>)]
    return style.eol + pairs.map(([key, item]) => pairLines(inner, key, item, style)).join('')
  }
  if (Array.isArray(value) && value.length > 0) {
    return style.eol + (value as readonly YamlValue[]).map((item) => itemLines(inner, item, style)).join('')
  }
  return ` ${flowText(value)}${style.eol}`
}

const doubleQuoted = (text: string): string =>
  JSON.stringify(text).replace(/[^\u0020-\u007e]/gu, (char) =>
    NEEDS_ESCAPES.test(char) ? [...char].map(escapeUnit).join('') : char,
  )
const escapeUnit = (char: string): string => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`
