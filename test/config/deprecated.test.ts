import assert from 'node:assert/strict'
import { test } from 'node:test'
import { configWith, errorsWith, loadWith, problemsOf, warningsWith } from './loading.ts'

test('an old key works as its new one and is told by its place', () => {
  const config = configWith({ logs_level: 'debug', log_file_path: 'x.log', session: { remember_me_duration: '1d' } })
  assert.equal(config.log.level, 'debug')
  assert.equal(config.log.filePath, 'x.log')
  assert.equal(config.session.cookies[0]?.rememberMe, 86_400_000)
  const warning = problemsOf(loadWith({ log_level: 'debug' })).find(({ code }) => code === 'deprecated-key')
  assert.equal(warning?.severity, 'warning')
  assert.match(warning?.hint ?? '', /log\.level/)
  assert.ok((warning?.position?.line ?? 0) > 1)
})

test('the new key wins over the old one, whose value is not even looked at', () => {
  assert.equal(configWith({ log_level: 'nonsense', log: { level: 'warn' } }).log.level, 'warn')
})

test('host, port and path become one address', () => {
  assert.deepEqual(configWith({ host: '127.0.0.1', port: 8080 }).server.address, {
    kind: 'tcp',
    host: '127.0.0.1',
    port: 8080,
    family: 0,
  })
  assert.equal(configWith({ server: { path: 'auth' } }).server.basePath, '/auth')
  assert.deepEqual(configWith({ server: { host: '/run/a.sock' } }).server.address, {
    kind: 'unix',
    path: '/run/a.sock',
    umask: undefined,
  })
  assert.deepEqual(configWith({ server: { host: '::1' } }).server.address, {
    kind: 'tcp',
    host: '::1',
    port: 9091,
    family: 0,
  })
})

test('host beside an address, and a port that is none, are errors', () => {
  assert.deepEqual(errorsWith({ server: { address: 'tcp://:9091', host: 'x' } }), ['deprecated-key server.address'])
  assert.deepEqual(errorsWith({ server: { port: 'x' } }), ['wrong-format server.port'])
  assert.deepEqual(errorsWith({ server: { port: 70_000 } }), ['wrong-format server.port'])
  const smtp = { sender: 'a@example.com', host: 'mail', port: 'x' }
  assert.deepEqual(errorsWith({ notifier: { filesystem: undefined, smtp } }), ['wrong-format notifier.smtp.port'])
})

test('flat password options count where they did, with memory in MiB', () => {
  const hash = (password: object) =>
    configWith({ authentication_backend: { file: { password } } }).directory.file.password
  const old = hash({
    algorithm: 'argon2id',
    iterations: 1,
    memory: 64,
    parallelism: 8,
    key_length: 32,
    salt_length: 16,
  })
  assert.equal(old.algorithm, 'argon2')
  assert.deepEqual(old.argon2, {
    variant: 'argon2id',
    iterations: 1,
    memory: 65_536,
    parallelism: 8,
    keyLength: 32,
    saltLength: 16,
  })
  const sha = hash({ algorithm: 'sha512', iterations: 60_000 })
  assert.deepEqual([sha.algorithm, sha.sha2crypt.iterations], ['sha2crypt', 60_000])
  assert.equal(hash({ algorithm: 'argon2', iterations: -5 }).argon2.iterations, 3)
  assert.equal(hash({ argon2: { variant: 'id' } }).argon2.variant, 'argon2id')
})

test('old keys work as variables of Authelia', () => {
  assert.deepEqual(configWith({}, { env: { AUTHELIA_HOST: '127.0.0.2' } }).server.address, {
    kind: 'tcp',
    host: '127.0.0.2',
    port: 9091,
    family: 0,
  })
})

test('the old single domain warns, and not beside the new list', () => {
  assert.deepEqual(warningsWith({ session: { cookies: undefined, domain: 'example.com' } }), [
    'deprecated-key session.domain',
  ])
  assert.deepEqual(errorsWith({ session: { domain: 'example.com' } }), ['conflict session.domain'])
})
