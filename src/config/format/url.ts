// URLs read as leniently as Go's net/url reads them, since that is what existing configurations were checked with. Resolves nothing.

export interface ParsedUrl {
  /** Lower case; '' when the address is relative. */
  readonly scheme: string
  /** User information before '@', without it; undefined when there is none. */
  readonly user: string | undefined
  /** Host with port, letter case as written; '' when there is none. */
  readonly host: string
  /** Host without port and brackets. */
  readonly hostname: string
  readonly port: string
  readonly path: string
  /** Without '?'; undefined when there is none. */
  readonly query: string | undefined
  readonly fragment: string | undefined
}

/** Text is what is wrong. */
export function parseUrl(text: string): ParsedUrl | string {
  if (/[\u0000-\u001f\u007f]/.test(text)) return 'it holds a control character'
  const [withoutFragment, fragment] = cut(text, '#')
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(withoutFragment)?.[1]
  if (withoutFragment.startsWith(':')) return 'the scheme is missing'
  const [rest, query] = cut(scheme === undefined ? withoutFragment : withoutFragment.slice(scheme.length + 1), '?')
  const base = {
    scheme: scheme?.toLowerCase() ?? '',
    user: undefined,
    host: '',
    hostname: '',
    port: '',
    query,
    fragment,
  }
  if (!rest.startsWith('/')) {
    if (scheme !== undefined) return { ...base, path: rest }
    if (rest.split('/')[0]?.includes(':')) return 'the part before the colon is no scheme'
  }
  if (!rest.startsWith('//')) return badEscape(rest) ?? { ...base, path: rest }
  const slash = rest.indexOf('/', 2)
  const authority = slash < 0 ? rest.slice(2) : rest.slice(2, slash)
  const path = slash < 0 ? '' : rest.slice(slash)
  const at = authority.lastIndexOf('@')
  const host = authority.slice(at + 1)
  if (at >= 0 && /[^\w\-.:~!$&'()*+,;=%@]/.test(authority.slice(0, at))) return 'the user before the @ is not readable'
  const found = splitHost(host)
  if (typeof found === 'string') return found
  return badEscape(path) ?? { ...base, user: at < 0 ? undefined : authority.slice(0, at), host, ...found, path }
}

export const isParsed = (url: ParsedUrl | string): url is ParsedUrl => typeof url !== 'string'

/** Puts the parts together again. */
export function formatUrl(url: ParsedUrl): string {
  const authority = `${url.user === undefined ? '' : `${url.user}@`}${url.host}`
  return `${url.scheme}://${authority}${url.path}${url.query === undefined ? '' : `?${url.query}`}${url.fragment === undefined ? '' : `#${url.fragment}`}`
}

function splitHost(host: string): { hostname: string; port: string } | string {
  const bracketed = /^\[([^\]]*)\](.*)$/.exec(host)
  if (host.startsWith('[') && !bracketed) return 'a bracket is missing in the host'
  const colon = host.lastIndexOf(':')
  const hostname = bracketed ? (bracketed[1] ?? '') : colon < 0 ? host : host.slice(0, colon)
  const port = bracketed ? (bracketed[2] ?? '') : colon < 0 ? '' : host.slice(colon)
  if (!/^(?::\d*)?$/.test(port)) return `the port ${JSON.stringify(port.replace(/^:/, ''))} is not a number`
  const bad = /[^\w\-.~!$&'()*+,;=:[\]<>"\u0080-\uffff]/.exec(hostname)
  if (bad) return `the host must not hold ${JSON.stringify(bad[0])}`
  return { hostname, port: port.slice(1) }
}

function cut(text: string, separator: string): [string, string | undefined] {
  const index = text.indexOf(separator)
  return index < 0 ? [text, undefined] : [text.slice(0, index), text.slice(index + 1)]
}

const badEscape = (text: string): string | undefined =>
  /%(?![0-9a-f]{2})/i.test(text) ? 'it holds a % that is no escape' : undefined
