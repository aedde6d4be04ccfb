// Values as text: Go's `%v`, its quoting of strings, and `print`.
import type { Budget } from './budget.ts'
import { formatFloat } from './go-number.ts'
import { formatTime } from './go-time.ts'
import { Dict, FoundFile, isList, type Value } from './value.ts'

/** `%v`: lists as `[a b]`, maps as `map[k:v]`, nil as `<nil>`. @throws TemplateError beyond the budget */
export function formatValue(value: Value, budget: Budget): string {
  return formatNested(value, budget, 0, (leaf) => formatLeaf(leaf))
}

export type Leaf = Exclude<Value, readonly Value[] | Dict>

/** Applies `leaf` to everything that isn't a list or a map, as Go applies a verb to the elements. */
export function formatNested(value: Value, budget: Budget, depth: number, leaf: (value: Leaf) => string): string {
  budget.step()
  budget.depth(depth)
  let text: string
  if (isList(value)) text = `[${value.map((item) => formatNested(item, budget, depth + 1, leaf)).join(' ')}]`
  else if (value instanceof Dict) {
    const pairs = value.sorted().map(([key, item]) => `${leaf(key)}:${formatNested(item, budget, depth + 1, leaf)}`)
    text = `map[${pairs.join(' ')}]`
  } else text = leaf(value as Leaf)
  budget.text(text.length)
  return text
}

export function formatLeaf(value: Leaf): string {
  if (value === undefined || value === null) return '<nil>'
  if (typeof value === 'number') return formatFloat(value)
  if (typeof value !== 'object') return String(value)
  if (value instanceof FoundFile) return `{${[...value.fields.values()].join(' ')}}`
  return formatTime(value, '2006-01-02 15:04:05.999999999 -0700 MST')
}

/** Blanks between operands where neither side is a text, as fmt.Sprint does. */
export function print(values: readonly Value[], budget: Budget): string {
  let text = ''
  values.forEach((value, index) => {
    const before = values[index - 1]
    if (index > 0 && typeof value !== 'string' && typeof before !== 'string') text += ' '
    text += formatValue(value, budget)
    budget.text(text.length)
  })
  return text
}

const SHORT = new Map<string, string>([
  ['\x07', '\\a'],
  ['\b', '\\b'],
  ['\f', '\\f'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
  ['\v', '\\v'],
  ['\\', '\\\\'],
])

/** As Go's strconv.Quote; with `ascii` nothing beyond ASCII stays as it is. */
export function quoteGo(text: string, quote = '"', ascii = false): string {
  let quoted = ''
  for (const char of text) {
    const code = char.codePointAt(0) ?? 0
    if (char === quote) quoted += `\\${quote}`
    else if (SHORT.has(char)) quoted += SHORT.get(char)
    else if (code < 0x20 || code === 0x7f) quoted += `\\x${code.toString(16).padStart(2, '0')}`
    else if ((ascii && code > 0x7e) || (code > 0x7e && /[\p{C}\p{Z}]/u.test(char))) {
      quoted += code > 0xffff ? `\\U${code.toString(16).padStart(8, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`
    } else quoted += char
  }
  return quote + quoted + quote
}
