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

/** http to another machine. Names without a dot are containers' on this one. */
export function checkGateAddress(findings: Findings, place: Place, scheme: string, host: string): void {
  if (scheme !== 'http' || host === '' || host.startsWith('$')) return
  const what = `The gate is asked over plain http at ${host}.`
  const fix =
    'Give Latchkey server.tls and ask it by https, or let proxy and Latchkey talk on one machine (127.0.0.1, a container network).'
  const bare = host.replace(/^\[|\]$/g, '')
  if (/^(?:127\.|localhost$|::1$|unix)/.test(bare)) return
  if (isIP(bare) === 0 && !bare.includes('.')) return
  const perhapsHere = /^172\.(?:1[6-9]|2\d|3[01])\.|\.(?:internal|local|svc|localhost|test)$/.test(bare)
  if (perhapsHere) findings.advice('gate-over-network', place, what, fix)
  else findings.mistake('gate-over-network', place, what, fix)
}

/** Scheme and host of `http://host:port/…`; '' where there is none. */
export function originOf(url: string): { readonly scheme: string; readonly host: string; readonly authority: string } {
  const [, scheme = 'http', authority = ''] = /^(?:(\w+):\/\/)?([^/\s?]+)/.exec(url) ?? []
  const host = authority.startsWith('[') ? (authority.split(']')[0] ?? '').slice(1) : (authority.split(':')[0] ?? '')
  return { scheme: scheme.toLowerCase(), host, authority: authority.toLowerCase() }
}
