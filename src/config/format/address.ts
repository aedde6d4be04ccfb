// Addresses to listen on or connect to: `[scheme://]host[:port][/path]`, `unix:///path`, `fd://3`. Resolves and opens nothing.

export interface Address {
  /** Lower case. */
  readonly scheme: string
  /** Without brackets; '' means every interface. */
  readonly host: string
  /** undefined when none is written. */
  readonly port: number | undefined
  /** Of a URL path, or `?path=` with unix and fd; '' or with a leading '/'. */
  readonly path: string
  readonly socket: string | undefined
  readonly umask: number | undefined
  readonly fd: number | undefined
}

export type AddressKind = 'listen' | 'metrics' | 'sql' | 'udp' | 'smtp' | 'ldap'

const SCHEMES: Readonly<Record<AddressKind, readonly string[]>> = {
  listen: ['tcp', 'tcp4', 'tcp6', 'unix', 'fd'],
  metrics: ['tcp', 'tcp4', 'tcp6', 'unix', 'fd'],
  sql: ['tcp', 'tcp4', 'tcp6', 'unix'],
  udp: ['udp', 'udp4', 'udp6'],
  smtp: ['smtp', 'submission', 'submissions'],
  ldap: ['ldap', 'ldaps', 'ldapi'],
}
const DEFAULT_SCHEME: Readonly<Record<AddressKind, string>> = {
  listen: 'tcp',
  metrics: 'tcp',
  sql: 'tcp',
  udp: 'udp',
  smtp: 'smtp',
  ldap: 'ldaps',
}

/** Text is what is wrong. */
export function parseAddress(text: string, kind: AddressKind): Address | string {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1]
  if (scheme === undefined) {
    if (/^unix:/i.test(text)) return 'a socket is written with three slashes: unix:///run/latchkey.sock'
    if (/^[a-z][a-z0-9+.-]*:$/i.test(text)) return 'the port is missing after the colon'
    const implied = text.startsWith('/') ? (kind === 'ldap' ? 'ldapi' : 'unix') : DEFAULT_SCHEME[kind]
    return parseAddress(`${implied}://${text}`, kind)
  }
  const name = scheme.toLowerCase()
  if (!SCHEMES[kind].includes(name)) return `the scheme must be ${listed(SCHEMES[kind])}, not '${name}'`
  if (text.includes('#')) return 'it must not have a fragment'
  const rest = text.slice(scheme.length + 1).replace(/^\/\//, '')
  const question = rest.indexOf('?')
  const target = question < 0 ? rest : rest.slice(0, question)
  const query = new URLSearchParams(question < 0 ? '' : rest.slice(question + 1))
  if (name === 'unix' || name === 'ldapi') return socketAddress(name, target, query)
  if (name === 'fd') return fdAddress(target, query)
  if (question >= 0) return 'it must not have a query'
  return hostAddress(name, target, kind)
}

const NONE = { host: '', port: undefined, path: '', socket: undefined, umask: undefined, fd: undefined }

function socketAddress(scheme: string, target: string, query: URLSearchParams): Address | string {
  if (target === '') return 'the path of the socket is missing'
  if (!target.startsWith('/')) return `the path of the socket must be absolute: '${scheme}:///${target}'`
  const umask = query.get('umask')
  if (umask !== null && !/^[0-7]{3,4}$/.test(umask)) return 'umask must be three or four octal digits'
  const path = slashed(query.get('path') ?? '')
  if (!isSubPath(path)) return SUB_PATH
  return { ...NONE, scheme, socket: target, path, umask: umask === null ? undefined : Number.parseInt(umask, 8) }
}

function fdAddress(target: string, query: URLSearchParams): Address | string {
  const [, fd, behind = ''] = /^(\d{1,9})(\/.*)?$/.exec(target) ?? []
  if (fd === undefined) return 'a file descriptor is a number: fd://3'
  const path = slashed(query.get('path') ?? behind)
  return isSubPath(path) ? { ...NONE, scheme: 'fd', fd: Number(fd), path } : SUB_PATH
}

function hostAddress(scheme: string, target: string, kind: AddressKind): Address | string {
  const slash = target.indexOf('/')
  const authority = slash < 0 ? target : target.slice(0, slash)
  const path = slash < 0 ? '' : target.slice(slash)
  if (authority.includes('@')) return 'it must not have a user'
  const parts = /^(?:\[([0-9a-f:.]*)\]|([^:[\]]*))(?::([^:]*))?$/i.exec(authority)
  if (!parts) return 'an IPv6 address needs brackets: tcp://[::1]:9091'
  const host = parts[1] ?? parts[2] ?? ''
  if (/[^\w\-.~:!$&'()*+,;=\u0080-\uffff]/.test(host)) return 'the host holds a character that no host name has'
  const port = parts[3] ?? ''
  if (!/^\d*$/.test(port) || Number(port) > 65535) return `'${port}' is not a port between 0 and 65535`
  if (kind === 'listen' && !isSubPath(slashed(path))) return SUB_PATH
  return { ...NONE, scheme, host, port: port === '' ? undefined : Number(port), path: path === '/' ? '' : path }
}

const SUB_PATH = "the path must be one segment of letters and digits, such as '/auth', without a slash at its end"
const isSubPath = (path: string): boolean => path === '' || /^\/[\p{L}\p{N}]+$/u.test(path)
/** '' stays, and a lone slash is nothing. */
const slashed = (path: string): string => (path === '' || path === '/' ? '' : path.startsWith('/') ? path : `/${path}`)

const listed = (words: readonly string[]): string => `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`
