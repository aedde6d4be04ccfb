import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkSources } from '../../../src/setup/proxy-check/check.ts'
import { exampleSources, plantingTests } from './plant.ts'

const [file, fixed] = ['latchkey.yml', 'traefik.yml'] as const
plantingTests(
  'traefik',
  [file, fixed],
  [
    { name: 'nothing asks', file, from: "9091/api/authz/forward-auth'", to: "9091/'", finds: 'no-gate' },
    {
      name: 'no authResponseHeaders',
      file,
      from: /.*authResponseHeaders:.*\n/,
      to: '',
      finds: 'identity-not-stripped',
    },
    {
      name: 'authResponseHeaders of one',
      file,
      from: ', Remote-Groups, Remote-Name, Remote-Email]',
      to: ']',
      finds: 'identity-not-stripped',
      at: 'authResponseHeaders',
    },
    {
      name: 'a regular expression in lower case',
      file,
      from: /authResponseHeaders:.*/,
      to: "authResponseHeadersRegex: '^remote-'",
      finds: 'identity-not-stripped',
      at: 'Regex',
    },
    {
      name: 'trustForwardHeader, and an entry point that trusts',
      file,
      from: 'trustForwardHeader: false',
      to: 'trustForwardHeader: true',
      finds: 'client-forwarded-headers',
      severity: 'advice',
      at: 'trustForwardHeader',
    },
    {
      name: 'an entry point that believes everybody',
      file: fixed,
      from: 'insecure: false',
      to: 'insecure: true',
      finds: 'client-forwarded-headers',
      at: 'insecure',
    },
    {
      name: 'everybody is trusted',
      file: fixed,
      from: 'insecure: false',
      to: "trustedIPs: ['0.0.0.0/0']",
      finds: 'client-forwarded-headers',
      at: 'trustedIPs',
    },
    {
      name: 'Remote_User stays',
      file: fixed,
      from: 'underscoreHeadersStrategy: delete',
      to: 'underscoreHeadersStrategy: keep',
      finds: 'underscore-headers',
      at: 'keep',
    },
    {
      name: 'no word about Remote_User',
      file: fixed,
      from: /.*underscoreHeadersStrategy.*\n/,
      to: '',
      finds: 'underscore-headers',
      severity: 'advice',
    },
    {
      name: 'paths as they come',
      file: fixed,
      from: 'sanitizePath: true',
      to: 'sanitizePath: false',
      finds: 'path-differs',
      at: 'sanitizePath',
    },
    {
      name: 'the cookie isn’t handed to the gate',
      file,
      from: '[Cookie, Authorization',
      to: '[Authorization',
      finds: 'gate-request-headers',
    },
    {
      name: 'every header goes to the gate',
      file,
      from: /.*authRequestHeaders:\n.*\n/,
      to: '',
      finds: 'gate-request-headers',
      severity: 'advice',
    },
    {
      name: 'the Upgrade of a WebSocket goes along',
      file,
      from: '[Cookie,',
      to: '[Upgrade, Cookie,',
      finds: 'websocket-to-gate',
    },
    {
      name: 'the body goes along',
      file,
      from: 'trustForwardHeader: false',
      to: 'forwardBody: true',
      finds: 'body-to-gate',
      at: 'forwardBody',
    },
    {
      name: 'authSigninURL',
      file,
      from: 'trustForwardHeader: false',
      to: "authSigninURL: 'https://auth.example.com'",
      finds: 'sign-in-redirect',
      at: 'authSigninURL',
    },
    {
      name: 'the certificate of another machine isn’t checked',
      file,
      from: /address: 'http:\/\/127\.0\.0\.1:9091(.*)\n/,
      to: "address: 'https://192.168.1.9:9091$1\n        tls: { insecureSkipVerify: true }\n",
      finds: 'gate-unverified',
      at: 'insecureSkipVerify',
    },
    {
      name: 'http to another machine',
      file,
      from: "address: 'http://127.0.0.1:9091",
      to: "address: 'http://192.168.1.9:9091",
      finds: 'gate-over-network',
      at: '192.168.1.9',
    },
    {
      name: 'the portal is behind its own gate',
      file,
      from: '      service: latchkey\n      tls: {}\n    # ...',
      to: '      service: latchkey\n      middlewares: [latchkey]\n      tls: {}\n    # ...',
      finds: 'portal-behind-gate',
    },
    {
      name: 'the gate’s endpoints on the portal’s host',
      file,
      from: / {4}gate-from-outside:\n(?: {6}.*\n)+/,
      to: '',
      finds: 'gate-exposed',
      severity: 'advice',
    },
    {
      name: 'true identity is removed',
      file,
      from: /middlewares: \[latchkey\]([\s\S]*?) {4}not-found:/,
      to: "middlewares: [latchkey, strip]$1    strip: { headers: { customRequestHeaders: { Remote-User: '' } } }\n    not-found:",
      finds: 'identity-removed',
    },
  ],
)

test('trustForwardHeader is a mistake where an entry point lets such headers through, and where nobody showed the entry points', () => {
  const [dynamic, fixedPart] = exampleSources('traefik', [file, fixed])
  assert.ok(dynamic && fixedPart)
  const trusting = { ...dynamic, text: dynamic.text.replace('trustForwardHeader: false', 'trustForwardHeader: true') }
  const behind = { ...fixedPart, text: fixedPart.text.replace('insecure: false', "trustedIPs: ['10.0.0.1/32']") }
  for (const sources of [[trusting], [trusting, behind]]) {
    const found = checkSources('traefik', sources).findings.filter(({ code }) => code === 'client-forwarded-headers')
    assert.deepEqual(
      found.map(({ severity }) => severity),
      ['mistake'],
    )
  }
})

const COMPOSE = `services:
  traefik:
    image: traefik
    command:
      - '--entrypoints.web.address=:443'
      - '--entrypoints.web.forwardedHeaders.insecure=true'
  authelia:
    labels:
      traefik.http.routers.authelia.rule: 'Host(\`auth.example.com\`)'
      traefik.http.routers.authelia.middlewares: 'authelia@docker'
      traefik.http.middlewares.authelia.forwardAuth.address: 'http://authelia:9091/api/authz/forward-auth'
      traefik.http.middlewares.authelia.forwardAuth.trustForwardHeader: 'true'
  app:
    labels:
      - 'traefik.http.routers.app.rule=Host(\`app.example.com\`)'
      - 'traefik.http.routers.app.middlewares=authelia@docker'
`
test('labels of a compose file and flags of its command are read like files', () => {
  const { findings } = checkSources('traefik', [{ path: 'compose.yml', text: COMPOSE }])
  assert.deepEqual(
    findings.filter(({ severity }) => severity === 'mistake').map(({ code, line }) => [code, line]),
    [
      ['client-forwarded-headers', 6],
      ['portal-behind-gate', 9],
      ['identity-not-stripped', 11],
      ['client-forwarded-headers', 12],
    ],
  )
})

test('custom resources of Kubernetes are read, several documents in a file', () => {
  const text = `apiVersion: traefik.io/v1alpha1
kind: IngressRoute
metadata: { name: app }
spec:
  routes: [{ match: Host(\`app.example.com\`), middlewares: [{ name: latchkey }], services: [{ name: app }] }]
---
apiVersion: traefik.io/v1alpha1
kind: Middleware
metadata: { name: latchkey }
spec:
  forwardAuth:
    address: http://latchkey.default.svc.cluster.local/api/authz/forward-auth
    authRequestHeaders: [Cookie, Authorization, Accept]
    authResponseHeaders: [Remote-User, Remote-Groups, Remote-Name]
`
  const mistakes = checkSources('traefik', [{ path: 'k8s.yml', text }]).findings.filter(
    ({ severity }) => severity === 'mistake',
  )
  assert.deepEqual(
    mistakes.map(({ code, line }) => [code, line]),
    [['identity-not-stripped', 14]],
  )
})
