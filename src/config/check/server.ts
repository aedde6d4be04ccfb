// Checks of server: TLS files, assets, the endpoints that proxies ask, rate limits.
import { globSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { readBounded } from '../../base/read-bounded.ts'
import type { CompleteConfig } from '../complete.generated.ts'
import { parseDuration } from '../format/duration.ts'
import { type Pointer, step } from '../places.ts'
import type { Report } from '../report.ts'
import { type CheckContext, demandFile, kindOfFile } from './context.ts'

type Endpoint = NonNullable<CompleteConfig['server']['endpoints']['authz']>[string]
type Strategy = NonNullable<Endpoint['authn_strategies']>[number]

export function checkServer(context: CheckContext): void {
  const { config, report } = context
  checkTls(context)
  checkAssets(context)
  const { authz, enable_pprof: pprof, enable_expvars: expvars, rate_limits: limits } = config.server.endpoints
  for (const [name, endpoint] of Object.entries(authz ?? {})) {
    checkEndpoint(name, endpoint, Object.keys(authz ?? {}), report)
  }
  if (pprof) report.warning('no-effect-yet', '/server/endpoints/enable_pprof', 'has no effect')
  if (expvars) report.warning('no-effect-yet', '/server/endpoints/enable_expvars', 'has no effect')
  for (const [name, limit] of Object.entries(limits)) {
    for (const [index, bucket] of (limit.buckets ?? []).entries()) {
      const at = step(`/server/endpoints/rate_limits/${name}/buckets`, index)
      if (bucket.period !== undefined && (parseDuration(bucket.period) ?? 0) < 10_000) {
        report.error('wrong-value', `${at}/period`, `must be at least 10 seconds, not ${JSON.stringify(bucket.period)}`)
      }
    }
  }
  if (config.server.trusted_proxies === undefined && !report.isSpoiled('/server/trusted_proxies')) {
    report.warning(
      'trusted-proxies-unset',
      '/server',
      'has no trusted_proxies: every loopback and private address may speak for visitors',
      'List the addresses of your proxies in server.trusted_proxies.',
    )
  }
}

function checkTls(context: CheckContext): void {
  const { config, report } = context
  const { key, certificate, client_certificates: clients } = config.server.tls ?? {}
  if (key !== undefined && certificate === undefined)
    report.missing('/server/tls/certificate', 'is required beside key')
  if (certificate !== undefined && key === undefined)
    report.missing('/server/tls/key', 'is required beside certificate')
  if (clients?.length && (key === undefined || certificate === undefined)) {
    report.error('conflict', '/server/tls/client_certificates', 'needs key and certificate beside it')
  }
  demandFile(context, '/server/tls/key', key, 'file')
  demandFile(context, '/server/tls/certificate', certificate, 'file')
  for (const [index, path] of (clients ?? []).entries()) {
    demandFile(context, step('/server/tls/client_certificates', index), path, 'file')
  }
}

/** The folder must be there; translations in it must be JSON and keep what must be told. */
function checkAssets(context: CheckContext): void {
  const { config, report, cwd } = context
  const path = config.server.asset_path
  const at = '/server/asset_path'
  demandFile(context, at, path, 'folder')
  if (path === undefined || kindOfFile(context, join(path, 'locales')) !== 'folder') return
  const locales = resolve(cwd, path, 'locales')
  for (const file of globSync('*/*.json', { cwd: locales })) {
    const wrong = translationError(join(locales, file))
    if (wrong !== undefined) report.error('wrong-translation', at, `holds ${join('locales', file)}, ${wrong}`)
  }
}

const PLACEHOLDER = '{{authelia}}'
/** Bytes; all texts of a portal have a tenth of it. */
const MAX_TRANSLATION = 1024 * 1024

function translationError(path: string): string | undefined {
  try {
    const entries = Object.entries(JSON.parse(String(readBounded(path, MAX_TRANSLATION))) as Record<string, unknown>)
    const bad = entries.find(([key, value]) => key.includes(PLACEHOLDER) && !String(value).includes(PLACEHOLDER))
    return bad ? `which lacks ${PLACEHOLDER} in the translation of ${JSON.stringify(bad[0])}` : undefined
  } catch (error) {
    return error instanceof SyntaxError ? 'which is no JSON' : 'which can not be read'
  }
}

function checkEndpoint(name: string, endpoint: Endpoint, names: readonly string[], report: Report): void {
  const at = step('/server/endpoints/authz', name)
  if (!/^[a-zA-Z](?:[a-zA-Z0-9/._-]*[a-zA-Z])?$/.test(name)) {
    report.error(
      'wrong-name',
      at,
      'must have a name that begins and ends with a letter, with letters, digits and /._- between',
    )
  }
  const implementation = endpoint.implementation ?? (name === 'legacy' ? 'Legacy' : undefined)
  if (implementation === undefined) {
    report.missing(`${at}/implementation`, 'is required', 'One of AuthRequest, ForwardAuth, ExtAuthz and Legacy.')
  } else if (name === 'legacy' && implementation !== 'Legacy') {
    report.error('wrong-value', `${at}/implementation`, `must be Legacy for the endpoint legacy, not ${implementation}`)
  }
  const isPrefix = (implementation === 'Legacy' || implementation === 'ExtAuthz') && name !== 'legacy'
  const below = isPrefix ? names.find((other) => other.startsWith(`${name}/`)) : undefined
  if (below !== undefined) {
    report.error(
      'duplicate',
      step('/server/endpoints/authz', below),
      `lies within the addresses of the endpoint ${name}`,
    )
  }
  const seen = new Set<string>()
  for (const [index, strategy] of (endpoint.authn_strategies ?? []).entries()) {
    const here = step(`${at}/authn_strategies`, index)
    if (seen.has(strategy.name)) report.error('duplicate', here, `repeats the strategy ${strategy.name}`)
    seen.add(strategy.name)
    checkStrategy(strategy, here, report)
  }
}

function checkStrategy(strategy: Strategy, at: Pointer, report: Report): void {
  const schemes = strategy.schemes ?? []
  const takesSchemes = /^Header(?:Proxy|AuthRequestProxy)?Authorization$/.test(strategy.name)
  if (schemes.length > 0 && !takesSchemes) report.error('conflict', `${at}/schemes`, `has no place in ${strategy.name}`)
  for (const [index, scheme] of schemes.entries()) {
    if (scheme !== 'bearer') continue
    const hint = 'Remove it; a Bearer token is passed over meanwhile.'
    report.error('not-built-yet', step(`${at}/schemes`, index), 'bearer is not built yet', hint)
  }
  if (strategy.scheme_basic_cache_lifespan !== undefined && !schemes.includes('basic')) {
    report.error('conflict', `${at}/scheme_basic_cache_lifespan`, 'needs the scheme basic in schemes beside it')
  }
}
