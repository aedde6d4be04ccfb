import assert from 'node:assert/strict'
import { test } from 'node:test'
import { knownKeys } from '../../src/config/known-keys.ts'

const keys = new Map(knownKeys().map((key) => [key.path, key]))

test('keys of the schemas are known, and those of lists and names with their marks', () => {
  for (const path of [
    'theme',
    'server.trusted_proxies',
    'session.cookies[].authelia_url',
    'definitions.network.*',
    'server.endpoints.authz.*.authn_strategies[].schemes',
    'identity_providers.oidc.hmac_secret',
  ]) {
    assert.ok(keys.has(path), path)
  }
  assert.ok(!keys.has('session'))
})

test('what ends like a secret may be given as a file, with the exceptions of Authelia', () => {
  const secrets = [...keys.values()].filter((key) => key.secret).map((key) => key.path)
  for (const path of [
    'session.secret',
    'storage.encryption_key',
    'session.redis.tls.certificate_chain',
    'jwt_secret',
  ]) {
    assert.ok(secrets.includes(path), path)
  }
  for (const path of ['server.tls.key', 'tls_key', 'authentication_backend.disable_reset_password', 'theme']) {
    assert.ok(!secrets.includes(path), path)
  }
})

test('old keys are known as old', () => {
  assert.equal(keys.get('server.host')?.deprecated, true)
  assert.equal(keys.get('server.address')?.deprecated, undefined)
})
