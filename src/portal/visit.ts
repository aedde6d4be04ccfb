// One request to the portal, once it is clear that it was meant for it: which cookie domain, which origin, whose address. No session yet.
import type { IncomingMessage } from 'node:http'
import type { CookieDomain } from '../config/config.ts'
import { parseHost } from '../forwarded/host.ts'
import type { PortalSettings } from './portal.ts'

/** What the proxy in front said about a request, or the request itself where no proxy is in front. */
export interface Arrival {
  readonly scheme: 'https' | 'http'
  /** Host with port as sent; '' when there was none. */
  readonly host: string
  /** Text of the client's address. */
  readonly clientAddress: string
  /** What the client calls itself. */
  readonly userAgent?: string | undefined
}

export interface Visit {
  /** One configuration for the whole request. */
  readonly settings: PortalSettings
  readonly domain: CookieDomain
  /** Origin of the portal as a browser writes it. */
  readonly origin: string
  /** Host of the portal, for people. */
  readonly host: string
  readonly clientAddress: string
  /** What the client calls itself; for the trail. */
  readonly userAgent: string
}

/** `wrong-host`: no portal is configured at this host. `not-https`: it is, but the request came in the clear. */
export type Place = { readonly kind: 'portal'; readonly visit: Visit } | { readonly kind: 'wrong-host' | 'not-https' }

/** The host decides by its name alone, in any letter case: proxies pass the port on, or leave it out. */
export function placeOf(settings: PortalSettings, arrival: Arrival): Place {
  const name = parseHost(arrival.host)?.name.toLowerCase()
  if (name === undefined) return { kind: 'wrong-host' }
  for (const domain of settings.cookies) {
    const portal = domain.portalUrl === undefined ? undefined : URL.parse(domain.portalUrl)
    // The old form, `session.domain`, names no portal: it is whatever host of the domain the proxy sends here.
    const isHere = portal ? portal.hostname === name : name === domain.domain || name.endsWith(`.${domain.domain}`)
    if (!isHere) continue
    if (arrival.scheme !== 'https') return { kind: 'not-https' }
    const origin = portal?.origin ?? `https://${arrival.host.toLowerCase()}`
    const { clientAddress, userAgent = '' } = arrival
    return { kind: 'portal', visit: { settings, domain, origin, host: name, clientAddress, userAgent } }
  }
  return { kind: 'wrong-host' }
}

const visits = new WeakMap<IncomingMessage, Visit>()
export const rememberVisit = (request: IncomingMessage, visit: Visit): void => void visits.set(request, visit)

/** undefined: the request isn't meant for a portal of ours. */
export const findVisit = (request: IncomingMessage): Visit | undefined => visits.get(request)

/** The visit of a request behind the portal's door. */
export function visitOf(request: IncomingMessage): Visit {
  const visit = findVisit(request)
  if (!visit) throw new Error('a handler behind the door was reached without a visit')
  return visit
}
