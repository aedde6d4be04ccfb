// The address the visitor asked for, put together from what the proxy says. Stricter than a URL library: nothing is repaired, nothing guessed.
// Header values are bytes, one character each (Latin-1), and stay so.
import type { Target } from '../policy/model.ts'
import { parseHost } from './host.ts'
import { type Malformed, malformed } from './malformed.ts'

/** No blank, no control byte, no '#': a proxy that passes one on would be read differently by the application. */
const URI_BYTES = /^\/[\x21\x22\x24-\x7e\x80-\xff]*$/
const BAD_ESCAPE = /%(?![0-9A-Fa-f]{2})/
/** RFC 3986 §3.3 pchar and '/': goes into an address as it is. */
const PLAIN_PATH = /^[A-Za-z0-9\-._~!$&'()*+,;=:@[\]%/]*$/
const BEYOND_ASCII = /[\x80-\xff]/

/**
 * @param scheme in any letter case; https or wss
 * @param host with port
 * @param uri path and query, beginning with '/'; '' for a target without a path
 */
export function targetOf(scheme: string, host: string, uri: string): Target | Malformed {
  const spelled = scheme.toLowerCase()
  // Session cookies are for https only, so there is nothing to say about anything else.
  if (spelled !== 'https' && spelled !== 'wss') return malformed('scheme')
  const authority = parseHost(host)
  if (authority === undefined) return malformed('host')
  if (uri !== '' && !URI_BYTES.test(uri)) return malformed('path')
  const mark = uri.indexOf('?')
  const path = mark < 0 ? uri : uri.slice(0, mark)
  if (BAD_ESCAPE.test(path)) return malformed('path')
  const rest = mark < 0 ? '' : uri.slice(mark)
  return {
    scheme: 'https',
    host: authority.name,
    port: authority.port,
    path: BEYOND_ASCII.test(path) ? escapeBytes(path) : path,
    query: mark < 0 ? undefined : BEYOND_ASCII.test(rest) ? escapeBytes(rest.slice(1)) : rest.slice(1),
    url: `${spelled}://${host}${PLAIN_PATH.test(path) ? path : escapePath(path)}${rest}`,
  }
}

/** An absolute URL as nginx sends it in X-Original-URL. */
export function targetOfUrl(url: string): Target | Malformed {
  const parts = /^([A-Za-z][A-Za-z0-9+.-]*):\/\/([^/?#]*)(.*)$/s.exec(url)
  if (!parts) return malformed('path')
  const [, scheme = '', host = '', uri = ''] = parts
  return targetOf(scheme, host, uri)
}

const hex = (character: string): string => `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`
const escapeBytes = (text: string): string => text.replace(/[\x80-\xff]/g, hex)

/** A path with characters that can't stand in an address is escaped anew as a whole, as Go's net/url does (`URL.EscapedPath`). */
function escapePath(path: string): string {
  const bytes = path.replace(/%([0-9A-Fa-f]{2})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  )
  return bytes.replace(/[^A-Za-z0-9\-._~$&+,/:;=@]/g, hex)
}
