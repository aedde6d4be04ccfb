import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkSources } from '../../../src/setup/proxy-check/check.ts'
import { plantingTests } from './plant.ts'

const file = 'Caddyfile'
plantingTests(
  'caddy',
  [file],
  [
    { name: 'nothing asks', file, from: /\t\tforward_auth [\s\S]*?\n\t\t\}\n/, to: '', finds: 'no-gate' },
    {
      name: 'no endpoint of the gate',
      file,
      from: 'uri /api/authz/forward-auth?',
      to: 'uri /login',
      finds: 'no-gate',
      at: 'uri',
    },
    {
      name: 'the visitor’s query goes along',
      file,
      from: 'forward-auth?',
      to: 'forward-auth',
      finds: 'query-passed-on',
      at: 'uri',
    },
    { name: 'no copy_headers', file, from: /\t\t\tcopy_headers.*\n/, to: '', finds: 'identity-missing' },
    {
      name: 'copy_headers of one',
      file,
      from: /copy_headers.*/,
      to: 'copy_headers Remote-User',
      finds: 'identity-missing',
      at: 'copy_headers',
    },
    {
      name: 'identity of the client stays',
      file,
      from: /.*request_header -Remote-\*\n/,
      to: '',
      finds: 'identity-not-stripped',
    },
    {
      name: 'Remote_User of the client stays',
      file,
      from: /.*request_header -Remote_\*\n/,
      to: '',
      finds: 'underscore-headers',
    },
    {
      name: 'the removal runs after the question',
      file,
      from: /route \{([\s\S]*?)request_header -Remote-\*([\s\S]*?)\t\treverse_proxy/,
      to: 'route {$1$2\t\trequest_header -Remote-*\n\t\treverse_proxy',
      finds: 'identity-removed',
      at: '-Remote-*',
    },
    {
      name: 'without a route Caddy sorts the removal behind the question',
      file,
      from: /\troute \{/,
      to: '\thandle {',
      finds: 'identity-removed',
      at: '-Remote-',
    },
    {
      name: 'the application before the question',
      file,
      from: /(\troute \{\n)/,
      to: '$1\t\treverse_proxy /static/* 127.0.0.1:8080\n',
      finds: 'gate-after-application',
      at: 'reverse_proxy',
    },
    {
      name: 'X-Forwarded-Uri is the client’s',
      file,
      from: 'copy_headers',
      to: 'header_up X-Forwarded-Uri {header.X-Forwarded-Uri}\n\t\t\tcopy_headers',
      finds: 'client-forwarded-headers',
      at: 'header_up',
    },
    {
      name: 'everybody is a trusted proxy',
      file,
      from: '(certificate) {',
      to: '{\n\tservers {\n\t\ttrusted_proxies static 0.0.0.0/0\n\t}\n}\n(certificate) {',
      finds: 'client-forwarded-headers',
      at: 'trusted_proxies',
    },
    {
      name: 'always http',
      file,
      from: 'copy_headers',
      to: 'header_up X-Forwarded-Proto http\n\t\t\tcopy_headers',
      finds: 'wrong-scheme',
      at: 'header_up',
    },
    {
      name: 'the Upgrade of a WebSocket goes along',
      file,
      from: 'copy_headers',
      to: 'header_up Upgrade {header.Upgrade}\n\t\t\tcopy_headers',
      finds: 'websocket-to-gate',
    },
    {
      name: 'http to another machine',
      file,
      from: 'forward_auth 127.0.0.1:9091',
      to: 'forward_auth http://auth.internal.example.com:9091',
      finds: 'gate-over-network',
      at: 'forward_auth',
    },
    {
      name: 'the portal is behind its own gate',
      file,
      from: /\treverse_proxy 127.0.0.1:9091/,
      to: '\tforward_auth 127.0.0.1:9091 {\n\t\turi /api/authz/forward-auth?\n\t\tcopy_headers Remote-User Remote-Groups Remote-Name Remote-Email\n\t}\n\treverse_proxy 127.0.0.1:9091',
      finds: 'portal-behind-gate',
      at: 'forward_auth',
    },
    {
      name: 'the gate’s endpoints on the portal’s host',
      file,
      from: /\t@gate.*\n\trespond.*\n/,
      to: '',
      finds: 'gate-exposed',
      severity: 'advice',
    },
    {
      name: 'the session cookie goes on',
      file,
      from: /.*request_header (?:@nocookie -)?Cookie.*\n/g,
      to: '',
      finds: 'session-cookie-passed-on',
      severity: 'advice',
    },
  ],
)

/** forward_auth written out, with an answer of its own for those who have to sign in. */
const WRITTEN_OUT = `(tls) {
	transport http {
		tls_insecure_skip_verify
	}
}
https://app.example.com {
	route {
		request_header -Remote-*
		request_header -Remote_*
		reverse_proxy https://authelia:9091 {
			import tls
			method GET
			rewrite "/api/verify?rd=https://auth.example.com"
			header_up X-Forwarded-Method {method}
			header_up X-Forwarded-Uri {uri}
			@good status 200
			@asks {
				header Location *
				status 302 303 401
			}
			handle_response @good {
				request_header Remote-User {rp.header.Remote-User}
				request_header Remote-Groups {rp.header.Remote-Groups}
				request_header Remote-Name {rp.header.Remote-Name}
				request_header Remote-Email {rp.header.Remote-Email}
			}
			handle_response @asks {
				respond "" {rp.status_code}
			}
		}
		request_header -Cookie
		reverse_proxy 127.0.0.1:8080
	}
}
`
const check = (text: string) =>
  checkSources('caddy', [{ path: 'Caddyfile', text }]).findings.map(({ code, severity, line }) => [
    code,
    severity,
    line,
  ])

test('caddy: a question that is written out is read like forward_auth', () => {
  assert.deepEqual(check(WRITTEN_OUT), [['gate-unverified', 'advice', 3]])
  const other = (from: string | RegExp, to: string) =>
    check(WRITTEN_OUT.replace(/.*tls_insecure.*\n/, '').replace(from, to))
  assert.deepEqual(other('@good status 200', '@good status 200 401'), [['fails-open', 'mistake', 20]])
  assert.deepEqual(other('handle_response @good', 'handle_response'), [['fails-open', 'mistake', 20]])
  assert.deepEqual(other(/.*X-Forwarded-Method.*\n/, ''), [['original-method-missing', 'mistake', 9]])
  assert.deepEqual(other(/.*X-Forwarded-Uri.*\n/, ''), [['original-url-missing', 'mistake', 9]])
  assert.deepEqual(other(/\?rd=.*"/, '"'), [['query-passed-on', 'mistake', 12]])
})
