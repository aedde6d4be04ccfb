// Set-ups that were written for Authelia, put right and run with seven proxies: nothing is a mistake, and advice is only what they chose to leave.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { checkProxy, checkSources } from '../../../src/setup/proxy-check/check.ts'
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

/** The shortest form, as many how-tos show it. */
const NAIVE: readonly (readonly [ProxyName, string, readonly string[]])[] = [
  [
    'nginx',
    `server { server_name naive.example.test;
  location = /authz { internal; proxy_pass http://127.0.0.1:9091/api/authz/auth-request; proxy_pass_request_body off;
    proxy_set_header Content-Length ""; proxy_set_header X-Original-Method $request_method;
    proxy_set_header X-Original-URL $scheme://$http_host$request_uri; }
  location / { auth_request /authz; auth_request_set $user $upstream_http_remote_user; auth_request_set $to $upstream_http_location;
    error_page 401 =302 $to; proxy_pass http://127.0.0.1:8080; proxy_set_header Host $http_host; proxy_set_header Remote-User $user; } }`,
    ['client-forwarded-headers', 'wrong-host', 'identity-not-stripped'],
  ],
  [
    'caddy',
    `https://naive.example.test {
	forward_auth 127.0.0.1:9091 {
		uri /api/authz/forward-auth
		copy_headers Remote-User Remote-Groups Remote-Name Remote-Email
	}
	reverse_proxy 127.0.0.1:8080
}`,
    ['query-passed-on', 'identity-not-stripped', 'underscore-headers'],
  ],
  [
    'traefik',
    `http:
  routers: { app: { rule: Host(\`app.example.test\`), middlewares: [authz], service: app } }
  middlewares:
    authz:
      forwardAuth: { address: 'http://127.0.0.1:9091/api/authz/forward-auth', authResponseHeaders: [Remote-User] }`,
    ['identity-not-stripped'],
  ],
]
for (const [proxy, text, codes] of NAIVE) {
  test(`the shortest set-up of ${proxy} has the mistakes that were seen through it`, () => {
    const { findings } = checkSources(proxy, [{ path: 'naive', text }])
    const mistakes = findings.filter(({ severity }) => severity === 'mistake').map(({ code }) => code)
    assert.deepEqual([...new Set(mistakes)].sort(), [...codes].sort())
  })
}
