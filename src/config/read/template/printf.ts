// Go's fmt.Sprintf for the values of templates: flags, width, precision, `*`, argument indexes and its way of reporting mistakes in the text.
import type { Budget } from './budget.ts'
import { formatLeaf, formatNested, formatValue, type Leaf, quoteGo } from './format.ts'
import { formatExponent, formatFixed, formatFloat } from './go-number.ts'
import { TemplateError } from './template-error.ts'
import { Dict, isList, typeOf, type Value } from './value.ts'

interface Spec {
  readonly minus: boolean
  readonly plus: boolean
  readonly sharp: boolean
  readonly space: boolean
  readonly zero: boolean
  readonly width: number | undefined
  readonly precision: number | undefined
}

/** Wider than any line of a configuration. */
const MAX_WIDTH = 10_000
const DIRECTIVE = /%([-+# 0]*)(?:\[(\d+)\])?(\*|\d+)?(?:\.(?:\[(\d+)\])?(\*|\d+)?)?(?:\[([^\]]*)\])?(.|\n|$)/gu

/** @throws TemplateError when the text grows beyond the budget */
export function printf(format: string, values: readonly Value[], budget: Budget): string {
  let next = 0
  let reordered = false
  const take = (): { readonly value: Value } | undefined => {
    const index = next++
    return index < values.length && index >= 0 ? { value: values[index] } : undefined
  }
  const jump = (index: string | undefined): boolean => {
    if (index === undefined) return true
    reordered = true
    next = /^\d+$/.test(index) ? Number(index) - 1 : -1
    return next >= 0 && next < values.length
  }
  let output = ''
  let end = 0
  for (const match of format.matchAll(DIRECTIVE)) {
    output += format.slice(end, match.index)
    end = match.index + match[0].length
    const [whole, flags = '', widthIndex, width, precisionIndex, precision, index, verb = ''] = match
    let good = jump(widthIndex)
    const measure = (text: string | undefined, name: string): number | undefined => {
      if (text !== '*') return text === undefined ? undefined : Number(text)
      const value = take()?.value
      if (typeof value === 'bigint' && value <= MAX_WIDTH && value >= -MAX_WIDTH) return Number(value)
      output += `%!(BAD${name})`
      return undefined
    }
    const columns = measure(width, 'WIDTH')
    good = jump(precisionIndex) && good
    const hasPoint =
      precision !== undefined || /\./.test(whole.slice(0, -verb.length || undefined).replace(/\[[^\]]*\]/g, ''))
    const digits = precision === undefined && hasPoint && verb !== '.' ? 0 : measure(precision, 'PREC')
    if (Math.max(Math.abs(columns ?? 0), digits ?? 0) > MAX_WIDTH)
      throw new TemplateError('a width in printf is too large')
    good = jump(index) && good
    if (verb === '%') output += '%'
    else if (verb === '') output += '%!(NOVERB)'
    else if (!good) output += `%!${verb}(BADINDEX)`
    else {
      const minus = flags.includes('-') || (columns ?? 0) < 0
      const argument = take()
      const spec: Spec = {
        minus,
        // Behind %+v stands the form for structs, which there are none of.
        plus: flags.includes('+') && verb !== 'v',
        sharp: flags.includes('#'),
        space: flags.includes(' '),
        zero: flags.includes('0') && !minus,
        width: columns === undefined ? undefined : Math.abs(columns),
        precision: digits !== undefined && digits < 0 ? undefined : digits,
      }
      output += argument ? formatArgument(argument.value, verb, spec, budget) : `%!${verb}(MISSING)`
    }
    budget.text(output.length)
  }
  output += format.slice(end)
  if (!reordered && next < values.length) {
    const extra = values
      .slice(next)
      .map((value) => (value == null ? '<nil>' : `${typeOf(value)}=${formatValue(value, budget)}`))
    output += `%!(EXTRA ${extra.join(', ')})`
  }
  return output
}

function formatArgument(value: Value, verb: string, spec: Spec, budget: Budget): string {
  if (verb === 'T') return pad(typeOf(value), spec)
  if (spec.sharp && verb === 'v') return pad(goSyntax(value, budget, 0), spec)
  if (value === undefined || value === null) return verb === 'v' ? pad('<nil>', spec) : `%!${verb}(<nil>)`
  return formatNested(value, budget, 0, (leaf) => formatOne(leaf, verb, spec))
}

function formatOne(value: Leaf, verb: string, spec: Spec): string {
  const bad = () => (value == null ? `%!${verb}(<nil>)` : `%!${verb}(${typeOf(value)}=${formatLeaf(value)})`)
  if (value === undefined || value === null) return verb === 'v' ? pad('<nil>', spec) : bad()
  if (typeof value === 'string') return formatText(value, verb, spec) ?? bad()
  if (typeof value === 'boolean') return verb === 't' || verb === 'v' ? pad(String(value), spec) : bad()
  if (typeof value === 'bigint') return formatInteger(value, verb, spec) ?? bad()
  if (typeof value === 'number') return formatReal(value, verb, spec) ?? bad()
  return verb === 'v' || verb === 's' ? pad(formatLeaf(value), spec) : bad()
}

function formatText(value: string, verb: string, spec: Spec): string | undefined {
  const text = spec.precision === undefined ? value : [...value].slice(0, spec.precision).join('')
  if (verb === 's' || verb === 'v') return pad(text, spec)
  if (verb === 'q')
    return pad(
      spec.sharp && !/[`\x00-\x08\x0a-\x1f\x7f]/.test(text) ? `\`${text}\`` : quoteGo(text, '"', spec.plus),
      spec,
    )
  if (verb !== 'x' && verb !== 'X') return undefined
  const bytes = [...Buffer.from(value)].slice(0, spec.precision).map((byte) => byte.toString(16).padStart(2, '0'))
  const prefix = spec.sharp && bytes.length > 0 ? '0x' : ''
  const hex = spec.space ? bytes.map((byte) => prefix + byte).join(' ') : prefix + bytes.join('')
  return pad(verb === 'X' ? hex.toUpperCase() : hex, spec)
}

function formatInteger(value: bigint, verb: string, spec: Spec): string | undefined {
  const radix = { d: 10, v: 10, b: 2, o: 8, O: 8, x: 16, X: 16 }[verb]
  if (radix === undefined) {
    const code = value >= 0n && value <= 0x10ffffn ? Number(value) : 0xfffd
    if (verb === 'c') return pad(String.fromCodePoint(code), spec)
    if (verb === 'q') return pad(quoteGo(String.fromCodePoint(code), "'", spec.plus), spec)
    if (verb === 'U') return pad(`U+${value.toString(16).toUpperCase().padStart(4, '0')}`, spec)
    return undefined
  }
  const negative = value < 0n
  let digits = (negative ? -value : value).toString(radix)
  if (verb === 'X') digits = digits.toUpperCase()
  if (spec.precision !== undefined) digits = digits.padStart(spec.precision, '0')
  let prefix = ''
  if (verb === 'O') prefix = '0o'
  else if (spec.sharp) prefix = { b: '0b', o: '0', x: '0x', X: '0X' }[verb] ?? ''
  return padNumber(
    sign(negative, spec) + prefix,
    digits,
    spec.precision === undefined ? spec : { ...spec, zero: false },
  )
}

function formatReal(value: number, verb: string, spec: Spec): string | undefined {
  if (!'eEfFgGv'.includes(verb)) return undefined
  const negative = value < 0 || Object.is(value, -0)
  const size = Math.abs(value)
  let text: string
  if (!Number.isFinite(value)) text = Number.isNaN(value) ? 'NaN' : 'Inf'
  else if (verb === 'e' || verb === 'E') text = withExponent(size.toExponential(Math.min(spec.precision ?? 6, 100)))
  else if (verb === 'f' || verb === 'F') text = fixed(size, spec.precision ?? 6)
  else if (spec.precision === undefined) text = formatFloat(size)
  else text = significant(size, spec.precision || 1)
  if (verb === 'E' || verb === 'G') text = text.toUpperCase()
  const lead = sign(negative, spec) || (text === 'Inf' && verb === 'v' ? '+' : '')
  return Number.isFinite(value) ? padNumber(lead, text, spec) : pad(lead + text, spec)
}

function fixed(size: number, precision: number): string {
  return size < 1e21 && precision <= 100
    ? size.toFixed(precision)
    : `${formatFixed(size)}${precision > 0 ? `.${'0'.repeat(precision)}` : ''}`
}

const withExponent = (text: string): string => {
  const [mantissa = '0', exponent = '0'] = text.split('e')
  return `${mantissa}e${formatExponent(Number(exponent))}`
}

function significant(size: number, precision: number): string {
  const [mantissa = '0', exponentText = '0'] = size.toExponential(Math.min(precision, 100) - 1).split('e')
  const exponent = Number(exponentText)
  const short = mantissa.includes('.') ? mantissa.replace(/\.?0+$/, '') : mantissa
  if (exponent < -4 || exponent >= precision) return `${short}e${formatExponent(exponent)}`
  return formatFixed(Number(`${mantissa}e${exponent}`))
}

const sign = (negative: boolean, spec: Spec): string => (negative ? '-' : spec.plus ? '+' : spec.space ? ' ' : '')

function pad(text: string, spec: Spec): string {
  const missing = (spec.width ?? 0) - [...text].length
  if (missing <= 0) return text
  return spec.minus ? text + ' '.repeat(missing) : (spec.zero ? '0' : ' ').repeat(missing) + text
}

function padNumber(lead: string, digits: string, spec: Spec): string {
  const missing = (spec.width ?? 0) - lead.length - digits.length
  return spec.zero && missing > 0 ? lead + '0'.repeat(missing) + digits : pad(lead + digits, { ...spec, zero: false })
}

/** `%#v` */
function goSyntax(value: Value, budget: Budget, depth: number): string {
  budget.step()
  budget.depth(depth)
  if (typeof value === 'string') return quoteGo(value)
  if (isList(value)) return `${typeOf(value)}{${value.map((item) => goSyntax(item, budget, depth + 1)).join(', ')}}`
  if (value instanceof Dict) {
    const pairs = value.sorted().map(([key, item]) => `${quoteGo(key)}:${goSyntax(item, budget, depth + 1)}`)
    return `${typeOf(value)}{${pairs.join(', ')}}`
  }
  if (value === undefined || value === null) return depth > 0 ? 'interface {}(nil)' : '<nil>'
  return formatLeaf(value)
}
