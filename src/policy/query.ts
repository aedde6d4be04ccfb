// The `query` criterion. Servers disagree on which of two equal keys counts and on what a malformed pair means, so every value is looked at:
// where all agree the condition holds or doesn't, and where they don't it is uncertain.
import type { Pattern } from './pattern.ts'

export type QueryCondition = { readonly operator: 'present' | 'absent'; readonly key: string } | ValueCondition
type ValueCondition =
  | { readonly operator: 'equal' | 'not equal'; readonly key: string; readonly value: string }
  | { readonly operator: 'pattern' | 'not pattern'; readonly key: string; readonly value: Pattern }

export type Truth = 'hit' | 'miss' | 'may-be'

interface Values {
  /** Values of well-formed pairs, as Authelia reads them. */
  readonly certain: string[]
  /** Values that some servers see under this key: of pairs with a `;` (also behind it) or a broken escape, and of `key[]`. */
  readonly uncertain: string[]
}
export type QueryValues = ReadonlyMap<string, Values>

const ABSENT: Values = { certain: [], uncertain: [] }
export const NO_QUERY: QueryValues = new Map()

/** Reads a raw query without '?': `+` is a space, keys are case-sensitive, a pair with `;` or a broken escape counts as uncertain. */
export function readQuery(query: string | undefined): QueryValues {
  if (query === undefined || query === '') return NO_QUERY
  const values = new Map<string, Values>()
  const of = (key: string): Values => {
    const known = values.get(key)
    if (known) return known
    const fresh: Values = { certain: [], uncertain: [] }
    values.set(key, fresh)
    return fresh
  }
  for (const pair of query.split('&')) {
    if (pair === '') continue
    // some servers begin a new pair at ';', for others it is text
    const [first = '', ...afterSemicolon] = pair.split(';')
    const { key, value, broken } = readPair(first.includes('=') ? pair : first)
    of(key)[broken || afterSemicolon.length > 0 ? 'uncertain' : 'certain'].push(value)
    const bracket = key.indexOf('[')
    if (bracket > 0) of(key.slice(0, bracket)).uncertain.push(value)
    for (const hidden of afterSemicolon.map(readPair)) of(hidden.key).uncertain.push(hidden.value)
  }
  return values
}

/** OR of ANDs. */
export function queryTruth(condition: readonly (readonly QueryCondition[])[], values: QueryValues): Truth {
  let best: Truth = 'miss'
  for (const all of condition) {
    let worst: Truth = 'hit'
    for (const one of all) {
      const truth = conditionTruth(one, values)
      if (truth === 'miss') worst = 'miss'
      else if (truth === 'may-be' && worst === 'hit') worst = 'may-be'
    }
    if (worst === 'hit') return 'hit'
    if (worst === 'may-be') best = 'may-be'
  }
  return best
}

function conditionTruth(condition: QueryCondition, values: QueryValues): Truth {
  const { certain, uncertain } = values.get(condition.key) ?? ABSENT
  if ('value' in condition) return valueTruth(condition, certain, uncertain)
  if (certain.length === 0 && uncertain.length > 0) return 'may-be'
  return certain.length > 0 === (condition.operator === 'present') ? 'hit' : 'miss'
}

function valueTruth(condition: ValueCondition, certain: readonly string[], uncertain: readonly string[]): Truth {
  // a missing key counts as ''
  let holds = certain.length === 0 && valueHolds(condition, '') ? 1 : 0
  for (const value of certain) if (valueHolds(condition, value)) holds++
  for (const value of uncertain) if (valueHolds(condition, value)) holds++
  if (holds === 0) return 'miss'
  return holds === Math.max(certain.length, 1) + uncertain.length ? 'hit' : 'may-be'
}

function valueHolds(condition: ValueCondition, value: string): boolean {
  switch (condition.operator) {
    case 'equal':
      return value === condition.value
    case 'not equal':
      return value !== condition.value
    case 'pattern':
      return condition.value.test(value)
    case 'not pattern':
      return !condition.value.test(value)
  }
}

function readPair(pair: string): { key: string; value: string; broken: boolean } {
  const equals = pair.indexOf('=')
  const key = decodeForm(equals < 0 ? pair : pair.slice(0, equals))
  const value = equals < 0 ? { text: '', broken: false } : decodeForm(pair.slice(equals + 1))
  return { key: key.text, value: value.text, broken: key.broken || value.broken }
}

const ESCAPES = /(?:%[0-9A-Fa-f]{2})+/g

/** Form decoding; escapes that are broken stay as they are. */
function decodeForm(text: string): { text: string; broken: boolean } {
  const spaced = text.includes('+') ? text.replaceAll('+', ' ') : text
  if (!spaced.includes('%')) return { text: spaced, broken: false }
  const broken = /%(?![0-9A-Fa-f]{2})/.test(spaced)
  return {
    text: spaced.replace(ESCAPES, (run) => Buffer.from(run.replaceAll('%', ''), 'hex').toString('utf8')),
    broken,
  }
}
