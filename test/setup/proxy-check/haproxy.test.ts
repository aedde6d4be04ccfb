import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkSources } from '../../../src/setup/proxy-check/check.ts'
import { plantingTests } from './plant.ts'

const [file, script] = ['haproxy.cfg', 'latchkey.lua'] as const
plantingTests(
  'haproxy',
  [file, script],
  [
    { name: 'nothing asks', file, from: /.*http-request lua\.latchkey.*\n/, to: '', finds: 'no-gate' },
    {
      name: 'X-Forwarded-For of the client goes on',
      file,
      from: /.*(?:del-header \^x-forwarded-|set-header X-Forwarded-For).*\n/g,
      to: '',
      finds: 'client-forwarded-headers',
      at: 'lua.latchkey',
    },
    {
      name: 'X-Forwarded-Host is the client’s',
      file,
      from: '%[req.hdr(host)]',
      to: '%[req.hdr(x-forwarded-host)]',
      finds: 'client-forwarded-headers',
      at: 'req.hdr(x-forwarded-host)',
    },
    {
      name: 'always http',
      file,
      from: 'X-Forwarded-Proto https',
      to: 'X-Forwarded-Proto http',
      finds: 'wrong-scheme',
      at: 'X-Forwarded-Proto http',
    },
    {
      name: 'the path without its query',
      file,
      from: 'X-Forwarded-URI %[pathq]',
      to: 'X-Forwarded-URI %[path]',
      finds: 'query-absent',
      at: '%[path]',
    },
    {
      name: 'the portal is behind its own gate',
      file,
      from: ' unless portal\n',
      to: '\n',
      finds: 'portal-behind-gate',
      at: 'lua.latchkey',
    },
    {
      name: 'asked about if, and the portal fits',
      file,
      from: ' unless portal\n',
      to: ' if portal or application\n',
      finds: 'portal-behind-gate',
    },
    {
      name: 'the gate’s endpoints on the portal’s host',
      file,
      from: /.*(?:acl gate_path|portal gate_path).*\n/g,
      to: '',
      finds: 'gate-exposed',
      severity: 'advice',
    },
    {
      name: 'http to another machine',
      file,
      from: 'lua.latchkey http://127.0.0.1:9091',
      to: 'lua.latchkey http://10.1.2.3:9091',
      finds: 'gate-over-network',
      at: '10.1.2.3',
    },
    {
      name: 'the visitor’s query goes along',
      file,
      from: 'authz/forward-auth _',
      to: 'authz/forward-auth?%[query] _',
      finds: 'query-passed-on',
    },
    {
      name: 'true identity is removed',
      file,
      from: '    use_backend portal',
      to: '    http-request del-header Remote-User\n    use_backend portal',
      finds: 'identity-removed',
      at: 'del-header Remote-User',
    },
    {
      name: 'the script leaves the client’s identity',
      file: script,
      from: /.*req_del_header\(name\).*\n/,
      to: '',
      finds: 'identity-not-stripped',
    },
    {
      name: 'the script leaves Remote_User',
      file: script,
      from: ':gsub("_", "-")',
      to: '',
      finds: 'underscore-headers',
    },
    {
      name: 'the script says no method',
      file: script,
      from: /.*x-forwarded-method.*\n/,
      to: '',
      finds: 'original-method-missing',
    },
    {
      name: 'the script says no path',
      file: script,
      from: /.*x-forwarded-uri.*\n/,
      to: '',
      finds: 'original-url-missing',
    },
    {
      name: 'the script says no address',
      file: script,
      from: /.*x-forwarded-for.*\n/,
      to: '',
      finds: 'client-address-missing',
    },
    {
      name: 'the script leaves the query out',
      file: script,
      from: 'txn.sf:pathq()',
      to: 'txn.sf:path()',
      finds: 'query-absent',
      at: 'sf:path()',
    },
    {
      name: 'the script asks with the Upgrade',
      file: script,
      from: '{ "cookie",',
      to: '{ "upgrade", "cookie",',
      finds: 'websocket-to-gate',
      at: 'upgrade',
    },
    {
      name: 'the script keeps the session cookie',
      file: script,
      from: /.*req_del_header\("cookie"\).*\n/,
      to: '',
      finds: 'session-cookie-passed-on',
      severity: 'advice',
    },
  ],
)

/** As Authelia documents it, put right. */
const AUTH_REQUEST = `frontend https
    bind :443 ssl crt /etc/x.pem
    acl portal hdr(host) -i auth.example.com
    acl protected hdr(host) -m reg -i ^(?i)(app|wiki)\\.example\\.com
    http-request del-header ^remote[-_] -m reg
    http-request set-header X-Forwarded-Method %[method]
    http-request set-header X-Forwarded-Proto https
    http-request set-header X-Forwarded-Host %[req.hdr(Host)]
    http-request set-header X-Forwarded-URI %[pathq]
    http-request set-header X-Forwarded-For %[src]
    acl gate path -m reg -i ^/+api/+(authz|verify)
    http-request return status 404 if portal gate
    http-request lua.auth-request be_authelia /api/authz/forward-auth HEAD cookie,accept remote-user,remote-groups,remote-name,remote-email - if protected
    http-request deny if protected !{ var(txn.auth_response_successful) -m bool }
    http-request del-header Cookie
    use_backend be_authelia if portal
    default_backend app
backend be_authelia
    server authelia authelia:9091
backend app
    server app app:8080
`
const check = (text: string) =>
  checkSources('haproxy', [{ path: 'haproxy.cfg', text }]).findings.map(({ code, line }) => [code, line])

test('haproxy-auth-request, put right, has no finding', () => {
  assert.deepEqual(check(AUTH_REQUEST), [])
})

for (const [name, from, to, found] of [
  ['nothing acts on the answer', /.*http-request deny.*\n/, '', [['fails-open', 13]]],
  [
    'a variable that nothing sets',
    'auth_response_successful',
    'auth_response_succesful',
    [
      ['fails-open', 13],
      ['unknown-variable', 14],
    ],
  ],
  [
    'a variable with a hyphen',
    'server app app:8080',
    'server app app:8080\n    http-request set-header X-User %[var(req.auth_response_header.remote-user)]',
    [['unknown-variable', 22]],
  ],
  [
    'identity of the client stays',
    /.*del-header \^remote.*\n/,
    '',
    [
      ['identity-not-stripped', 12],
      ['underscore-headers', 12],
    ],
  ],
  ['the method isn’t said', /.*X-Forwarded-Method.*\n/, '', [['original-method-missing', 12]]],
  ['all headers go to the gate', 'HEAD cookie,accept', 'HEAD *', [['body-to-gate', 13]]],
  [
    'identity isn’t handed on',
    ' remote-user,remote-groups,remote-name,remote-email',
    ' remote-user',
    [['identity-missing', 13]],
  ],
  ['the portal fits the condition', '(app|wiki)', '(app|auth)', [['portal-behind-gate', 13]]],
  [
    'http to another machine',
    'authelia authelia:9091',
    'authelia auth.lan.example.com:9091',
    [['gate-over-network', 19]],
  ],
  [
    'the certificate isn’t checked',
    'authelia authelia:9091',
    'authelia 10.0.0.8:9091 ssl verify none',
    [['gate-unverified', 19]],
  ],
] as const) {
  test(`haproxy-auth-request: ${name}`, () => {
    const text = AUTH_REQUEST.replace(from, to)
    assert.notEqual(text, AUTH_REQUEST)
    assert.deepEqual(check(text), found)
  })
}

test('a backend that is chosen by the answer acts on it', () => {
  const text = AUTH_REQUEST.replace(/http-request deny if (.*)/, 'use_backend be_authelia if $1')
  assert.deepEqual(check(text), [])
})
