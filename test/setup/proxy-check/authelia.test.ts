// Set-ups that were written for Authelia, put right and run with seven proxies: nothing is a mistake, and advice is only what they chose to leave.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { checkProxy } from '../../../src/setup/proxy-check/check.ts'
import type { ProxyName } from '../../../src/setup/proxy-name.ts'

const SETUPS: readonly (readonly [ProxyName, ...string[]])[] = [
  ['nginx', 'nginx.conf'],
  ['haproxy', 'haproxy.cfg'],
  ['caddy', 'Caddyfile'],
  ['apache', 'apache.conf'],
  ['apache', 'apache-fcgi.conf'],
  ['varnish', 'varnish.vcl'],
  ['traefik', 'traefik.yml', 'traefik-dynamic.yml'],
  ['envoy', 'envoy.yaml'],
]
for (const [proxy, ...files] of SETUPS) {
  test(`${files.join(' and ')}, right for Authelia, has no mistake`, () => {
    const { findings } = checkProxy(
      proxy,
      files.map((file) => join(import.meta.dirname, 'authelia', file)),
    )
    const left = findings.filter(
      ({ severity, code }) => severity === 'mistake' || !['gate-exposed', 'session-cookie-passed-on'].includes(code),
    )
    assert.deepEqual(left, [])
  })
}
