import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import type { Config } from '../../src/config/config.ts'
import { loadConfig } from '../../src/config/load.ts'
import { DEFAULT_CERTIFICATE, parseApplication, parseUpstream } from '../../src/setup/site.ts'
import { type SiteWishes, siteOfConfig } from '../../src/setup/site-of-config.ts'

const folder = mkdtempSync(join(tmpdir(), 'latchkey-site-'))
after(() => rmSync(folder, { recursive: true, force: true }))

function config(parts: { rules?: string; cookies?: string; server?: string; session?: string } = {}): Config {
  const path = join(folder, 'configuration.yml')
  const {
    rules = "[{ domain: 'app.example.com', policy: 'one_factor' }]",
    cookies = "[{ domain: 'example.com', authelia_url: 'https://auth.example.com' }]",
    server = "{ address: 'tcp://:9091/' }",
    session = '',
  } = parts
  const secret = 'a-secret-that-is-long-enough-for-everything'
  writeFileSync(
    path,
    `server: ${server}
authentication_backend: { file: { path: 'users.yml' } }
access_control: { default_policy: 'deny', rules: ${rules} }
session: { secret: '${secret}', ${session} cookies: ${cookies} }
storage: { encryption_key: '${secret}', local: { path: 'x.sqlite3' } }
notifier: { filesystem: { filename: 'n.txt' } }
identity_validation: { reset_password: { jwt_secret: '${secret}' } }
`,
  )
  const loaded = loadConfig({ paths: [path], explicit: true, env: {}, filters: [], cwd: folder })
  assert.equal(loaded.kind, 'ok', JSON.stringify(loaded.kind === 'ok' ? '' : loaded.problems))
  return (loaded as { config: Config }).config
}
const wishes = (more: Partial<SiteWishes> = {}): SiteWishes => ({
  applications: [],
  domains: [],
  certificate: DEFAULT_CERTIFICATE,
  ...more,
})

test('applications are those that flags name, then hosts that rules name exactly; what can’t be one is told', () => {
  const rules = `[{ domain: ['app.example.com', 'WIKI.example.com', '*.example.com', 'auth.example.com', '{user}.example.com'], policy: 'one_factor' },
    { domain_regex: '^x\\.example\\.com$', policy: 'deny' }]`
  const { site, remarks } = siteOfConfig(
    config({ rules }),
    wishes({ applications: ['app.example.com=http://10.0.0.5:3000', 'New.example.com=grafana:3000'] }),
  )
  assert.deepEqual(
    site.applications.map(({ host, upstream, assumed }) => [
      host,
      `${upstream.scheme} ${upstream.host} ${upstream.port}`,
      assumed,
    ]),
    [
      ['app.example.com', 'http 10.0.0.5 3000', false],
      ['new.example.com', 'http grafana 3000', false],
      ['wiki.example.com', 'http 127.0.0.1 8080', true],
    ],
  )
  assert.equal(remarks.length, 2)
  assert.match(remarks[0] ?? '', /\*\.example\.com, \{user\}\.example\.com/)
  assert.match(remarks[1] ?? '', /^Where wiki\.example\.com listens is assumed/)
})

test('Latchkey is asked where it listens, or where somebody says', () => {
  assert.deepEqual(siteOfConfig(config(), wishes()).site.gate, { scheme: 'http', host: '127.0.0.1', port: 9091 })
  assert.deepEqual(siteOfConfig(config({ server: "{ address: 'tcp://10.1.1.1:7000/' }" }), wishes()).site.gate, {
    scheme: 'http',
    host: '10.1.1.1',
    port: 7000,
  })
  assert.deepEqual(siteOfConfig(config(), wishes({ gate: 'https://latchkey:9091' })).site.gate, {
    scheme: 'https',
    host: 'latchkey',
    port: 9091,
  })
  const socket = config({ server: "{ address: 'unix:///run/latchkey.sock' }" })
  assert.throws(() => siteOfConfig(socket, wishes()), { code: 'proxy-gate' })
  assert.equal(siteOfConfig(socket, wishes({ gate: '127.0.0.1:9091' })).site.gate.port, 9091)
})

test('port, portals and the cookie’s name come from session.cookies', () => {
  const cookies = `[{ domain: 'example.com', authelia_url: 'https://auth.example.com:8443' }, { domain: 'example.org', authelia_url: 'https://Login.example.org:8443/sub' }]`
  const { site } = siteOfConfig(config({ cookies, session: "name: 'mine'," }), wishes())
  assert.deepEqual(
    [site.port, site.portalHosts, site.cookieName],
    [8443, ['auth.example.com', 'login.example.org'], 'mine'],
  )
  const only = siteOfConfig(config({ cookies }), wishes({ domains: ['example.com'] })).site
  assert.deepEqual(only.portalHosts, ['auth.example.com'])
})

test('what can’t be served is refused by name', () => {
  const refused = (code: string, wish: Partial<SiteWishes>, parts: Parameters<typeof config>[0] = {}): void => {
    assert.throws(() => siteOfConfig(config(parts), wishes(wish)), { code }, JSON.stringify([wish, parts]))
  }
  refused('proxy-application', { applications: ['auth.example.com=http://127.0.0.1:1'] })
  refused('proxy-application', { applications: ['app.example.net=http://127.0.0.1:1'] })
  refused('proxy-application', {}, { rules: "[{ domain: '*.example.com', policy: 'one_factor' }]" })
  refused('proxy-portal', { domains: ['example.net'] })
  const ports = `[{ domain: 'example.com', authelia_url: 'https://auth.example.com' }, { domain: 'example.org', authelia_url: 'https://auth.example.org:8443' }]`
  refused('proxy-unsupported', {}, { cookies: ports })
  const names = `[{ domain: 'example.com', authelia_url: 'https://auth.example.com', name: 'a' }, { domain: 'example.org', authelia_url: 'https://auth.example.org', name: 'b' }]`
  refused('proxy-unsupported', {}, { cookies: names })
})

test('an application is HOST=ADDRESS, an address is scheme, host and port', () => {
  for (const text of [
    '',
    'app',
    'app.example.com',
    '=http://x',
    'a b=http://x',
    '*.example.com=http://x',
    'app.example.com:443=http://x',
    '127.0.0.1=http://x',
  ])
    assert.throws(() => parseApplication(text), { code: 'proxy-application', exitCode: 2 }, text)
  for (const text of [
    '',
    'ftp://x',
    'http://',
    'http://a:b@c',
    'http://x/path',
    'http://x?y',
    'http://x:99999',
    'http://x y',
    'http://x;y',
    'http://{x}',
  ])
    assert.throws(() => parseUpstream(text, '--gate'), { code: 'proxy-upstream', exitCode: 2 }, text)
  assert.deepEqual(parseUpstream('https://[::1]', 'x'), { scheme: 'https', host: '::1', port: 443 })
  assert.deepEqual(parseUpstream('my_app:8080/', 'x'), { scheme: 'http', host: 'my_app', port: 8080 })
})
