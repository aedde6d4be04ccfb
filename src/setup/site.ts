// What a proxy's set-up is made from: names, addresses and files, each checked so that it can't mean anything but itself in any proxy's language.
import { isIP } from 'node:net'
import { Fault } from '../base/fault.ts'

/** A server that the proxy asks or hands requests to. */
export interface Upstream {
  readonly scheme: 'http' | 'https'
  /** A name or an address; IPv6 without brackets. */
  readonly host: string
  readonly port: number
}

export interface Application {
  /** The name that visitors write. Lower case, without port. */
  readonly host: string
  readonly upstream: Upstream
  /** Nobody said where it listens: the upstream is to be changed by whoever reads the files. */
  readonly assumed: boolean
}

export interface Site {
  /** Hosts of `authelia_url`, one for each cookie domain. Lower case, without port. */
  readonly portalHosts: readonly string[]
  /** Never empty; no host twice, and none of the portal's. */
  readonly applications: readonly Application[]
  /** Where Latchkey listens, seen from the proxy. */
  readonly gate: Upstream
  /** Name of the session cookie, which applications don't get to see. */
  readonly cookieName: string
  /** Where the proxy listens for https. */
  readonly port: number
  /** PEM files of the proxy: certificate with its chain, key, and both in one file for the proxies that want that. */
  readonly certificate: { readonly certificateFile: string; readonly keyFile: string; readonly bundleFile: string }
}

/** A file of a set-up. `path` is its name in the folder that `--output` names, `goesTo` the place in which the proxy's package looks for it. */
export interface SetupFile {
  readonly path: string
  readonly goesTo: string
  readonly text: string
  readonly mode?: number
}

export const DEFAULT_CERTIFICATE: Site['certificate'] = {
  certificateFile: '/etc/latchkey/tls.crt',
  keyFile: '/etc/latchkey/tls.key',
  bundleFile: '/etc/latchkey/tls.pem',
}
/** Stands where nobody said what it is; the rendered files say that it has to be changed. */
export const ASSUMED_UPSTREAM: Upstream = { scheme: 'http', host: '127.0.0.1', port: 8080 }

const HOST_NAME = /^(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]{0,62})(?:\.[a-z0-9](?:[a-z0-9-]{0,62}))*$/

/** True for what can stand as a host's name in every proxy's files: letters, digits, hyphens and dots, lower case. */
export const isHostName = (text: string): boolean => HOST_NAME.test(text) && !isIP(text)

/** `http://127.0.0.1:3000`, `https://grafana:3000`, `10.0.0.5:8080`. @throws Fault `proxy-upstream` (exit 2) */
export function parseUpstream(text: string, what: string): Upstream {
  const written = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`
  const url = URL.canParse(written) ? new URL(written) : undefined
  const wrong = (why: string): Fault =>
    new Fault('proxy-upstream', `${what}: ${JSON.stringify(text)} ${why}.`, {
      hint: 'Write it as http://127.0.0.1:3000 or https://name:8443.',
      exitCode: 2,
    })
  if (url === undefined) throw wrong('is no address')
  if (url.protocol !== 'http:' && url.protocol !== 'https:') throw wrong('must begin with http:// or https://')
  if (url.username || url.password) throw wrong('must not hold a name or password')
  if (url.pathname !== '/' || url.search || url.hash) throw wrong('must end behind the port: the path is the visitor’s')
  const host = url.hostname.replace(/^\[|\]$/g, '').toLowerCase()
  if (!isIP(host) && !/^[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?$/.test(host)) throw wrong('names no host')
  const scheme = url.protocol === 'https:' ? 'https' : 'http'
  return { scheme, host, port: url.port === '' ? (scheme === 'https' ? 443 : 80) : Number(url.port) }
}

/** `app.example.com=http://127.0.0.1:3000`. @throws Fault `proxy-application`, `proxy-upstream` (exit 2) */
export function parseApplication(text: string): Application {
  const [name = '', ...rest] = text.split('=')
  const host = name.trim().toLowerCase()
  if (rest.length === 0 || !isHostName(host)) {
    throw new Fault('proxy-application', `--app: ${JSON.stringify(text)} isn't HOST=ADDRESS.`, {
      hint: 'For example --app app.example.com=http://127.0.0.1:3000, once for each application.',
      exitCode: 2,
    })
  }
  return { host, upstream: parseUpstream(rest.join('=').trim(), `--app ${host}`), assumed: false }
}

/** `127.0.0.1:3000`, `[::1]:3000`. */
export const addressOf = ({ host, port }: Upstream): string => `${isIP(host) === 6 ? `[${host}]` : host}:${port}`
export const urlOf = (upstream: Upstream): string => `${upstream.scheme}://${addressOf(upstream)}`

/** Refuses what would mean something else in a proxy's file. @throws Fault `proxy-unsupported` */
export function checkSite(site: Site): void {
  const refuse = (what: string, hint: string): never => {
    throw new Fault('proxy-unsupported', what, { hint })
  }
  const names = [...site.portalHosts, ...site.applications.map(({ host }) => host)]
  for (const name of names)
    if (!isHostName(name))
      refuse(`${JSON.stringify(name)} can't be a server's name.`, 'Use letters, digits, hyphens and dots.')
  if (!/^[\w-][\w.-]*$/.test(site.cookieName))
    refuse(
      `The session cookie's name ${JSON.stringify(site.cookieName)} can't be written into a proxy's files.`,
      'Give session.name letters, digits, _, - and . only.',
    )
  for (const file of Object.values(site.certificate))
    if (!/^[\w./@+-]+$/.test(file))
      refuse(
        `The path ${JSON.stringify(file)} can't be written into a proxy's files.`,
        'Give it letters, digits and ._-+@/ only.',
      )
}
