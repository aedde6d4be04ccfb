import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkSources } from '../../../src/setup/proxy-check/check.ts'
import { exampleSources, plantingTests } from './plant.ts'

const [file, script] = ['latchkey.conf', 'latchkey.lua'] as const
plantingTests(
  'apache',
  [file, script],
  [
    { name: 'nothing asks', file, from: /.*LuaHookAccessChecker.*\n/, to: '', finds: 'no-gate' },
    {
      name: 'the removal runs after the question',
      file,
      from: 'unset Remote-User   early',
      to: 'unset Remote-User',
      finds: 'identity-removed',
      at: 'unset Remote-User',
    },
    { name: 'Remote_User of the client stays', file, from: /.*Remote_.*\n/g, to: '', finds: 'underscore-headers' },
    {
      name: 'X-Forwarded-For of the client goes on',
      file,
      from: /.*unset X-Forwarded-For.*\n/g,
      to: '',
      finds: 'client-forwarded-headers',
    },
    {
      name: 'always http',
      file,
      from: 'X-Forwarded-Proto https',
      to: 'X-Forwarded-Proto http',
      finds: 'wrong-scheme',
      at: 'Proto http',
    },
    { name: 'slashes are merged', file, from: /.*MergeSlashes.*\n/, to: '', finds: 'path-differs' },
    {
      name: 'slashes are decoded',
      file,
      from: 'AllowEncodedSlashes NoDecode',
      to: 'AllowEncodedSlashes On',
      finds: 'path-differs',
      at: 'AllowEncodedSlashes',
    },
    {
      name: 'the path is rewritten',
      file,
      from: 'http://127.0.0.1:8080/ nocanon',
      to: 'http://127.0.0.1:8080/',
      finds: 'path-differs',
      at: 'ProxyPass',
    },
    {
      name: 'the application’s own host',
      file,
      from: /.*ProxyPreserveHost On\n/g,
      to: '',
      finds: 'wrong-host',
      severity: 'advice',
    },
    {
      name: 'Satisfy Any',
      file,
      from: 'Require all granted',
      to: 'Require all granted\n        Satisfy Any',
      finds: 'fails-open',
      at: 'Satisfy',
    },
    {
      name: 'the portal is behind its own gate',
      file,
      from: '    ProxyPass / http://127.0.0.1:9091/',
      to: '    LuaHookAccessChecker /etc/apache2/latchkey.lua check early\n    RequestHeader unset Remote_User early\n    RequestHeader unset Remote_Groups early\n    RequestHeader unset Remote_Name early\n    RequestHeader unset Remote_Email early\n    MergeSlashes Off\n    ProxyPass / http://127.0.0.1:9091/',
      finds: 'portal-behind-gate',
      at: 'LuaHook',
    },
    {
      name: 'the gate’s endpoints on the portal’s host',
      file,
      from: /.*<LocationMatch[\s\S]*?<\/LocationMatch>\n/,
      to: '',
      finds: 'gate-exposed',
      severity: 'advice',
    },
    {
      name: 'http to another machine',
      file: script,
      from: 'http://127.0.0.1:9091',
      to: 'http://192.0.2.1:9091',
      finds: 'gate-over-network',
      at: '192.0.2.1',
    },
    {
      name: 'the script says no method',
      file: script,
      from: /.*X-Forwarded-Method.*\n/,
      to: '',
      finds: 'original-method-missing',
    },
    {
      name: 'the script says no host',
      file: script,
      from: /.*X-Forwarded-Host.*\n/,
      to: '',
      finds: 'original-url-missing',
    },
    {
      name: 'the script hands on what the client says',
      file: script,
      from: 'headers["X-Forwarded-For"]    = r.useragent_ip',
      to: 'headers["X-Forwarded-For"] = r.headers_in["X-Forwarded-For"]',
      finds: 'client-forwarded-headers',
      at: 'headers_in',
    },
    {
      name: 'the script leaves the query out',
      file: script,
      from: /headers\["X-Forwarded-URI"\].*/,
      to: 'headers["X-Forwarded-URI"] = r.uri',
      finds: 'query-absent',
      at: 'r.uri',
    },
    {
      name: 'no answer counts as yes',
      file: script,
      from: /if not ok [\s\S]*?end\n/,
      to: 'if not ok then return apache2.DECLINED end\n',
      finds: 'fails-open',
      at: 'DECLINED',
    },
    {
      name: 'the visitor’s query goes along',
      file: script,
      from: 'forward-auth"',
      to: 'forward-auth?x=" .. r.args .. "/api/authz/"',
      finds: 'query-passed-on',
    },
    {
      name: 'the script asks with the Upgrade',
      file: script,
      from: '{ "Cookie",',
      to: '{ "Upgrade", "Cookie",',
      finds: 'websocket-to-gate',
      at: 'Upgrade',
    },
    {
      name: 'the session cookie goes on',
      file: script,
      from: /.*headers_in\["Cookie"\] = without.*\n/,
      to: '',
      finds: 'session-cookie-passed-on',
      severity: 'advice',
    },
  ],
)

test('identity of the client may be removed by the configuration or by the script; by neither is a mistake', () => {
  const [conf, lua] = exampleSources('apache', [file, script])
  assert.ok(conf && lua)
  const without = { ...conf, text: conf.text.replace(/.*unset Remote-.*\n/g, '') }
  const keeping = { ...lua, text: lua.text.replace('r.headers_in[name] = value', 'local kept = value') }
  const found = (...sources: (typeof conf)[]): readonly string[] =>
    checkSources('apache', sources).findings.map(({ code }) => code)
  assert.deepEqual(found(without, lua), [])
  assert.deepEqual(found(conf, keeping), [])
  assert.deepEqual(found(without, keeping), ['identity-not-stripped'])
})
