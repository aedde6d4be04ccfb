// Everything the gate answers by, built from one valid configuration: immutable but for memories that go with it, swapped whole.
import type { Config, CookieDomain } from '../../config/config.ts'
import type { Directory } from '../../directory/directory.ts'
import { TrustedPeers } from '../../forwarded/trusted-peers.ts'
import type { Policy } from '../../policy/policy.ts'
import { createEndpoints, type Endpoints } from './endpoints.ts'
import { type Portal, portalOf } from './portals.ts'

export interface GateSnapshot {
  /** For logs: which configuration answered. */
  readonly id: string
  readonly policy: Policy
  readonly directory: Pick<Directory, 'find'>
  /** In file order; the first that covers a host applies. */
  readonly domains: readonly GateDomain[]
  readonly endpoints: Endpoints
  readonly peers: TrustedPeers
}

export interface GateDomain {
  readonly session: CookieDomain
  /** undefined only in the old form, `session.domain`. */
  readonly portal: Portal | undefined
  /** Letter case doesn't matter. */
  covers(host: string): boolean
}

export function buildGateSnapshot(
  id: string,
  config: Pick<Config, 'server' | 'session'>,
  policy: Policy,
  directory: Pick<Directory, 'find'>,
): GateSnapshot {
  const { endpoints, basePath, trustedProxies } = config.server
  return Object.freeze({
    id,
    policy,
    directory,
    domains: config.session.cookies.map(gateDomain),
    endpoints: createEndpoints(endpoints, basePath),
    peers: new TrustedPeers(trustedProxies),
  })
}

function gateDomain(session: CookieDomain): GateDomain {
  const { domain, portalUrl } = session
  const ending = `.${domain}`
  return {
    session,
    portal: portalUrl === undefined ? undefined : portalOf(portalUrl),
    covers(host) {
      const lower = host.toLowerCase()
      return lower === domain || lower.endsWith(ending)
    },
  }
}
