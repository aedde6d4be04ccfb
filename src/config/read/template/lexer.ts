// Cuts a template into text and the tokens of its actions; trims where a marker asks for it, drops comments.
import { TemplateError } from './template-error.ts'

export type Token = { readonly offset: number } & (
  | { readonly kind: 'text'; readonly text: string }
  | {
      readonly kind:
        | 'open'
        | 'close'
        | 'space'
        | 'pipe'
        | 'declare'
        | 'assign'
        | 'comma'
        | 'left'
        | 'right'
        | 'dot'
        | 'end'
    }
  | { readonly kind: 'field' | 'variable' | 'word'; readonly text: string }
  | { readonly kind: 'string'; readonly value: string; readonly text: string }
  | { readonly kind: 'number'; readonly value: bigint | number; readonly text: string }
)

const SPACE = /[ \t\r\n]/
const WORD = /[\p{L}\p{Nd}_]/u

/** @throws TemplateError */
export function tokenize(source: string): Token[] {
  return new Lexer(source).run()
}

class Lexer {
  readonly #source: string
  readonly #tokens: Token[] = []
  #at = 0

  constructor(source: string) {
    this.#source = source
  }

  run(): Token[] {
    let trimNext = false
    for (;;) {
      const open = this.#source.indexOf('{{', this.#at)
      const trims = open >= 0 && this.#source[open + 2] === '-' && SPACE.test(this.#source[open + 3] ?? '')
      let start = this.#at
      let end = open < 0 ? this.#source.length : open
      if (trimNext) while (start < end && SPACE.test(this.#source[start] ?? '')) start++
      if (trims) while (end > start && SPACE.test(this.#source[end - 1] ?? '')) end--
      if (end > start) this.#tokens.push({ kind: 'text', offset: start, text: this.#source.slice(start, end) })
      if (open < 0) break
      this.#at = open + 2 + (trims ? 2 : 0)
      trimNext = this.#source.startsWith('/*', this.#at) ? this.#comment(open) : this.#action(open)
    }
    this.#tokens.push({ kind: 'end', offset: this.#source.length })
    return this.#tokens
  }

  /** Returns whether the text behind it is to be trimmed. */
  #comment(open: number): boolean {
    const close = this.#source.indexOf('*/', this.#at + 2)
    if (close < 0) this.#fail('the comment is not closed', open)
    const match = /^(?:[ \t\r\n]+(-))?\}\}/.exec(this.#source.slice(close + 2, close + 64))
    if (!match) this.#fail('a comment must end right before }}', close)
    this.#at = close + 2 + match[0].length
    return match[1] !== undefined
  }

  #action(open: number): boolean {
    this.#tokens.push({ kind: 'open', offset: open })
    let parens = 0
    for (;;) {
      const offset = this.#at
      const rest = this.#source.slice(offset, offset + 4)
      const trims = /^[ \t\r\n]-\}\}/.test(this.#trimMarker(offset))
      if (trims || rest.startsWith('}}')) {
        if (parens > 0) this.#fail('a parenthesis is not closed', offset)
        this.#at = trims ? this.#source.indexOf('}}', offset) + 2 : offset + 2
        this.#tokens.push({ kind: 'close', offset })
        return trims
      }
      const char = this.#source[offset]
      if (char === undefined) this.#fail('the action {{ is not closed', open)
      if (char === '(') parens++
      if (char === ')' && --parens < 0) this.#fail('there is a ) without a (', offset)
      this.#token(char, offset)
    }
  }

  /** The last blank, the dash and the braces, when only blanks stand before them. */
  #trimMarker(offset: number): string {
    let end = offset
    while (SPACE.test(this.#source[end] ?? '')) end++
    return end > offset ? this.#source.slice(end - 1, end + 3) : ''
  }

  #token(char: string, offset: number): void {
    const single = SINGLE.get(char)
    if (SPACE.test(char)) {
      while (SPACE.test(this.#source[this.#at] ?? '')) this.#at++
      this.#tokens.push({ kind: 'space', offset })
    } else if (single) {
      this.#at++
      this.#tokens.push({ kind: single, offset })
    } else if (char === ':') {
      if (this.#source[offset + 1] !== '=') this.#fail('expected :=', offset)
      this.#at += 2
      this.#tokens.push({ kind: 'declare', offset })
    } else if (char === '"') this.#string(offset)
    else if (char === '`') this.#rawString(offset)
    else if (char === "'") this.#character(offset)
    else if (/[0-9+-]/.test(char) || (char === '.' && /[0-9]/.test(this.#source[offset + 1] ?? '')))
      this.#number(offset)
    else if (char === '.' || char === '$' || WORD.test(this.#codePoint(offset))) this.#name(char, offset)
    else this.#fail(`the character ${JSON.stringify(char)} is not expected in an action`, offset)
  }

  #codePoint(offset: number): string {
    return String.fromCodePoint(this.#source.codePointAt(offset) ?? 0x20)
  }

  #name(char: string, offset: number): void {
    if (char === '.' || char === '$') this.#at++
    const start = this.#at
    while (this.#at < this.#source.length && WORD.test(this.#codePoint(this.#at))) {
      this.#at += this.#codePoint(this.#at).length
    }
    const text = this.#source.slice(start, this.#at)
    const next = this.#source[this.#at] ?? ' '
    if (!/[ \t\r\n.,|:()=]/.test(next) && !this.#source.startsWith('}}', this.#at)) {
      this.#fail(`the character ${JSON.stringify(next)} is not expected here`, this.#at, 'Put a blank before it.')
    }
    if (char === '.') this.#tokens.push(text === '' ? { kind: 'dot', offset } : { kind: 'field', offset, text })
    else this.#tokens.push({ kind: char === '$' ? 'variable' : 'word', offset, text: char === '$' ? `$${text}` : text })
  }

  #string(offset: number): void {
    let end = offset + 1
    while (this.#source[end] !== '"') {
      if (this.#source[end] === '\\') end++
      if (this.#source[end] === undefined || this.#source[end] === '\n')
        this.#fail('the quoted text is not closed', offset)
      end++
    }
    this.#at = end + 1
    const text = this.#source.slice(offset, this.#at)
    this.#tokens.push({ kind: 'string', offset, text, value: this.#unquote(text.slice(1, -1), offset, '"') })
  }

  #rawString(offset: number): void {
    const end = this.#source.indexOf('`', offset + 1)
    if (end < 0) this.#fail('the text in backquotes is not closed', offset)
    this.#at = end + 1
    const value = this.#source.slice(offset + 1, end).replaceAll('\r', '')
    this.#tokens.push({ kind: 'string', offset, text: this.#source.slice(offset, this.#at), value })
  }

  #character(offset: number): void {
    const match = /^'((?:[^'\\\n]|\\[^\n])(?:[^'\\\n])*)'/u.exec(this.#source.slice(offset, offset + 16))
    const value = match ? this.#unquote(match[1] ?? '', offset, "'") : ''
    if (!match || [...value].length !== 1)
      this.#fail('a character in single quotes must be one character', offset, QUOTES)
    this.#at = offset + match[0].length
    this.#tokens.push({ kind: 'number', offset, text: match[0], value: BigInt(value.codePointAt(0) ?? 0) })
  }

  /** `\x` and octal escapes are bytes in Go, which together with their neighbours make UTF-8. */
  #unquote(body: string, offset: number, quote: string): string {
    const sequence = /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3})|(.?))/gsu
    const parts: Uint8Array[] = []
    let end = 0
    for (const match of body.matchAll(sequence)) {
      const [whole, hex, short, long, octal, simple = ''] = match
      parts.push(Buffer.from(body.slice(end, match.index)))
      end = match.index + whole.length
      const byte = hex === undefined ? Number.parseInt(octal ?? '0', 8) : Number.parseInt(hex, 16)
      const code = Number.parseInt(short ?? long ?? '0', 16)
      if (byte > 0xff || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) {
        this.#fail('there is no such character', offset)
      }
      if (hex !== undefined || octal !== undefined) parts.push(Uint8Array.of(byte))
      else if (short !== undefined || long !== undefined) parts.push(Buffer.from(String.fromCodePoint(code)))
      else if (ESCAPES.has(simple) || simple === quote) parts.push(Buffer.from(ESCAPES.get(simple) ?? quote))
      else this.#fail('the escape behind \\ is not known', offset)
    }
    parts.push(Buffer.from(body.slice(end)))
    return Buffer.concat(parts).toString('utf8')
  }

  #number(offset: number): void {
    const pattern =
      /[+-]?(?:0[xX][0-9a-fA-F_]+|0[bB][01_]+|0[oO][0-7_]+|[0-9][0-9_]*\.?[0-9_]*(?:[eE][+-]?[0-9_]+)?|\.[0-9_]+(?:[eE][+-]?[0-9_]+)?)/y
    pattern.lastIndex = offset
    const match = pattern.exec(this.#source)
    const next = this.#source[offset + (match?.[0].length ?? 1)] ?? ' '
    if (!match || WORD.test(next) || next === '.') this.#fail('this is not a number', offset)
    this.#at = offset + match[0].length
    const text = match[0].replaceAll('_', '')
    const digits = text.replace(/^[+-]/, '')
    let value: bigint | number
    if (/^0[xXbBoO]/.test(digits)) value = BigInt(digits)
    else if (/[.eE]/.test(digits)) value = Number(digits)
    else if (/^0[0-9]+$/.test(digits)) {
      if (/[89]/.test(digits)) this.#fail('this is not an octal number', offset)
      value = BigInt(`0o${digits}`)
    } else value = BigInt(digits)
    if (text.startsWith('-')) value = -value
    if (typeof value === 'bigint' && (value >= 1n << 63n || value < -(1n << 63n)))
      this.#fail('the number is too large', offset)
    if (typeof value === 'number' && !Number.isFinite(value)) this.#fail('the number is too large', offset)
    this.#tokens.push({ kind: 'number', offset, text: match[0], value })
  }

  #fail(message: string, offset: number, hint?: string): never {
    throw new TemplateError(message, { offset, ...(hint && { hint }) })
  }
}

const QUOTES = 'Quote text with " or `.'
const SINGLE = new Map<string, 'pipe' | 'assign' | 'comma' | 'left' | 'right'>([
  ['|', 'pipe'],
  ['=', 'assign'],
  [',', 'comma'],
  ['(', 'left'],
  [')', 'right'],
])
const ESCAPES = new Map([
  ['a', '\x07'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['v', '\v'],
  ['\\', '\\'],
])
