import assert from 'node:assert/strict'
import { test } from 'node:test'
import { configWith, errorsWith, loadWith, problemsOf } from '../loading.ts'

const endpoint = (name: string, written: object): string[] =>
  errorsWith({ server: { endpoints: { authz: { [name]: written } } } })

test('files of TLS must be there, both of them', () => {
  const files = { 'key.pem': 'x', 'cert.pem': 'x', 'd/x': '' }
  const tls = (written: object): string[] => errorsWith({ server: { tls: written } }, { files })
  assert.deepEqual(tls({ key: 'key.pem', certificate: 'cert.pem' }), [])
  assert.deepEqual(tls({ key: 'key.pem' }), ['missing-key server.tls.certificate'])
  assert.deepEqual(tls({ key: 'nope', certificate: 'd' }), [
    'missing-file server.tls.key',
    'missing-file server.tls.certificate',
  ])
  assert.deepEqual(tls({ client_certificates: ['cert.pem'] }), ['conflict server.tls.client_certificates'])
})

test('the endpoint legacy is of one kind, and names end in a letter', () => {
  assert.deepEqual(endpoint('legacy', {}), [])
  assert.deepEqual(endpoint('legacy', { implementation: 'ForwardAuth' }), [
    'wrong-value server.endpoints.authz.legacy.implementation',
  ])
  assert.deepEqual(endpoint('a1', { implementation: 'ForwardAuth' }), ['wrong-name server.endpoints.authz.a1'])
})

test('no endpoint lies within the addresses of another', () => {
  const authz = { a: { implementation: 'ExtAuthz' }, 'a/b': { implementation: 'ForwardAuth' } }
  assert.deepEqual(errorsWith({ server: { endpoints: { authz } } }), ['duplicate server.endpoints.authz.a/b'])
})

test('strategies are each named once and take schemes only where they read a header', () => {
  const at = 'server.endpoints.authz.x.authn_strategies'
  const strategies = (...authn_strategies: object[]): string[] =>
    endpoint('x', { implementation: 'ForwardAuth', authn_strategies })
  assert.deepEqual(strategies({ name: 'CookieSession' }, { name: 'CookieSession' }), [`duplicate ${at}[1]`])
  assert.deepEqual(strategies({ name: 'CookieSession', schemes: ['basic'] }), [`conflict ${at}[0].schemes`])
  assert.deepEqual(strategies({ name: 'HeaderAuthorization', scheme_basic_cache_lifespan: '1m' }), [
    `conflict ${at}[0].scheme_basic_cache_lifespan`,
  ])
  assert.deepEqual(
    strategies({ name: 'HeaderAuthorization', schemes: ['Basic'], scheme_basic_cache_lifespan: '1m' }),
    [],
  )
})

test('the bearer scheme is refused by name', () => {
  const authn_strategies = [{ name: 'HeaderAuthorization', schemes: ['basic', 'Bearer'] }]
  assert.deepEqual(endpoint('x', { implementation: 'ForwardAuth', authn_strategies }), [
    'not-built-yet server.endpoints.authz.x.authn_strategies[0].schemes[1]',
  ])
})

test('translations must be JSON and keep the name of the product', () => {
  const assets = (text: string): string[] =>
    errorsWith({ server: { asset_path: 'assets' } }, { files: { 'assets/locales/de/portal.json': text } })
  assert.deepEqual(assets('{"Sign in": "Anmelden"}'), [])
  assert.deepEqual(assets('{'), ['wrong-translation server.asset_path'])
  assert.deepEqual(assets('{"Powered by {{authelia}}": "Angetrieben"}'), ['wrong-translation server.asset_path'])
  assert.deepEqual(errorsWith({ server: { asset_path: 'nope' } }), ['missing-file server.asset_path'])
})

test('a key written where its path belongs is refused without being shown', () => {
  const key = '-----BEGIN PRIVATE KEY-----\nsecret\n-----END PRIVATE KEY-----'
  const loaded = loadWith({ server: { tls: { key, certificate: key } } })
  assert.equal(loaded.kind, 'invalid')
  assert.ok(!JSON.stringify(problemsOf(loaded)).includes('nsecret'))
})

test('a path that can not be looked at is an error, not a crash', () => {
  const tls = { key: 'a\u0000b', certificate: 'x'.repeat(5000) }
  assert.deepEqual(errorsWith({ server: { tls } }), [
    'missing-file server.tls.key',
    'missing-file server.tls.certificate',
  ])
})

test('a policy for content written over several lines becomes one', () => {
  const headers = { csp_template: "default-src 'self';\n  script-src 'self'\n" }
  assert.equal(configWith({ server: { headers } }).server.cspTemplate, "default-src 'self'; script-src 'self'")
})
