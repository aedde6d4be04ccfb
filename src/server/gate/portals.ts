// Where one signs in: the portals that are configured, and what a question that names one may mean by it.
import { parseHost } from '../../forwarded/host.ts'
import { type Malformed, malformed } from '../../forwarded/malformed.ts'
import type { Target } from '../../policy/model.ts'

/** A portal's address, taken apart once. */
export interface Portal {
  /** Lower case. */
  readonly name: string
  readonly port: number
  /** Ends with '/'. */
  readonly path: string
  /** Complete but for `rd` and `rm`. */
  readonly location: string
}

/** @param url absolute and https; its own query stays */
export function portalOf(url: string): Portal {
  const { protocol, host, hostname, port, pathname, searchParams } = new URL(url)
  searchParams.sort()
  const query = searchParams.size > 0 ? `${searchParams}&` : ''
  return {
    name: hostname.replace(/^\[|\]$/g, ''),
    port: portNumber(port),
    path: pathname.endsWith('/') ? pathname : `${pathname}/`,
    location: `${protocol}//${host}${pathname}?${query}`,
  }
}

/** The address to sign in at and to come back from, in form encoding (keys in order, as Authelia writes them). */
export const signInLocation = (portal: Portal, target: Target, method: string): string =>
  `${portal.location}rd=${formEncoded(target.url)}&rm=${method}`

/** The visitor is at the portal already: sending him there would go round in circles. */
export function isAtPortal({ host, port, path }: Target, portal: Portal): boolean {
  if (host.toLowerCase() !== portal.name || portNumber(port) !== portal.port) return false
  return path.startsWith(portal.path) || `${path}/` === portal.path
}

/**
 * The portal that a question means. One that it names counts only when it is the configured one, by https (whoever may write a query may not say
 * where passwords are typed); another one within the domain is ignored, one outside is malformed. Only a domain for which none is configured (the
 * old `session.domain`) takes any https address within it.
 * @param named undefined: the question names none
 * @param configured the portal of the target's cookie domain
 * @param covers whether a host lies within that domain
 */
export function portalFor(
  named: string | undefined,
  configured: Portal | undefined,
  covers: (host: string) => boolean,
  usesConfigured: boolean,
): Portal | undefined | Malformed {
  const usual = usesConfigured ? (configured ?? malformed('no-portal')) : undefined
  if (named === undefined) return usual
  const match = /^([a-z][a-z\d+.-]*):\/\/([^/?#\\]*)([/?#][\x21-\x7e]*)?$/i.exec(named)
  const host = match ? parseHost(match[2] ?? '') : undefined
  if (match === null || host === undefined || !covers(host.name)) return malformed('portal-address')
  if (match[1]?.toLowerCase() !== 'https') return usual
  if (configured !== undefined)
    return host.name.toLowerCase() === configured.name && portNumber(host.port) === configured.port ? configured : usual
  return URL.canParse(named) ? portalOf(named) : malformed('portal-address')
}

const portNumber = (port: string | undefined): number => (port ? Number(port) : 443)
const formEncoded = (text: string): string => encodeURIComponent(text).replace(/[!'()*]/g, escaped)
const escaped = (character: string): string => `%${character.charCodeAt(0).toString(16).toUpperCase()}`
