// The address a visitor asked for, put together from what the proxy said. Parts are read one by one and never from a concatenated text, so that
// no part can pose as another. Accepts what Go's url.ParseRequestURI accepts, less what no proxy sends for an honest request.
import type { Target } from '../policy/model.ts'
import { parseHost } from './host.ts'
import { type Malformed, malformed } from './malformed.ts'

/** Characters of path and query; more than proxies let through as they come. */
const MAX_URI = 16_384
const BAD_ESCAPE = /%(?![\da-f]{2})/i
/** Visible characters that may not stand raw in a path (RFC 3986 §3.3); on the way back each is escaped, and what was escaped stays as it is. */
const RAW_IN_PATH = /["<>\\^`{|}]/g

/** What a character is to an address; one look a character instead of several regular expressions. */
const ORDINARY = 0
/** A control character, a blank, a raw '#', or a byte beyond ASCII: the application might read another address than the gate. */
const FORBIDDEN = 1
const PERCENT = 2
const RAW = 4
const QUESTION = 8
const KIND = Uint8Array.from({ length: 128 }, (_, code) => {
  const character = String.fromCharCode(code)
  if (/[^\x21\x22\x24-\x7e]/.test(character)) return FORBIDDEN
  if (character === '%') return PERCENT
  if (character === '?') return QUESTION
  return character.search(RAW_IN_PATH) < 0 ? ORDINARY : RAW
})
const kindOf = (code: number): number => KIND[code] ?? FORBIDDEN

/**
 * @param scheme https or wss, in any letter case; everything else is malformed, since session cookies don't travel in the clear
 * @param host name with an optional port
 * @param uri path and query; '' when there is none
 */
export function targetOf(scheme: string, host: string, uri: string): Target | Malformed {
  const secure = secureScheme(scheme)
  if (secure === undefined) return malformed('scheme')
  const place = parseHost(host)
  if (place === undefined) return malformed('host')
  if (uri !== '' && uri.charCodeAt(0) !== 0x2f) return malformed('path')
  if (uri.length > MAX_URI) return malformed('path')
  let inPath = ORDINARY
  let mark = 0
  while (mark < uri.length && (inPath & QUESTION) === 0) inPath |= kindOf(uri.charCodeAt(mark++))
  const hasQuery = (inPath & QUESTION) !== 0
  let inQuery = ORDINARY
  for (let i = mark; i < uri.length; i++) inQuery |= kindOf(uri.charCodeAt(i))
  if (((inPath | inQuery) & FORBIDDEN) !== 0) return malformed('path')
  const path = hasQuery ? uri.slice(0, mark - 1) : uri
  if ((inPath & PERCENT) !== 0 && BAD_ESCAPE.test(path)) return malformed('path')
  const query = hasQuery ? uri.slice(mark) : undefined
  const back = (inPath & RAW) === 0 ? uri : path.replace(RAW_IN_PATH, escaped) + uri.slice(path.length)
  return { scheme: 'https', host: place.name, port: place.port, path, query, url: `${secure}://${host}${back}` }
}

/** The same from one absolute URL. Only the literal form `scheme://host…` is one. */
export function targetOfUrl(url: string): Target | Malformed {
  const colon = url.indexOf('://')
  if (colon < 0) return malformed('target-missing')
  const start = colon + 3
  let end = start
  while (end < url.length && !endsAuthority(url.charCodeAt(end))) end++
  return targetOf(url.slice(0, colon), url.slice(start, end), url.slice(end))
}

function secureScheme(scheme: string): 'https' | 'wss' | undefined {
  if (scheme === 'https') return 'https'
  const lower = scheme.length <= 5 ? scheme.toLowerCase() : ''
  return lower === 'https' || lower === 'wss' ? lower : undefined
}

const endsAuthority = (code: number): boolean => code === 0x2f || code === 0x3f || code === 0x23
const escaped = (character: string): string => `%${character.charCodeAt(0).toString(16).toUpperCase()}`
