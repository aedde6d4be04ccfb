// Random text for secrets and passwords, every character as likely as any other. The named character sets are Authelia's.
import { randomInt } from 'node:crypto'

const DIGITS = '0123456789'
const UPPER = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'
const LETTERS = UPPER + UPPER.toLowerCase()

export const CHARACTER_SETS = {
  ascii: Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i)).join(''),
  alphanumeric: LETTERS + DIGITS,
  alphabetic: LETTERS,
  numeric: DIGITS,
  'numeric-hex': `${DIGITS}ABCDEF`,
  /** What an address may hold without percent-encoding (RFC 3986 §2.3). */
  rfc3986: `${LETTERS}${DIGITS}-._~`,
} as const

/** @param characters at least one; a character that stands there twice is twice as likely */
export function randomText(length: number, characters: string): string {
  const choices = [...characters]
  return Array.from({ length }, () => choices[randomInt(choices.length)]).join('')
}

/** Bits of entropy of such a text. */
export const randomTextBits = (length: number, characters: string): number =>
  length * Math.log2(new Set(characters).size)

/** As in the query of an address: everything but letters, digits and `-._~` is percent-encoded, a space is `+`. */
export const urlEncoded = (text: string): string =>
  encodeURIComponent(text)
    .replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%20', '+')
