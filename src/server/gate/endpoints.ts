// Which path is which endpoint. Exact, byte for byte: nothing is decoded, folded or shortened, so that whatever else looks like an endpoint isn't one.
import type { AuthnStrategy, AuthzEndpoint, Implementation } from '../../config/config.ts'
import { authRequest } from '../../protocol/auth-request.ts'
import { extAuthz } from '../../protocol/ext-authz.ts'
import { forwardAuth } from '../../protocol/forward-auth.ts'
import { legacy } from '../../protocol/legacy.ts'
import type { Protocol } from '../../protocol/protocol.ts'

export interface Endpoint {
  readonly name: string
  readonly path: string
  readonly protocol: Protocol
  readonly strategies: readonly AuthnStrategy[]
}

export interface Endpoints {
  /** @param url the request line's, raw */
  find(url: string): Endpoint | undefined
}

const PROTOCOLS: Readonly<Record<Implementation, Protocol>> = {
  ForwardAuth: forwardAuth,
  AuthRequest: authRequest,
  ExtAuthz: extAuthz,
  Legacy: legacy,
}

/** @param basePath '' or '/segment'; endpoints answer with and without it */
export function createEndpoints(configured: readonly AuthzEndpoint[], basePath: string): Endpoints {
  const endpoints = configured.flatMap(({ name, implementation, strategies }) => {
    // Authelia's route for this name, and for no other
    const path = name === 'legacy' ? '/api/verify' : `/api/authz/${name}`
    const protocol = PROTOCOLS[implementation]
    return [...new Set([path, basePath + path])].map((one): Endpoint => ({ name, path: one, protocol, strategies }))
  })
  // The later of two equal paths counts.
  const exact = [...new Map(endpoints.map((endpoint) => [endpoint.path, endpoint])).values()]
  const withRest = endpoints
    .filter(({ protocol }) => protocol.takesRest)
    .map((endpoint) => ({ prefix: `${endpoint.path}/`, endpoint }))
  return {
    find(url) {
      const mark = url.indexOf('?')
      const length = mark < 0 ? url.length : mark
      // They are few, and comparing lengths costs less than hashing.
      for (const endpoint of exact)
        if (endpoint.path.length === length && url.startsWith(endpoint.path)) return endpoint
      return withRest.find(({ prefix }) => url.startsWith(prefix))?.endpoint
    },
  }
}

/** Whether somebody might take this path for an endpoint: in another letter case, encoding or spelling, or below where endpoints are. */
export function looksLikeEndpoint(url: string): boolean {
  const mark = url.indexOf('?')
  const path = mark < 0 ? url : url.slice(0, mark)
  if (PLAIN.test(path)) return ENDPOINT.test(path)
  let text = path.toLowerCase()
  for (let i = 0; i < 4; i++) {
    text = text
      .replace(/%([\da-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)).toLowerCase())
      .replace(/[\x00-\x20\x7f]/g, '')
      .replaceAll('\\', '/')
      .replace(/[;?#][^/]*/g, '')
      .replace(/\/(?:\.?\/)+/g, '/')
    if (ENDPOINT.test(text) || ENDPOINT.test(withoutDots(text))) return true
  }
  return false
}

const PLAIN = /^(?:\/[a-z\d_-][a-z\d._-]*)*\/?$/
const ENDPOINT = /(?:^|\/)api\/(?:authz|verify)(?:\/|$)/

function withoutDots(path: string): string {
  const segments: string[] = []
  for (const segment of path.split('/')) {
    if (segment === '..') segments.pop()
    else if (segment !== '.' && segment !== '') segments.push(segment)
  }
  return `/${segments.join('/')}`
}
