// The site that examples/ shows: four hosts under example.com, one application. Tests and the demo put a machine's own values in its place.
import { ASSUMED_UPSTREAM, DEFAULT_CERTIFICATE, type Site } from './site.ts'

export const EXAMPLE_SITE: Site = {
  portalHosts: ['auth.example.com'],
  applications: ['app', 'admin', 'public', 'denied'].map((name) => ({
    host: `${name}.example.com`,
    upstream: ASSUMED_UPSTREAM,
    assumed: true,
  })),
  gate: { scheme: 'http', host: '127.0.0.1', port: 9091 },
  cookieName: '__Secure-latchkey_session',
  port: 443,
  certificate: DEFAULT_CERTIFICATE,
}
