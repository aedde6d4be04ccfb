// Authelia's conversions of one scalar: text from numbers and booleans, booleans and whole numbers from text in Go's notations.
import type { ScalarNode } from '../yaml/node.ts'
import type { ScalarShape } from './shape.ts'

export type ScalarResult =
  | { readonly kind: 'ok'; readonly value: string | number | boolean; readonly note?: string }
  | { readonly kind: 'failed' }

/** Seconds; more than any duration can be. */
const LONGEST = 1e12

const FAILED: ScalarResult = { kind: 'failed' }
const ok = (value: string | number | boolean, note?: string): ScalarResult => ({
  kind: 'ok',
  value,
  ...(note ? { note } : {}),
})

const TRUE = /^(?:1|t|T|true|True|TRUE)$/
const FALSE = /^(?:|0|f|F|false|False|FALSE)$/
const INTEGER = /^[+-]?(?:0[xX](?:_?[0-9a-fA-F])+|0[bB](?:_?[01])+|0[oO]?(?:_?[0-7])+|0|[1-9](?:_?\d)*)$/

/** `scalar` is not null. */
export function scalarTo(scalar: ScalarNode, shape: ScalarShape): ScalarResult {
  if (scalar.type === 'timestamp') return FAILED
  switch (shape.type) {
    case 'boolean':
      return toBoolean(scalar)
    case 'integer':
      return toInteger(scalar)
    case 'string':
      return takesNumber(shape) ? toDurationText(scalar) : toText(scalar, shape)
  }
}

const takesNumber = (shape: ScalarShape): boolean =>
  shape.format === 'duration' || shape.format === 'duration-or-never' || shape.format === 'refresh-interval'

function toBoolean(scalar: ScalarNode): ScalarResult {
  if (scalar.type === 'boolean') return ok(scalar.value)
  if (typeof scalar.value === 'number') return ok(scalar.value !== 0)
  if (TRUE.test(scalar.text)) return ok(true)
  return FALSE.test(scalar.text) ? ok(false) : FAILED
}

function toInteger(scalar: ScalarNode): ScalarResult {
  if (scalar.type === 'boolean') return ok(scalar.value ? 1 : 0)
  if (typeof scalar.value === 'number') return Number.isFinite(scalar.value) ? ok(Math.trunc(scalar.value)) : FAILED
  const text = String(scalar.value)
  if (text === '') return ok(0)
  if (!INTEGER.test(text)) return FAILED
  const digits = text.replaceAll('_', '').replace(/^[+-]/, '').toLowerCase()
  const value = Number(/^0[0-7]+$/.test(digits) ? `0o${digits.slice(1)}` : digits)
  return ok(text.startsWith('-') ? -value : value)
}

/** A whole number is seconds; a truth value is no time. */
function toDurationText(scalar: ScalarNode): ScalarResult {
  if (scalar.type === 'boolean') return FAILED
  if (typeof scalar.value !== 'number') return ok(String(scalar.value))
  return ok(Number.isNaN(scalar.value) ? 0 : Math.max(-LONGEST, Math.min(LONGEST, scalar.value)))
}

function toText(scalar: ScalarNode, shape: ScalarShape): ScalarResult {
  if (scalar.type === 'string') return ok(cased(scalar.value, shape))
  if (shape.strict || isStructured(shape)) return FAILED
  const value = scalar.type === 'boolean' ? (scalar.value ? '1' : '0') : numberText(scalar)
  const changed = value !== scalar.text
  return ok(
    cased(value, shape),
    changed ? 'is no text and changes when it is read as one; put it in quotes' : undefined,
  )
}

/** Authelia reads these into structures of their own, which take nothing but text. */
const isStructured = (shape: ScalarShape): boolean =>
  shape.format !== undefined && /(?:address|url|regex|tls-version|mail|uuid|pem-.*)$/.test(shape.format)

/** As Go formats numbers: without exponent, digits beyond 2^53 kept. */
function numberText(scalar: ScalarNode): string {
  if (scalar.type === 'integer' && /^[+-]?[1-9]\d*$/.test(scalar.text)) return scalar.text.replace('+', '')
  const value = scalar.value as number
  return Math.abs(value) >= 1e21 ? BigInt(value).toString() : String(value)
}

function cased(text: string, shape: ScalarShape): string {
  if (shape.letterCase === undefined) return text
  return shape.letterCase === 'upper' ? text.toUpperCase() : text.toLowerCase()
}
