// From a configuration, and what a person added to it, to the site that a proxy's files are made for.
import { Fault } from '../base/fault.ts'
import type { Config, CookieDomain } from '../config/config.ts'
import {
  type Application,
  ASSUMED_UPSTREAM,
  isHostName,
  parseApplication,
  parseUpstream,
  type Site,
  type Upstream,
} from './site.ts'

export interface SiteWishes {
  /** `HOST=ADDRESS`, as given. */
  readonly applications: readonly string[]
  /** Where the proxy reaches Latchkey, when that isn't what `server.address` says. */
  readonly gate?: string | undefined
  /** Only these cookie domains; all when empty. */
  readonly domains: readonly string[]
  readonly certificate: Site['certificate']
}

export interface Hosts {
  readonly portals: readonly string[]
  readonly applications: readonly string[]
}

export interface MadeSite {
  readonly site: Site
  /** What the person should know: hosts left out, addresses assumed. One sentence each. */
  readonly remarks: readonly string[]
}

/** @throws Fault `proxy-application`, `proxy-upstream`, `proxy-gate`, `proxy-portal`, `proxy-unsupported` */
export function siteOfConfig(config: Config, wishes: SiteWishes): MadeSite {
  const cookies = chosen(config.session.cookies, wishes.domains)
  const portals = cookies.map(portalOf)
  const portalHosts = [...new Set(portals.map(({ hostname }) => hostname.toLowerCase()))]
  const remarks: string[] = []
  const named = wishes.applications.map(parseApplication)
  for (const { host } of named) refuseUnusable(host, portalHosts, cookies)
  const fromRules = hostsOfRules(config, portalHosts, cookies, remarks).filter((host) =>
    named.every((app) => app.host !== host),
  )
  const assumed = fromRules.map((host): Application => ({ host, upstream: ASSUMED_UPSTREAM, assumed: true }))
  const applications = [...new Map([...named, ...assumed].map((app) => [app.host, app])).values()]
  if (applications.length === 0) {
    throw new Fault('proxy-application', 'There is no application to protect: no rule names a host.', {
      hint: 'Name each with --app app.example.com=http://127.0.0.1:3000.',
      exitCode: 2,
    })
  }
  if (assumed.length > 0) {
    const hosts = assumed.map(({ host }) => host).join(', ')
    remarks.push(
      `Where ${hosts} listens is assumed: change the lines marked CHANGE THIS, or name it with --app HOST=ADDRESS.`,
    )
  }
  const site: Site = {
    portalHosts,
    applications,
    gate: gateOf(config, wishes.gate),
    cookieName: onlyCookieName(cookies),
    port: onlyPort(portals),
    certificate: wishes.certificate,
  }
  return { site, remarks }
}

function chosen(cookies: readonly CookieDomain[], domains: readonly string[]): readonly CookieDomain[] {
  for (const domain of domains) {
    if (!cookies.some((cookie) => cookie.domain === domain.toLowerCase()))
      throw new Fault('proxy-portal', `${domain} is no domain of session.cookies.`, {
        hint: `There are: ${cookies.map((cookie) => cookie.domain).join(', ')}.`,
        exitCode: 2,
      })
  }
  return domains.length === 0 ? cookies : cookies.filter(({ domain }) => domains.includes(domain))
}

function portalOf({ domain, portalUrl }: CookieDomain): URL {
  if (portalUrl === undefined)
    throw new Fault('proxy-portal', `The configuration doesn't say where the portal of ${domain} is.`, {
      hint: "Write session.cookies with an authelia_url: 'https://auth.example.com'.",
    })
  return new URL(portalUrl)
}

const covers = (domain: string, host: string): boolean => host === domain || host.endsWith(`.${domain}`)

function refuseUnusable(host: string, portalHosts: readonly string[], cookies: readonly CookieDomain[]): void {
  if (portalHosts.includes(host))
    throw new Fault('proxy-application', `--app: ${host} is the portal's own host.`, {
      hint: 'The portal needs a host of its own; it must not stand behind its own gate.',
      exitCode: 2,
    })
  if (!cookies.some(({ domain }) => covers(domain, host)))
    throw new Fault(
      'proxy-application',
      `--app: ${host} is under none of the cookie domains (${cookies.map(({ domain }) => domain).join(', ')}).`,
      {
        hint: 'Nobody could sign in there: give it a name under one of them, or add its domain to session.cookies.',
        exitCode: 2,
      },
    )
}

/** What the files of a proxy have to name, however they are written. */
export function hostsOfConfig(config: Config): Hosts {
  const { cookies } = config.session
  const portals = cookies.flatMap(({ portalUrl }) => (portalUrl === undefined ? [] : [new URL(portalUrl).hostname]))
  return { portals: [...new Set(portals)], applications: hostsOfRules(config, portals, cookies, []) }
}

/** The hosts that rules name exactly. What can't be one is told, once. */
function hostsOfRules(
  config: Config,
  portalHosts: readonly string[],
  cookies: readonly CookieDomain[],
  remarks: string[],
): readonly string[] {
  const written = config.accessControl.rules.flatMap((rule) => rule.domain)
  const hosts = new Set<string>()
  const open = new Set(config.accessControl.rules.flatMap((rule) => rule.domainRegex))
  for (const text of written) {
    const host = text.toLowerCase()
    if (portalHosts.includes(host)) continue
    if (!isHostName(host)) open.add(text)
    else if (cookies.some(({ domain }) => covers(domain, host))) hosts.add(host)
  }
  if (open.size > 0)
    remarks.push(`Rules about ${[...open].join(', ')} name no single host: give the applications they mean with --app.`)
  return [...hosts]
}

function gateOf(config: Config, wish: string | undefined): Upstream {
  if (wish !== undefined) return parseUpstream(wish, '--gate')
  const { address, tls } = config.server
  if (address.kind !== 'tcp')
    throw new Fault('proxy-gate', 'Latchkey listens at a socket, and the set-ups ask over TCP.', {
      hint: 'Say how the proxy reaches it: --gate http://127.0.0.1:9091.',
    })
  const everywhere = address.host === '' || address.host === '0.0.0.0' || address.host === '::'
  return { scheme: tls ? 'https' : 'http', host: everywhere ? '127.0.0.1' : address.host, port: address.port }
}

function onlyCookieName(cookies: readonly CookieDomain[]): string {
  const names = new Set(cookies.map(({ name }) => name))
  if (names.size > 1)
    throw new Fault(
      'proxy-unsupported',
      `The cookie domains have different session cookies: ${[...names].join(', ')}.`,
      {
        hint: 'Make a set-up for each with --domain, or give them the same session.name.',
      },
    )
  return [...names][0] ?? ''
}

function onlyPort(portals: readonly URL[]): number {
  const ports = new Set(portals.map(({ port }) => (port === '' ? 443 : Number(port))))
  if (ports.size > 1)
    throw new Fault('proxy-unsupported', `The portals listen at different ports: ${[...ports].join(', ')}.`, {
      hint: 'Make a set-up for each with --domain.',
    })
  return [...ports][0] ?? 443
}
