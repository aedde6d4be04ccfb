// Cookies as they arrive and as they are set. Reading is by exact bytes: nothing is trimmed but space and tab, nothing decoded, nothing unquoted.

export type FoundCookies =
  | { readonly kind: 'none' }
  | { readonly kind: 'one'; readonly value: string }
  /** Different values under one name: somebody else has set one of them (cookie tossing). */
  | { readonly kind: 'several'; readonly values: readonly string[] }

/** More values than these are not worth telling apart. */
const MOST = 8
const NONE: FoundCookies = { kind: 'none' }
const TAB = 9
const SPACE = 32
const COMMA = 44
const SEMICOLON = 59
const EQUALS = 61

/**
 * Values of the cookie `name` in the Cookie header or headers. A comma ends a cookie like a semicolon does, since some proxies join header lines
 * with it. The same value twice is one; an empty one doesn't count.
 */
export function sessionCookies(header: string | readonly string[] | undefined, name: string): FoundCookies {
  if (header === undefined) return NONE
  const text = typeof header === 'string' ? header : header.join(';')
  let first: string | undefined
  let values: string[] | undefined
  for (let at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + 1)) {
    const start = at + name.length + 1
    if (text.charCodeAt(start - 1) !== EQUALS || !beginsCookie(text, at)) continue
    const value = text.slice(start, endOfValue(text, start))
    if (value === '' || value === first || values?.includes(value)) continue
    if (first === undefined) first = value
    else if (values === undefined) values = [first, value]
    else if (values.push(value) === MOST) break
  }
  if (values !== undefined) return { kind: 'several', values }
  return first === undefined ? NONE : { kind: 'one', value: first }
}

/** A name that merely ends in ours, or has odd bytes before it (U+00A0, `$`, `=`), is another name. */
function beginsCookie(text: string, at: number): boolean {
  let before = at - 1
  while (before >= 0 && isBlank(text.charCodeAt(before))) before--
  return before < 0 || isSeparator(text.charCodeAt(before))
}

function endOfValue(text: string, start: number): number {
  const semicolon = text.indexOf(';', start)
  let end = semicolon < 0 ? text.length : semicolon
  const comma = text.indexOf(',', start)
  if (comma >= 0 && comma < end) end = comma
  while (end > start && isBlank(text.charCodeAt(end - 1))) end--
  return end
}

const isBlank = (code: number): boolean => code === SPACE || code === TAB
const isSeparator = (code: number): boolean => code === SEMICOLON || code === COMMA

export interface CookieAttributes {
  /** Undefined: host-only. */
  readonly domain?: string | undefined
  readonly sameSite: 'lax' | 'strict' | 'none'
  readonly expires: Date
}

/** A Set-Cookie line (RFC 6265 §4.1); always Path=/, Secure and HttpOnly. `value` must consist of cookie octets. */
export function setCookieLine(name: string, value: string, { domain, sameSite, expires }: CookieAttributes): string {
  const site = { lax: 'Lax', strict: 'Strict', none: 'None' }[sameSite]
  const scope = domain === undefined ? '' : ` Domain=${domain};`
  return `${name}=${value};${scope} Path=/; Expires=${expires.toUTCString()}; HttpOnly; Secure; SameSite=${site}`
}

/** Deletes the cookie that was set with the same attributes. */
export const deleteCookieLine = (name: string, attributes: Omit<CookieAttributes, 'expires'>): string =>
  setCookieLine(name, '', { ...attributes, expires: new Date(0) })
