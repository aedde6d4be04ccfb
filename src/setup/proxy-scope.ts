// The values that the templates in templates/proxy may name: the site, written in the ways in which the proxies' languages want it.
import { isIP } from 'node:net'
import type { Scope } from '../base/template.ts'
import { type Application, addressOf, type Site, type Upstream, urlOf } from './site.ts'

/** Applications that one address serves stand in one block. */
interface Group {
  readonly id: string
  readonly upstream: Upstream
  readonly assumed: boolean
  readonly hosts: readonly string[]
}

/** @param isExample adds what only a reader of examples/ needs */
export function proxyScope(site: Site, isExample: boolean): Scope {
  const groups = groupsOf(site.applications)
  const sites = (hosts: readonly string[]): string =>
    hosts.map((host) => `https://${host}${site.port === 443 ? '' : `:${site.port}`}`).join(', ')
  const hosts = groups.flatMap((group) => group.hosts)
  return {
    example: isExample,
    port: site.port,
    portalNames: site.portalHosts.join(' '),
    firstPortal: site.portalHosts[0] ?? '',
    otherPortals: site.portalHosts.slice(1).join(' '),
    portalSites: sites(site.portalHosts),
    portalRule: traefikRule(site.portalHosts),
    portalPattern: pattern(site.portalHosts),
    portalDomains: site.portalHosts.map((host) => `${host}, '${host}:${site.port}'`).join(', '),
    portalTable: site.portalHosts.map((host) => `["${host}"] = true`).join(', '),
    'gate.scheme': site.gate.scheme,
    'gate.host': site.gate.host,
    'gate.port': site.gate.port,
    'gate.address': addressOf(site.gate),
    'gate.url': urlOf(site.gate),
    'gate.dial': dial(site.gate),
    'gate.tls': site.gate.scheme === 'https',
    'gate.isName': isIP(site.gate.host) === 0,
    cookieName: site.cookieName,
    cookiePattern: pattern([site.cookieName]),
    certificate: site.certificate.certificateFile,
    key: site.certificate.keyFile,
    pem: site.certificate.bundleFile,
    allPattern: pattern(hosts),
    aclNames: groups.map(({ id }) => id).join(' or '),
    applications: groups.map((group) => ({
      id: group.id,
      assumed: group.assumed,
      hosts: group.hosts.map((host) => ({ host })),
      names: group.hosts.join(' '),
      firstName: group.hosts[0] ?? '',
      otherNames: group.hosts.slice(1).join(' '),
      sites: sites(group.hosts),
      rule: traefikRule(group.hosts),
      pattern: pattern(group.hosts),
      scheme: group.upstream.scheme,
      tls: group.upstream.scheme === 'https',
      host: group.upstream.host,
      upstreamPort: group.upstream.port,
      isName: isIP(group.upstream.host) === 0,
      address: addressOf(group.upstream),
      url: urlOf(group.upstream),
      dial: dial(group.upstream),
    })),
  }
}

/** As it is for http: Caddy's short form. */
const dial = (upstream: Upstream): string => (upstream.scheme === 'http' ? addressOf(upstream) : urlOf(upstream))
const traefikRule = (hosts: readonly string[]): string => hosts.map((host) => `Host(\`${host}\`)`).join(' || ')
const pattern = (texts: readonly string[]): string => texts.map((text) => text.replaceAll('.', '\\.')).join('|')

function groupsOf(applications: readonly Application[]): readonly Group[] {
  const byAddress = Map.groupBy(applications, ({ upstream, assumed }) => `${assumed} ${urlOf(upstream)}`)
  const ids = new Set(['latchkey', 'portal', 'https'])
  return [...byAddress.values()].map((members) => {
    const [{ upstream, assumed, host } = members[0] as Application] = members
    const id = byAddress.size === 1 ? 'application' : unique(`app_${host.replace(/[^a-z0-9]/g, '_')}`, ids)
    return { id, upstream, assumed, hosts: members.map((member) => member.host) }
  })
}

/** `a.b` and `a-b` make the same identifier. */
function unique(wanted: string, taken: Set<string>): string {
  let id = wanted
  for (let n = 2; taken.has(id); n++) id = `${wanted}_${n}`
  taken.add(id)
  return id
}
