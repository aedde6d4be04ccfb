import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkSources } from '../../../src/setup/proxy-check/check.ts'
import { plantingTests } from './plant.ts'

const [main, gate, protect] = ['latchkey.conf', 'latchkey-gate.conf', 'latchkey-protect.conf'] as const
plantingTests(
  'nginx',
  [main, gate, protect],
  [
    { name: 'nothing asks', file: protect, from: /^auth_request .*$/m, to: '', finds: 'no-gate' },
    {
      name: 'an identity header is left to the client',
      file: protect,
      from: /^proxy_set_header Remote-Groups.*$/m,
      to: '',
      finds: 'identity-not-stripped',
    },
    {
      name: 'an identity header is the client’s',
      file: protect,
      from: '$latchkey_user;',
      to: '$http_remote_user;',
      finds: 'identity-not-stripped',
      at: 'http_remote_user',
    },
    {
      name: 'a location with headers of its own inherits none',
      file: main,
      from: 'include latchkey-protect.conf;',
      to: 'include latchkey-protect.conf;\n location /x { proxy_set_header Host $host; proxy_pass http://application; }',
      finds: 'identity-not-stripped',
    },
    {
      name: 'a part of a host is let out, identity and all',
      file: main,
      from: '    location / {\n        # That nginx',
      to: '    location /api { auth_request off; proxy_pass http://application; }\n    location / {\n        # That nginx',
      finds: 'identity-not-stripped',
      at: '/api',
    },
    { name: 'no error_page 401', file: protect, from: /^error_page.*$/m, to: '', finds: 'no-sign-in' },
    {
      name: 'a plain redirect',
      file: protect,
      from: /^error_page.*$/m,
      to: 'error_page 401 =302 $latchkey_location;',
      finds: 'sign-in-redirect',
      severity: 'advice',
      at: '=302',
    },
    {
      name: 'no X-Original-URL',
      file: gate,
      from: /proxy_set_header X-Original-URL.*$/m,
      to: '',
      finds: 'original-url-missing',
    },
    {
      name: 'no X-Original-Method',
      file: gate,
      from: /proxy_set_header X-Original-Method.*$/m,
      to: '',
      finds: 'original-method-missing',
    },
    {
      name: 'X-Original-URL from $http_host',
      file: gate,
      from: '$scheme://$host$latchkey_port$request_uri',
      to: '$scheme://$http_host$request_uri',
      finds: 'wrong-host',
      at: 'http_host',
    },
    {
      name: 'X-Original-URL without a query',
      file: gate,
      from: '$latchkey_port$request_uri',
      to: '$latchkey_port$uri',
      finds: 'query-absent',
      at: '$uri',
    },
    {
      name: 'X-Original-URL that always says http',
      file: gate,
      from: '$scheme://$host',
      to: 'http://$host',
      finds: 'wrong-scheme',
    },
    {
      name: 'X-Forwarded-For is the client’s',
      file: gate,
      from: 'X-Forwarded-For    $remote_addr',
      to: 'X-Forwarded-For $http_x_forwarded_for',
      finds: 'client-forwarded-headers',
      at: 'http_x_forwarded_for',
    },
    {
      name: 'X-Forwarded-For isn’t set',
      file: gate,
      from: /proxy_set_header X-Forwarded-For.*$/m,
      to: '',
      finds: 'client-forwarded-headers',
    },
    {
      name: 'the portal is told what the client says',
      file: main,
      from: 'X-Forwarded-Proto $scheme',
      to: 'X-Forwarded-Proto $http_x_forwarded_proto',
      finds: 'client-forwarded-headers',
      at: 'http_x_forwarded_proto',
    },
    {
      name: 'forward-auth asked for, and no X-Forwarded-URI',
      file: gate,
      from: /(authz\/auth-request)|(proxy_set_header X-Forwarded-URI.*$)/gm,
      to: 'authz/forward-auth;',
      finds: 'client-forwarded-headers',
    },
    { name: 'the body goes along', file: gate, from: 'proxy_pass_request_body off;', to: '', finds: 'body-to-gate' },
    {
      name: 'a length without a body',
      file: gate,
      from: /proxy_set_header Content-Length.*$/m,
      to: '',
      finds: 'body-to-gate',
    },
    {
      name: 'the Upgrade of a WebSocket goes along',
      file: gate,
      from: "proxy_set_header Connection '';",
      to: 'proxy_set_header Upgrade $http_upgrade;\nproxy_set_header Connection $latchkey_connection;',
      finds: 'websocket-to-gate',
      at: 'Upgrade',
    },
    {
      name: 'the question’s location is open to all',
      file: gate,
      from: /(authz \{[^}]*?) internal;/,
      to: '$1',
      finds: 'gate-exposed',
    },
    {
      name: 'buffers of 4 kB',
      file: gate,
      from: 'proxy_buffer_size 32k',
      to: 'proxy_buffer_size 4k',
      finds: 'buffers-small',
      at: '4k',
    },
    {
      name: 'no word about buffers',
      file: gate,
      from: /proxy_buffer_size.*$/m,
      to: '',
      finds: 'buffers-small',
      severity: 'advice',
    },
    {
      name: 'no header goes along',
      file: gate,
      from: 'proxy_connect_timeout',
      to: 'proxy_pass_request_headers off;\nproxy_connect_timeout',
      finds: 'gate-request-headers',
      at: 'off',
    },
    {
      name: 'no cookie goes along',
      file: gate,
      from: 'proxy_connect_timeout',
      to: "proxy_set_header Cookie '';\nproxy_connect_timeout",
      finds: 'gate-request-headers',
      at: 'Cookie',
    },
    {
      name: 'satisfy any',
      file: main,
      from: 'include latchkey-protect.conf;',
      to: 'satisfy any;\nallow 10.0.0.0/8;\ninclude latchkey-protect.conf;',
      finds: 'fails-open',
      at: 'satisfy',
    },
    {
      name: 'answers are cached',
      file: gate,
      from: 'proxy_connect_timeout',
      to: 'proxy_cache answers;\nproxy_connect_timeout',
      finds: 'gate-cached',
      at: 'proxy_cache',
    },
    {
      name: 'the visitor’s query goes along',
      file: gate,
      from: 'auth-request;',
      to: 'auth-request$is_args$args;',
      finds: 'query-passed-on',
      at: 'is_args',
    },
    {
      name: 'http to another machine',
      file: main,
      from: 'server 127.0.0.1:9091',
      to: 'server 203.0.113.7:9091',
      finds: 'gate-over-network',
      at: '203.0.113.7',
    },
    {
      name: 'the portal is behind its own gate',
      file: main,
      from: '        proxy_pass http://latchkey;',
      to: '        auth_request /latchkey/authz;\n        proxy_pass http://latchkey;',
      finds: 'portal-behind-gate',
      at: 'auth_request',
    },
    {
      name: 'the gate’s endpoints on the portal’s host',
      file: main,
      from: /location ~\* .*$/m,
      to: '',
      finds: 'gate-exposed',
      severity: 'advice',
    },
    {
      name: 'the session cookie goes on',
      file: protect,
      from: /^proxy_set_header Cookie.*$/m,
      to: '',
      finds: 'session-cookie-passed-on',
      severity: 'advice',
    },
    {
      name: 'underscores in headers',
      file: main,
      from: /^ssl_certificate_key/m,
      to: 'underscores_in_headers on;\nssl_certificate_key',
      finds: 'underscore-headers',
      at: 'underscores_in_headers',
    },
  ],
)

test('a file alone whose includes are not there: said, and nothing is made up of what may stand there', () => {
  const text = 'server { location / { include snippets/authelia-authrequest.conf; proxy_pass http://app; } }'
  const { findings } = checkSources('nginx', [{ path: 'site.conf', text }])
  assert.deepEqual(
    findings.map(({ code, severity }) => [code, severity]),
    [['unread', 'advice']],
  )
})

test('a variable that `set` gives the gate’s address is followed', () => {
  const text = `set $upstream http://authelia:9091/api/authz/auth-request;
location /internal/authelia/authz { internal; proxy_pass $upstream; proxy_pass_request_body off; proxy_set_header Content-Length "";
proxy_set_header X-Original-URL $scheme://$http_host$request_uri; proxy_set_header X-Forwarded-For $remote_addr; proxy_buffer_size 16k; }`
  const { findings } = checkSources('nginx', [{ path: 'authelia-location.conf', text }])
  assert.deepEqual(
    findings.map(({ code, line }) => [code, line]),
    [
      ['original-method-missing', 2],
      ['wrong-host', 3],
    ],
  )
})

test('a variable means what the nearest `set` says, and https to another machine is to be checked', () => {
  const text = `server { server_name app.example.com; set $to http://app; set $gate https://gate.example.net/api/authz/auth-request;
  location / { auth_request /ask; error_page 401 = @in; proxy_set_header Cookie ''; proxy_pass $to;
    proxy_set_header Remote-User $u; proxy_set_header Remote-Groups $g; proxy_set_header Remote-Name $n; proxy_set_header Remote-Email $e; }
  location /ask { internal; proxy_pass $gate; proxy_pass_request_body off; proxy_buffer_size 16k;
    proxy_set_header Content-Length ''; proxy_set_header X-Original-Method $request_method;
    proxy_set_header X-Original-URL $scheme://$host$request_uri; proxy_set_header X-Forwarded-For $remote_addr; } }
server { server_name auth.example.com; set $to https://gate.example.net; location /api/verify { return 404; }
  location / { proxy_pass $to; } }`
  const { findings } = checkSources('nginx', [{ path: 'site.conf', text }])
  assert.deepEqual(
    findings.map(({ code, severity, line }) => [code, severity, line]),
    [['gate-unverified', 'mistake', 4]],
  )
})
