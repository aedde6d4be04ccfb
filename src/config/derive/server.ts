// From what is written under `server` to what the listener and the gate run on.
import { type Network, parseNetwork } from '../../base/ip-address.ts'
import type { CompleteServer } from '../complete.generated.ts'
import type {
  AuthnStrategy,
  AuthzEndpoint,
  Implementation,
  ListenAddress,
  RateLimit,
  RateLimitName,
  ServerConfig,
  StrategyName,
} from '../config.ts'
import { parseAddress } from '../format/address.ts'
import { milliseconds } from './milliseconds.ts'

const DEFAULT_PORT = 9091

/** Milliseconds that the limits on elevation count in. */
export interface Lifespans {
  readonly code: number
  readonly elevation: number
}

export function deriveServer(server: CompleteServer, lifespans: Lifespans): ServerConfig {
  const address = parseAddress(server.address, 'listen')
  if (typeof address === 'string') throw new Error(`unvalidated server.address: ${address}`)
  const { key, certificate, client_certificates: clients } = server.tls ?? {}
  const listen: ListenAddress =
    address.socket !== undefined
      ? { kind: 'unix', path: address.socket, umask: address.umask }
      : address.fd !== undefined
        ? { kind: 'fd', fd: address.fd }
        : {
            kind: 'tcp',
            host: address.host,
            port: address.port ?? DEFAULT_PORT,
            family: address.scheme === 'tcp4' ? 4 : address.scheme === 'tcp6' ? 6 : 0,
          }
  return {
    address: listen,
    basePath: address.path,
    tls:
      key && certificate
        ? { keyFile: key, certificateFile: certificate, clientCertificateFiles: clients ?? [] }
        : undefined,
    buffers: { read: bytes(server.buffers.read), write: bytes(server.buffers.write) },
    timeouts: {
      read: milliseconds(server.timeouts.read),
      write: milliseconds(server.timeouts.write),
      idle: milliseconds(server.timeouts.idle),
    },
    trustedProxies: server.trusted_proxies
      ?.map(parseNetwork)
      .filter((network): network is Network => network !== undefined),
    // A header is one line, however it was written.
    cspTemplate: server.headers.csp_template?.replace(/\s+/g, ' ').trim(),
    assetPath: server.asset_path,
    disableHealthcheck: server.disable_healthcheck || listen.kind !== 'tcp',
    endpoints: deriveEndpoints(server.endpoints.authz ?? {}),
    rateLimits: deriveRateLimits(server.endpoints.rate_limits, lifespans),
  }
}

const bytes = (size: number): number => (size > 0 ? size : 4096)

const COOKIE: AuthnStrategy = { name: 'CookieSession', schemes: [], schemeBasicCacheLifespan: 0 }
const BASIC: AuthnStrategy = { name: 'HeaderAuthorization', schemes: ['basic'], schemeBasicCacheLifespan: 0 }
const LEGACY: AuthnStrategy = { name: 'HeaderLegacy', schemes: [], schemeBasicCacheLifespan: 0 }
const DEFAULT_STRATEGIES: Readonly<Record<Implementation, readonly AuthnStrategy[]>> = {
  ForwardAuth: [BASIC, COOKIE],
  ExtAuthz: [BASIC, COOKIE],
  AuthRequest: [BASIC, COOKIE],
  Legacy: [LEGACY, COOKIE],
}
const DEFAULT_ENDPOINTS: readonly (readonly [string, Implementation])[] = [
  ['legacy', 'Legacy'],
  ['auth-request', 'AuthRequest'],
  ['ext-authz', 'ExtAuthz'],
  ['forward-auth', 'ForwardAuth'],
]

function deriveEndpoints(written: NonNullable<CompleteServer['endpoints']['authz']>): AuthzEndpoint[] {
  const entries = Object.entries(written)
  if (entries.length === 0) {
    return DEFAULT_ENDPOINTS.map(([name, implementation]) => ({
      name,
      implementation,
      strategies: DEFAULT_STRATEGIES[implementation],
    }))
  }
  return entries.map(([name, endpoint]) => {
    const implementation = endpoint.implementation ?? 'Legacy'
    const strategies = (endpoint.authn_strategies ?? []).map((strategy) => ({
      name: strategy.name,
      schemes: schemesOf(strategy.name, strategy.schemes ?? [], implementation),
      schemeBasicCacheLifespan: milliseconds(strategy.scheme_basic_cache_lifespan ?? 0),
    }))
    return { name, implementation, strategies: strategies.length > 0 ? strategies : DEFAULT_STRATEGIES[implementation] }
  })
}

/** Without schemes a header strategy takes those of the implementation's first usual strategy; Legacy's has none. */
function schemesOf(
  name: StrategyName,
  written: readonly ('basic' | 'bearer')[],
  implementation: Implementation,
): AuthnStrategy['schemes'] {
  if (name === 'CookieSession' || name === 'HeaderLegacy') return []
  return written.length > 0 ? [...new Set(written)] : (DEFAULT_STRATEGIES[implementation][0]?.schemes ?? [])
}

const MINUTE = 60_000
type Buckets = readonly (readonly [period: number, requests: number])[]

/** Authelia's, measured: how many requests a full bucket holds, and in which time one is regained. */
function defaultBuckets({ code, elevation }: Lifespans): Readonly<Record<RateLimitName, Buckets>> {
  return {
    reset_password_start: [
      [10 * MINUTE, 5],
      [15 * MINUTE, 10],
      [30 * MINUTE, 15],
    ],
    reset_password_finish: [
      [MINUTE, 10],
      [2 * MINUTE, 15],
    ],
    second_factor_totp: [
      [MINUTE, 30],
      [2 * MINUTE, 40],
      [10 * MINUTE, 50],
    ],
    second_factor_duo: [
      [MINUTE, 10],
      [2 * MINUTE, 15],
    ],
    session_elevation_start: [
      [code, 3],
      [2 * code, 5],
      [12 * code, 15],
    ],
    session_elevation_finish: [
      [elevation, 3],
      [2 * elevation, 5],
      [6 * elevation, 15],
    ],
  }
}

function deriveRateLimits(
  written: CompleteServer['endpoints']['rate_limits'],
  lifespans: Lifespans,
): ServerConfig['rateLimits'] {
  const limit = ([name, buckets]: [string, Buckets]): [string, RateLimit] => {
    const own = written[name as RateLimitName]
    return [
      name,
      {
        enable: own.enable,
        buckets: own.buckets?.length
          ? own.buckets.map(({ period, requests }) => ({ period: milliseconds(period), requests }))
          : buckets.map(([period, requests]) => ({ period, requests })),
      },
    ]
  }
  return Object.fromEntries(Object.entries(defaultBuckets(lifespans)).map(limit)) as ServerConfig['rateLimits']
}
