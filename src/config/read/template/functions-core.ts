// The functions that Go's text/template has by itself: comparison, printing, indexing, escaping. `and` and `or` are the evaluator's own.
import { define, describe, type TemplateFunction, text, type World } from './call.ts'
import { formatValue, print } from './format.ts'
import { printf } from './printf.ts'
import { TemplateError } from './template-error.ts'
import { compareText, Dict, isList, isTrue, kindOf, typeOf, type Value } from './value.ts'

export const CORE_FUNCTIONS: Readonly<Record<string, TemplateFunction>> = {
  not: define(['any'], ([value]) => !isTrue(value)),
  len: define(['any'], ([value]) => BigInt(length(value))),
  index: define(['any'], ([value, ...keys]) => keys.reduce<Value>(indexOne, value), 'any'),
  slice: define(['any'], ([value, ...bounds]) => slice(value, bounds), 'any'),
  call: define(['any'], ([value]) => fail(`call needs a function, not ${describe(value)}`), 'any'),
  print: define([], (values, { budget }) => print(values, budget), 'any'),
  println: define(
    [],
    (values, world) => `${values.map((value) => formatValue(value, world.budget)).join(' ')}\n`,
    'any',
  ),
  printf: define(['text'], ([format, ...values], { budget }) => printf(text(format), values, budget), 'any'),
  html: define([], (values, world) => escapeHtml(evalArgs(values, world)), 'any'),
  js: define([], (values, world) => escapeJs(evalArgs(values, world)), 'any'),
  eq: define(
    ['any'],
    ([first, ...others]) => {
      if (others.length === 0) fail('eq needs at least two arguments')
      return others.map((other) => isEqual(first, other)).some(Boolean)
    },
    'any',
  ),
  ne: define(['any', 'any'], ([a, b]) => !isEqual(a, b)),
  lt: define(['any', 'any'], ([a, b]) => order(a, b) < 0),
  le: define(['any', 'any'], ([a, b]) => order(a, b) <= 0),
  gt: define(['any', 'any'], ([a, b]) => order(a, b) > 0),
  ge: define(['any', 'any'], ([a, b]) => order(a, b) >= 0),
}

function fail(message: string): never {
  throw new TemplateError(message)
}

function length(value: Value): number {
  if (typeof value === 'string') return Buffer.byteLength(value)
  if (isList(value)) return value.length
  if (value instanceof Dict) return value.entries.size
  return fail(`len needs a text, list or map, not ${describe(value)}`)
}

function indexOne(value: Value, key: Value): Value {
  if (value === undefined || value === null) return fail('index of nil')
  if (value instanceof Dict) {
    if (typeof key !== 'string') return fail(`a map is indexed by a text, not ${describe(key)}`)
    return value.entries.has(key) ? value.entries.get(key) : value.ofText ? '' : undefined
  }
  if (!isList(value) && typeof value !== 'string')
    return fail(`index needs a list, map or text, not ${describe(value)}`)
  if (typeof key !== 'bigint') return fail(`a list is indexed by a whole number, not ${describe(key)}`)
  const size = length(value)
  if (key < 0n || key >= size) return fail(`index out of range: ${key}`)
  return typeof value === 'string' ? BigInt(Buffer.from(value)[Number(key)] ?? 0) : value[Number(key)]
}

/** Texts are cut by bytes. */
function slice(value: Value, bounds: readonly Value[]): Value {
  if (!isList(value) && typeof value !== 'string') return fail(`slice needs a list or text, not ${describe(value)}`)
  if (bounds.length > (isList(value) ? 3 : 2)) fail('slice has too many bounds')
  const size = length(value)
  const [from = 0, to = size] = bounds.map((bound) => {
    if (typeof bound !== 'bigint') return fail(`slice needs whole numbers, not ${describe(bound)}`)
    return bound < 0n || bound > size ? fail(`index out of range: ${bound}`) : Number(bound)
  })
  if (from > to) fail(`slice from ${from} to ${to}`)
  return isList(value) ? value.slice(from, to) : Buffer.from(value).subarray(from, to).toString('utf8')
}

/** One text stays as it is; anything else is printed. */
function evalArgs(values: readonly Value[], { budget }: World): string {
  const [only] = values
  if (values.length === 1 && typeof only === 'string') return only
  if (values.length === 1 && (only === undefined || only === null)) return '<no value>'
  return print(values, budget)
}

const HTML = new Map([
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['&', '&amp;'],
  ['"', '&#34;'],
  ["'", '&#39;'],
  ['\0', '\ufffd'],
])
const escapeHtml = (value: string): string => value.replace(/[<>&"'\0]/g, (char) => HTML.get(char) ?? char)

const JS = new Map([
  ['\\', '\\\\'],
  ["'", "\\'"],
  ['"', '\\"'],
])
function escapeJs(value: string): string {
  return value.replace(/[\\'"<>&=\x00-\x1f\x7f]|[\p{C}\p{Zl}\p{Zp}]/gu, (char) => {
    const code = (char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')
    return JS.get(char) ?? `\\u${code}`
  })
}

function isEqual(a: Value, b: Value): boolean {
  const [left, right] = [kindOf(a), kindOf(b)]
  for (const value of [a, b])
    if (isList(value) || value instanceof Dict) fail(`${describe(value)} can't be compared; try deepEqual`)
  if (left === 'invalid' || right === 'invalid') return left === right
  if (left !== right)
    fail(`${describe(a)} and ${describe(b)} of different types (${typeOf(a)}, ${typeOf(b)}) can't be compared`)
  return a === b
}

function order(a: Value, b: Value): number {
  if (kindOf(a) !== kindOf(b)) fail(`${typeOf(a)} and ${typeOf(b)} can't be compared`)
  if (typeof a === 'string' && typeof b === 'string') return compareText(a, b)
  if (typeof a === 'bigint' && typeof b === 'bigint') return a < b ? -1 : Number(a > b)
  if (typeof a === 'number' && typeof b === 'number') return a < b ? -1 : a === b ? 0 : a > b ? 1 : Number.NaN
  return fail(`${describe(a)} has no order`)
}
