// What the checks of all proxies know: the identity headers, the gate's endpoints, and which addresses lie on this machine.
import { isIP } from 'node:net'
import type { Findings, Place } from './finding.ts'

export const IDENTITY_HEADERS = ['Remote-User', 'Remote-Groups', 'Remote-Name', 'Remote-Email'] as const
export const GATE_PATH = /\/api\/(?:authz\/|verify\b)/
/** Something that says 404 to the gate's endpoints on a public host mentions them. */
export const MENTIONS_GATE = /\bapi\b.*\b(?:authz|verify)/

/** Of the four, those that `covered` doesn't know; '' for none. */
export function missingOf(names: readonly string[], covered: (name: string) => boolean): string {
  return names.filter((name) => !covered(name)).join(', ')
}

export const underscored = (name: string): string => name.replace('-', '_')

/** Names without a dot are containers' on this machine. */
function whereIs(host: string): 'here' | 'perhaps here' | 'elsewhere' {
  const bare = host.replace(/^\[|\]$/g, '')
  if (bare === '' || bare.startsWith('$') || /^(?:127\.|localhost$|::1$|unix)/.test(bare)) return 'here'
  if (isIP(bare) === 0 && !bare.includes('.')) return 'here'
  const perhaps = /^172\.(?:1[6-9]|2\d|3[01])\.|\.(?:internal|local|svc|localhost|test)$/.test(bare)
  return perhaps ? 'perhaps here' : 'elsewhere'
}

/** http to another machine. */
export function checkGateAddress(findings: Findings, place: Place, scheme: string, host: string): void {
  const where = whereIs(host)
  if (scheme !== 'http' || where === 'here') return
  findings[where === 'elsewhere' ? 'mistake' : 'advice'](
    'gate-over-network',
    place,
    `The gate is asked over plain http at ${host}.`,
    'Give Latchkey server.tls and ask it by https, or let proxy and Latchkey talk on one machine (127.0.0.1, a container network).',
  )
}

/** https, and nobody looks at the certificate: no better than http. */
export function adviseOnCertificate(findings: Findings, place: Place, host: string, how: string, fix: string): void {
  const severity = whereIs(host) === 'elsewhere' ? 'mistake' : 'advice'
  findings[severity]('gate-unverified', place, `Latchkey's certificate is not checked: ${how}.`, fix)
}

/** Scheme and host of `http://host:port/…`; '' where there is none. */
export function originOf(url: string): { readonly scheme: string; readonly host: string; readonly authority: string } {
  const [, scheme = 'http', authority = ''] = /^(?:(\w+):\/\/)?([^/\s?]+)/.exec(url) ?? []
  const host = authority.startsWith('[') ? (authority.split(']')[0] ?? '').slice(1) : (authority.split(':')[0] ?? '')
  return { scheme: scheme.toLowerCase(), host, authority: authority.toLowerCase() }
}
