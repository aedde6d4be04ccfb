import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { proxyExamples } from '../../scripts/proxy-examples.ts'
import { issueLeaf, makeAuthority } from '../../src/certs/authority.ts'
import { EXAMPLE_SITE } from '../../src/setup/example-site.ts'
import { checkSources } from '../../src/setup/proxy-check/check.ts'
import type { ProxyName } from '../../src/setup/proxy-name.ts'
import { proxyGuide, proxySetup } from '../../src/setup/proxy-setup.ts'
import type { Site } from '../../src/setup/site.ts'
import { PROXY_NAMES, RICH_SITE, richSiteFor } from './sites.ts'

const root = join(import.meta.dirname, '..', '..')
const textOf = (proxy: ProxyName, site: Site): string =>
  proxySetup(proxy, site)
    .map(({ text }) => text)
    .join('\n')

test('examples/ is what the templates say; `npm run gen` writes it', () => {
  const rendered = proxyExamples()
  assert.equal(Object.keys(rendered).length, 20)
  for (const [path, text] of Object.entries(rendered)) assert.equal(readFileSync(join(root, path), 'utf8'), text, path)
})

for (const proxy of PROXY_NAMES) {
  test(`${proxy}: what is rendered for a site with everything is whole, names it all, and has no finding`, () => {
    const site = richSiteFor(proxy)
    const files = proxySetup(proxy, site)
    const all = files.map(({ text }) => text).join('\n')
    assert.doesNotMatch(all, /\{\{|undefined|\[object/)
    const plain = all.replaceAll('\\.', '.')
    for (const { host, upstream } of site.applications) {
      assert.ok(plain.includes(host), host)
      assert.ok(all.includes(String(upstream.port)), String(upstream.port))
    }
    for (const name of [...site.portalHosts, ...(proxy === 'traefik' ? [] : [site.cookieName])])
      assert.ok(plain.includes(name), name)
    assert.doesNotMatch(plain, /example\.com:443|__Secure|9091/)
    assert.equal(plain.match(/CHANGE THIS/g)?.length, 1)
    assert.deepEqual(checkSources(proxy, files).findings, [])
  })

  test(`${proxy}: the guide for somebody's own site says nothing about the example's`, () => {
    const guide = proxyGuide(proxy, RICH_SITE)
    assert.match(guide, /^# .* in front of Latchkey\n/)
    assert.match(guide, /Mistakes others have made/)
    assert.doesNotMatch(guide, /\{\{|npm run demo|replace `example/)
    assert.match(proxyGuide(proxy, EXAMPLE_SITE, { example: true }), /npm run demo/)
  })
}

test('hosts of the same address share a block; names that make the same identifier get different ones', () => {
  const text = textOf('haproxy', RICH_SITE)
  assert.match(text, /acl app_a_b_example_com {2}hdr\(host\),host_only -i a-b\.example\.com also\.example\.org$/m)
  assert.match(text, /acl app_a_b_example_com_2 {2}hdr\(host\),host_only -i a\.b\.example\.com$/m)
})

test('an IPv6 address stands in brackets where a port follows', () => {
  assert.match(textOf('nginx', RICH_SITE), /server \[::1\]:3001;/)
  assert.match(textOf('caddy', RICH_SITE), /reverse_proxy \[::1\]:3001$/m)
})

test('what a proxy can’t do is refused, not left out', () => {
  for (const proxy of ['apache', 'varnish'] as const)
    assert.throws(() => proxySetup(proxy, RICH_SITE), { code: 'proxy-unsupported' }, proxy)
  const plainGate = { ...RICH_SITE, gate: EXAMPLE_SITE.gate }
  assert.throws(() => proxySetup('varnish', plainGate), { code: 'proxy-unsupported', message: /wiki\.example\.org/ })
})

test('INJ nothing that would mean more than itself gets into a file', () => {
  const nasty = ['x; }', 'a b', '$(id)', "a'b", 'a"b', 'a\nb', '{{x}}', 'a{b', '']
  for (const text of nasty) {
    const sites: readonly Site[] = [
      { ...EXAMPLE_SITE, cookieName: text },
      { ...EXAMPLE_SITE, portalHosts: [text] },
      { ...EXAMPLE_SITE, applications: [{ host: text, upstream: EXAMPLE_SITE.gate, assumed: false }] },
      { ...EXAMPLE_SITE, certificate: { ...EXAMPLE_SITE.certificate, keyFile: text } },
    ]
    for (const site of sites) assert.throws(() => proxySetup('nginx', site), { code: 'proxy-unsupported' }, text)
  }
})

describe('the proxies themselves accept what is rendered for a site with everything', () => {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-setup-'))
  after(() => rmSync(folder, { recursive: true, force: true }))

  /** Words after the program; `$DIR` is the folder of the files, `$MAIN` the first file. */
  const VALIDATORS: Readonly<Partial<Record<ProxyName, readonly [variable: string, name: string, ...args: string[]]>>> =
    {
      nginx: ['NGINX_BIN', '/usr/sbin/nginx', '-t', '-e', 'stderr', '-p', '$DIR', '-c', '$DIR/main.conf'],
      caddy: ['CADDY_BIN', '/usr/bin/caddy', 'adapt', '--validate', '--config', '$MAIN', '--adapter', 'caddyfile'],
      haproxy: ['HAPROXY_BIN', '/usr/sbin/haproxy', '-c', '-f', '$MAIN'],
      apache: ['APACHE_BIN', '/usr/sbin/apache2', '-t', '-f', '$DIR/main.conf'],
      varnish: ['VARNISH_BIN', '/usr/sbin/varnishd', '-j', 'none', '-C', '-n', '$DIR/state', '-f', '$MAIN'],
      envoy: ['ENVOY_BIN', '/usr/bin/envoy', '--mode', 'validate', '--log-level', 'warning', '-c', '$MAIN'],
    }
  const mainFile = (proxy: ProxyName, dir: string): string =>
    proxy === 'nginx'
      ? `events {} pid ${dir}/pid; error_log stderr; http { access_log off; client_body_temp_path ${dir}/a; proxy_temp_path ${dir}/b; fastcgi_temp_path ${dir}/c; uwsgi_temp_path ${dir}/d; scgi_temp_path ${dir}/e; include ${dir}/latchkey.conf; }`
      : `ServerRoot ${dir}\nServerName localhost\nErrorLog ${dir}/error.log\nPidFile ${dir}/pid\nDefaultRuntimeDir ${dir}\nMutex file:${dir} default\n${'mpm_event authn_core authz_core authz_user alias headers socache_shmcb ssl http2 proxy proxy_http lua'
          .split(' ')
          .map((name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`)
          .join('\n')}\nListen 127.0.0.1:8443\nInclude ${dir}/latchkey.conf\n`

  for (const [proxy, [variable, name, ...args]] of Object.entries(VALIDATORS) as [
    ProxyName,
    [string, string, ...string[]],
  ][]) {
    test(proxy, async (t) => {
      const program = process.env[variable] || name
      if (spawnSync(program, ['--version']).error) return t.skip(`put the program's path into ${variable}`)
      const dir = mkdtempSync(join(folder, `${proxy}-`))
      const lifetime = { now: Date.now(), days: 2 }
      const leaf = await issueLeaf(
        await makeAuthority('Tests', ['example.com'], lifetime),
        { dns: ['example.com'] },
        lifetime,
      )
      const certificate = {
        certificateFile: join(dir, 'tls.crt'),
        keyFile: join(dir, 'tls.key'),
        bundleFile: join(dir, 'tls.pem'),
      }
      writeFileSync(certificate.certificateFile, leaf.certificate)
      writeFileSync(certificate.keyFile, leaf.privateKey)
      writeFileSync(certificate.bundleFile, `${leaf.certificate.trimEnd()}\n${leaf.privateKey}`)
      const files = proxySetup(proxy, { ...richSiteFor(proxy), certificate })
      for (const { path, text } of files)
        writeFileSync(
          join(dir, path),
          text.replaceAll(`/etc/${proxy}/`, `${dir}/`).replaceAll('/etc/apache2/', `${dir}/`),
        )
      writeFileSync(join(dir, 'main.conf'), mainFile(proxy, dir))
      const words = args.map((word) => word.replace('$DIR', dir).replace('$MAIN', join(dir, files[0]?.path ?? '')))
      const ran = spawnSync(program, words, {
        encoding: 'utf8',
        cwd: dir,
        env: { PATH: process.env['PATH'], HOME: dir },
      })
      assert.equal(ran.status, 0, `${ran.stdout.slice(-2000)}\n${ran.stderr.slice(-2000)}`)
    })
  }
})
