// A site with everything that makes a set-up harder: two portals, a port and a cookie name of its own, names, addresses and https upstreams.
import { EXAMPLE_SITE } from '../../src/setup/example-site.ts'
import { PROXY_NAMES, type ProxyName } from '../../src/setup/proxy-name.ts'
import type { Site } from '../../src/setup/site.ts'

export const RICH_SITE: Site = {
  ...EXAMPLE_SITE,
  portalHosts: ['auth.example.com', 'login.example.org'],
  port: 8443,
  cookieName: 'authelia.session-1',
  gate: { scheme: 'https', host: 'localhost', port: 9443 },
  applications: [
    { host: 'a-b.example.com', upstream: { scheme: 'http', host: '127.0.0.1', port: 3000 }, assumed: false },
    { host: 'a.b.example.com', upstream: { scheme: 'http', host: '::1', port: 3001 }, assumed: false },
    { host: 'also.example.org', upstream: { scheme: 'http', host: '127.0.0.1', port: 3000 }, assumed: false },
    { host: 'wiki.example.org', upstream: { scheme: 'https', host: 'localhost', port: 8444 }, assumed: false },
    { host: 'new.example.org', upstream: EXAMPLE_SITE.applications[0]?.upstream ?? EXAMPLE_SITE.gate, assumed: true },
  ],
}

/** As much of it as this proxy can do. */
export function richSiteFor(proxy: ProxyName): Site {
  const plainGate = proxy === 'apache' || proxy === 'varnish'
  const plain = <U extends Site['gate']>(upstream: U): U => ({ ...upstream, scheme: 'http' })
  return {
    ...RICH_SITE,
    gate: plainGate ? plain(RICH_SITE.gate) : RICH_SITE.gate,
    applications: RICH_SITE.applications.map((application) =>
      proxy === 'varnish' ? { ...application, upstream: plain(application.upstream) } : application,
    ),
  }
}
export { PROXY_NAMES }
