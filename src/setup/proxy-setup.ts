// Renders a proxy's files for a site from templates/proxy, the same templates that examples/ is made from.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Fault } from '../base/fault.ts'
import { packageFolder } from '../base/package-folder.ts'
import { compileTemplate, type TemplateSources } from '../base/template.ts'
import { PROXY_TITLES, type ProxyName } from './proxy-name.ts'
import { proxyScope } from './proxy-scope.ts'
import { checkSite, type SetupFile, type Site } from './site.ts'

const TEMPLATES = join(packageFolder(), 'templates', 'proxy')

/** The files of a set-up, the main one first, and the folder in which the proxy's package looks for each. */
const FILES: Readonly<Record<ProxyName, readonly (readonly [name: string, folder: string])[]>> = {
  nginx: [
    ['latchkey.conf', '/etc/nginx/conf.d'],
    ['latchkey-gate.conf', '/etc/nginx'],
    ['latchkey-protect.conf', '/etc/nginx'],
  ],
  traefik: [
    ['latchkey.yml', '/etc/traefik'],
    ['traefik.yml', '/etc/traefik'],
  ],
  caddy: [['Caddyfile', '/etc/caddy']],
  haproxy: [
    ['haproxy.cfg', '/etc/haproxy'],
    ['latchkey.lua', '/etc/haproxy'],
  ],
  envoy: [['envoy.yaml', '/etc/envoy']],
  apache: [
    ['latchkey.conf', '/etc/apache2/sites-available'],
    ['latchkey.lua', '/etc/apache2'],
  ],
  varnish: [
    ['latchkey.vcl', '/etc/varnish'],
    ['hitch.conf', '/etc/hitch'],
  ],
}

/** What a person types when the files are in their places: the proxy's own check, then the reload. */
export const PROXY_RELOAD: Readonly<Record<ProxyName, string>> = {
  nginx: 'nginx -t && systemctl reload nginx',
  traefik: 'systemctl restart traefik',
  caddy: 'caddy validate --config /etc/caddy/Caddyfile && systemctl reload caddy',
  haproxy: 'haproxy -c -f /etc/haproxy/haproxy.cfg && systemctl reload haproxy',
  envoy: 'envoy --mode validate -c /etc/envoy/envoy.yaml && systemctl restart envoy',
  apache: 'a2ensite latchkey && apachectl configtest && systemctl reload apache2',
  varnish: 'varnishd -C -f /etc/varnish/latchkey.vcl && systemctl restart varnish hitch',
}

/** The files of the site's certificate that this proxy reads. */
export function certificateFiles(proxy: ProxyName, { certificate }: Site): readonly string[] {
  const { certificateFile, keyFile, bundleFile } = certificate
  return proxy === 'haproxy' || proxy === 'varnish' ? [bundleFile] : [certificateFile, keyFile]
}

interface Rendering {
  /** Adds what only a reader of examples/ needs. */
  readonly example?: boolean
}

/** @throws Fault `proxy-unsupported` for what this proxy, or any, can't do */
export function proxySetup(proxy: ProxyName, site: Site, { example = false }: Rendering = {}): readonly SetupFile[] {
  checkSite(site)
  refuseTlsWhereThereIsNone(proxy, site)
  const scope = proxyScope(site, example)
  return FILES[proxy].map(([path, folder]) => ({
    path,
    goesTo: `${folder}/${path}`,
    text: compileTemplate(path, sourcesOf(proxy))(scope),
    mode: 0o644,
  }))
}

/** What the files do, and the mistakes that are made with them: Markdown. */
export function proxyGuide(proxy: ProxyName, site: Site, { example = false }: Rendering = {}): string {
  return compileTemplate(
    'README.md',
    sourcesOf(proxy),
  )({ ...proxyScope(site, example), proxy, reload: PROXY_RELOAD[proxy] })
}

function sourcesOf(proxy: ProxyName): TemplateSources {
  return {
    part: (name) => readFileSync(join(TEMPLATES, proxy, name), 'utf8'),
    text: () => undefined,
    // checkSite has let nothing through that would mean something in any of these languages.
    escape: (text) => text,
  }
}

function refuseTlsWhereThereIsNone(proxy: ProxyName, { gate, applications }: Site): void {
  const refuse = (what: string): never => {
    throw new Fault('proxy-unsupported', `${PROXY_TITLES[proxy]} can't speak https to ${what}.`, {
      hint: 'Give an http:// address on the same machine (--gate, --app), or choose another proxy.',
    })
  }
  if (gate.scheme === 'https' && (proxy === 'apache' || proxy === 'varnish')) refuse('Latchkey in this set-up')
  const encrypted = applications.find(({ upstream }) => upstream.scheme === 'https')
  if (encrypted && proxy === 'varnish') refuse(`the application of ${encrypted.host}`)
}
