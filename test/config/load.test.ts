import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { loadConfig } from '../../src/config/load.ts'
import { configWith, errorsWith, loadText, loadWith, problemsOf, warningsWith } from './loading.ts'

test('the least configuration loads, and says once for each section what has no effect yet', () => {
  const loaded = loadWith({ ntp: { version: 4 } })
  assert.equal(loaded.kind, 'ok')
  assert.deepEqual(
    problemsOf(loaded).map(({ code, path }) => [code, path]),
    [['no-effect-yet', 'ntp']],
  )
})

test('everything that is wrong is told at once, each with its place', () => {
  const yaml = [
    'theme: pink',
    'sesion: {}',
    'server:',
    '  timeouts: { read: 5x }',
    'session:',
    '  cookies:',
    '    - domain: example.com',
    '      autelia_url: https://auth.example.com',
  ].join('\n')
  const loaded = loadText(yaml)
  const places = problemsOf(loaded)
    .filter(({ severity }) => severity === 'error')
    .map(({ code, path, position }) => `${position?.line}:${position?.column} ${code} ${path}`)
  for (const expected of [
    '1:8 wrong-value theme',
    '2:1 unknown-key sesion',
    '4:21 wrong-format server.timeouts.read',
    '7:7 missing-key session.cookies[0].authelia_url',
    '8:7 unknown-key session.cookies[0].autelia_url',
    '1:1 missing-key storage.encryption_key',
  ]) {
    assert.ok(places.includes(expected), `${expected} in\n${places.join('\n')}`)
  }
})

test('what was wrong is not reported as missing as well', () => {
  assert.deepEqual(errorsWith({ session: { cookies: [{ domain: 'example.com', authelia_url: 5 }] } }), [
    'wrong-type session.cookies[0].authelia_url',
  ])
  assert.deepEqual(errorsWith({ authentication_backend: { file: 'users.yml' } }), [
    'wrong-type authentication_backend.file',
  ])
})

test('nothing is said about what is missing when a file could not be read', () => {
  const loaded = loadText('{{')
  assert.equal(loaded.kind, 'invalid')
  assert.equal(problemsOf(loaded).length, 1)
})

test('what is not built yet is refused by name, once, without a look inside', () => {
  const backend = { file: undefined, ldap: { address: 5, nonsense: true } }
  assert.deepEqual(errorsWith({ authentication_backend: backend }), ['not-built-yet authentication_backend.ldap'])
  assert.deepEqual(errorsWith({ storage: { local: undefined, postgres: { host: 'db' } } }), [
    'not-built-yet storage.postgres',
  ])
  assert.deepEqual(errorsWith({ storage: { local: undefined, mysql: { address: 'db' } } }), [
    'not-built-yet storage.mysql',
  ])
  assert.deepEqual(errorsWith({ session: { redis: { host: 'redis' } } }), ['not-built-yet session.redis'])
  assert.deepEqual(errorsWith({ identity_providers: { oidc: {} } }), ['not-built-yet identity_providers.oidc'])
  assert.deepEqual(errorsWith({}, { env: { AUTHELIA_SESSION_REDIS_PASSWORD: 'x' } }), ['not-built-yet session.redis'])
})

test('a variable overrides the file, and ours overrides that of Authelia', () => {
  const env = { AUTHELIA_THEME: 'grey', LATCHKEY_THEME: 'dark', LATCHKEY_SERVER_TRUSTED_PROXIES: '10.0.0.0/8,::1' }
  const config = configWith({ theme: 'pink' }, { env })
  assert.equal(config.theme, 'dark')
  assert.deepEqual(
    config.server.trustedProxies?.map(({ text }) => text),
    ['10.0.0.0/8', '::1/128'],
  )
})

test('the value of a secret is in no message', () => {
  const secret = '13579'
  const changes = {
    storage: { encryption_key: secret },
    session: { secret },
    identity_validation: { reset_password: { jwt_secret: [secret] } },
    notifier: { filesystem: undefined, smtp: { address: 'smtp://m', sender: 'a@b', tls: { private_key: secret } } },
  }
  const loaded = loadWith(changes)
  assert.equal(loaded.kind, 'invalid')
  assert.ok(problemsOf(loaded).length >= 4)
  assert.ok(!JSON.stringify(problemsOf(loaded)).includes(secret))
})

test('HDR-02 trusted proxies that would trust strangers, and what is no network, are refused', () => {
  for (const bad of ['0.0.0.0/0', '::/0', '*', 'true', true, 5, 'proxy.example.com', '10.0.0.1/33', '']) {
    assert.deepEqual(errorsWith({ server: { trusted_proxies: [bad] } }), ['wrong-format server.trusted_proxies[0]'])
  }
  assert.deepEqual(errorsWith({ server: { trusted_proxies: [] } }), ['wrong-value server.trusted_proxies'])
  assert.deepEqual(errorsWith({ server: { trusted_proxies: ['10.0.0.1', '0.0.0.0/0'] } }), [
    'wrong-format server.trusted_proxies[1]',
  ])
})

test('without trusted proxies a warning says what that means', () => {
  assert.deepEqual(warningsWith({ server: { trusted_proxies: undefined } }), ['trusted-proxies-unset server'])
  assert.equal(configWith({ server: { trusted_proxies: undefined } }).server.trustedProxies, undefined)
})

test('a number where a text is meant is taken as Authelia takes it, with a warning when digits change', () => {
  assert.deepEqual(warningsWith({ totp: { issuer: 5 } }), [])
  const loaded = loadText('totp: { issuer: 0x10 }')
  const found = problemsOf(loaded).filter(({ code }) => code === 'number-as-text')
  assert.deepEqual(
    found.map(({ path }) => path),
    ['totp.issuer'],
  )
})

test('a key called __proto__ is an unknown key like any other', () => {
  const codes = problemsOf(loadText('__proto__: { theme: dark }\nsession: { __proto__: { cookies: [] } }'))
    .filter(({ code }) => code === 'unknown-key')
    .map(({ path }) => path)
  assert.deepEqual(codes.sort(), ['__proto__', 'session.__proto__'])
})

test('the files and folders whose change matters are named', () => {
  const cwd = mkdtempSync(join(tmpdir(), 'latchkey-sources-'))
  try {
    const loaded = loadWith({})
    assert.equal(loaded.kind, 'ok')
    writeFileSync(join(cwd, 'a.yml'), 'theme: dark')
    const bad = loadConfig({ paths: [cwd], explicit: true, env: {}, filters: [], cwd })
    assert.equal(bad.kind, 'invalid')
    const config = configWith({})
    assert.equal(config.sourceFiles.length, 1)
    assert.match(config.sourceFiles[0] ?? '', /^\/.*configuration\.yml$/)
  } finally {
    rmSync(cwd, { recursive: true, force: true })
  }
})
