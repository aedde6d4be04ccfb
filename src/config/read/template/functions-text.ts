// Functions about text: case, cutting, replacing, quoting, indenting, digests and encodings.
import { createHash } from 'node:crypto'
import { define, integer, type TemplateFunction, text, type World } from './call.ts'
import { formatValue, quoteGo } from './format.ts'
import { TemplateError } from './template-error.ts'
import { Dict, isList, textList, type Value } from './value.ts'

export const TEXT_FUNCTIONS: Readonly<Record<string, TemplateFunction>> = {
  lower: define(['text'], ([value]) => mapCase(text(value), (char) => (char === '\u0130' ? 'i' : char.toLowerCase()))),
  upper: define(['text'], ([value]) => mapCase(text(value), (char) => char.toUpperCase())),
  title: define(['text'], ([value]) => mapCase(text(value), (char) => char.toUpperCase())),
  trim: define(['text'], ([value]) => trimSpaces(text(value))),
  trimAll: define(['text', 'text'], ([cut, value]) => trimAll(text(value), text(cut))),
  trimSuffix: define(['text', 'text'], ([cut, value]) =>
    text(value).endsWith(text(cut)) ? cutEnd(value, cut) : value,
  ),
  trimPrefix: define(['text', 'text'], ([cut, value]) =>
    text(value).startsWith(text(cut)) ? text(value).slice(text(cut).length) : value,
  ),
  contains: define(['text', 'text'], ([part, value]) => text(value).includes(text(part))),
  hasPrefix: define(['text', 'text'], ([part, value]) => text(value).startsWith(text(part))),
  hasSuffix: define(['text', 'text'], ([part, value]) => text(value).endsWith(text(part))),
  replace: define(['text', 'text', 'text'], ([old, by, value], { budget }) => {
    const parts = split(text(value), text(old), true)
    budget.text(text(value).length + parts.length * text(by).length)
    return parts.join(text(by))
  }),
  split: define(['text', 'text'], ([separator, value]) => {
    const parts = split(text(value), text(separator))
    return new Dict(
      parts.map((part, index) => [`_${index}`, part]),
      true,
    )
  }),
  splitList: define(['text', 'text'], ([separator, value]) => textList(split(text(value), text(separator)))),
  join: define(['text', 'any'], ([separator, value], { budget }) => {
    const parts = asTexts(value, budget)
    budget.text(parts.reduce((sum, part) => sum + part.length + text(separator).length, 0))
    return parts.join(text(separator))
  }),
  quote: define([], (values, world) => quoteAll(values, world, (value) => quoteGo(value)), 'any'),
  squote: define([], (values, world) => quoteAll(values, world, (value) => `'${value}'`), 'any'),
  mquote: define(
    [],
    (values, world) =>
      quoteAll(
        values,
        world,
        unlessLines((value) => quoteGo(value)),
      ),
    'any',
  ),
  msquote: define(
    [],
    (values, world) =>
      quoteAll(
        values,
        world,
        unlessLines((value) => `'${value}'`),
      ),
    'any',
  ),
  indent: define(['integer', 'text'], ([columns, value], world) => indent(integer(columns), text(value), world)),
  nindent: define(
    ['integer', 'text'],
    ([columns, value], world) => `\n${indent(integer(columns), text(value), world)}`,
  ),
  // Several lines become a block scalar, one line stays.
  mindent: define(['integer', 'text', 'text'], ([columns, style, value], world) =>
    text(value).includes('\n') ? `${text(style)}\n${indent(integer(columns), text(value), world)}` : value,
  ),
  sha1sum: define(['text'], ([value]) => digest('sha1', value)),
  sha256sum: define(['text'], ([value]) => digest('sha256', value)),
  sha512sum: define(['text'], ([value]) => digest('sha512', value)),
  b64enc: define(['text'], ([value]) => Buffer.from(text(value)).toString('base64')),
  b64dec: define(['text'], ([value]) => decodeBase64(text(value))),
  b32enc: define(['text'], ([value]) => encodeBase32(Buffer.from(text(value)))),
  b32dec: define(['text'], ([value]) => decodeBase32(text(value))),
  urlquery: define(['text'], ([value]) => escapeQuery(text(value))),
  urlunquery: define(['text'], ([value]) => unescapeQuery(text(value))),
  urlqueryarg: define(['text', 'text'], ([url, name]) => queryArgument(text(url), text(name))),
}

const SPACE = /[\t\n\v\f\r \u0085\u00a0\p{Z}]/u
function trimSpaces(value: string): string {
  let [start, end] = [0, value.length]
  while (start < end && SPACE.test(value[start] ?? '')) start++
  while (end > start && SPACE.test(value[end - 1] ?? '')) end--
  return value.slice(start, end)
}
const cutEnd = (value: Value, cut: Value): string => text(value).slice(0, text(value).length - text(cut).length)

/** One code point to one, as Go maps case: what would become several letters stays. */
function mapCase(value: string, map: (char: string) => string): string {
  return [...value].map((char) => ([...map(char)].length === 1 ? map(char) : char)).join('')
}

function trimAll(value: string, cut: string): string {
  const set = new Set(cut)
  const chars = [...value]
  const first = chars.findIndex((char) => !set.has(char))
  const last = chars.findLastIndex((char) => !set.has(char))
  return first < 0 ? '' : chars.slice(first, last + 1).join('')
}

/** @param around whether an empty separator also matches before the first and behind the last character */
function split(value: string, separator: string, around = false): string[] {
  if (separator !== '') return value.split(separator)
  return around ? ['', ...value, ''] : [...value]
}

/** What `join` and `sortAlpha` make of a value: nil is left out of a list, anything else is a list of one. */
export function asTexts(value: Value, budget: World['budget']): string[] {
  if (value === undefined || value === null) return []
  const items = isList(value) ? value : [value]
  return items.filter((item) => item !== null && item !== undefined).map((item) => formatValue(item, budget))
}

/** nil is left out. */
function quoteAll(values: readonly Value[], { budget }: World, quote: (value: string) => string): string {
  const quoted = values
    .filter((value) => value !== null && value !== undefined)
    .map((value) => quote(formatValue(value, budget)))
  const joined = quoted.join(' ')
  budget.text(joined.length)
  return joined
}

const unlessLines =
  (quote: (value: string) => string) =>
  (value: string): string =>
    value.includes('\n') ? value : quote(value)

function indent(columns: number, value: string, { budget }: World): string {
  if (columns < 0) throw new TemplateError('the indentation must not be negative')
  const lines = value.split('\n')
  budget.text(value.length + lines.length * columns)
  const blanks = ' '.repeat(columns)
  return lines.map((line) => blanks + line).join('\n')
}

const digest = (algorithm: string, value: Value): string => createHash(algorithm).update(text(value)).digest('hex')

function decodeBase64(value: string): string {
  const compact = value.replace(/[\r\n]/g, '')
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(compact)) {
    throw new TemplateError('b64dec needs base64 with its padding')
  }
  return Buffer.from(compact, 'base64').toString('utf8')
}

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

function encodeBase32(bytes: Uint8Array): string {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('')
  const groups = bits.match(/.{1,5}/g) ?? []
  const letters = groups.map((group) => BASE32[Number.parseInt(group.padEnd(5, '0'), 2)]).join('')
  return letters.padEnd(Math.ceil(letters.length / 8) * 8, '=')
}

function decodeBase32(value: string): string {
  const compact = value.replace(/[\r\n]/g, '')
  if (compact.length % 8 !== 0 || !/^[A-Z2-7]*(?:={6}|={4}|={3}|=)?$/.test(compact)) {
    throw new TemplateError('b32dec needs base32 with its padding')
  }
  const bits = [...compact.replace(/=+$/, '')]
    .map((letter) => BASE32.indexOf(letter).toString(2).padStart(5, '0'))
    .join('')
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2))).toString('utf8')
}

/** As Go's url.QueryEscape. */
function escapeQuery(value: string): string {
  const escaped = encodeURIComponent(value.toWellFormed()).replaceAll('%20', '+')
  return escaped.replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
}

function unescapeQuery(value: string): string {
  if (/%(?![0-9a-fA-F]{2})/.test(value))
    throw new TemplateError('urlunquery needs two hexadecimal digits behind each %')
  const latin = Buffer.from(value.replaceAll('+', ' '), 'utf8').toString('latin1')
  const bytes = latin.replace(/%([0-9a-fA-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  return Buffer.from(bytes, 'latin1').toString('utf8')
}

function queryArgument(url: string, name: string): string {
  if (!URL.canParse(url)) throw new TemplateError('urlqueryarg needs a whole URL')
  return new URL(url).searchParams.get(name) ?? ''
}
