// The proxies that there is a set-up for, and how people write their names.

export const PROXY_NAMES = ['nginx', 'traefik', 'caddy', 'haproxy', 'envoy', 'apache', 'varnish'] as const
export type ProxyName = (typeof PROXY_NAMES)[number]

export const PROXY_TITLES: Readonly<Record<ProxyName, string>> = {
  nginx: 'nginx',
  traefik: 'Traefik',
  caddy: 'Caddy',
  haproxy: 'HAProxy',
  envoy: 'Envoy',
  apache: 'Apache',
  varnish: 'Varnish',
}
