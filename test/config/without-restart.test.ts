import assert from 'node:assert/strict'
import { test } from 'node:test'
import { withoutRestart } from '../../src/config/without-restart.ts'
import { configWith } from './loading.ts'

const files = { 'tls.key': '', 'tls.crt': '', 'ca.crt': '' }
const tls = { key: 'tls.key', certificate: 'tls.crt' }
const config = (changes: Parameters<typeof configWith>[0]) => configWith(changes, { files })
const least = config({})
const restartOf = (before: object, after: object, selfSigned = false): readonly string[] =>
  withoutRestart({ ...least, ...config({ ...before }) }, config({ ...after }), selfSigned).restart.filter(
    // The folder of the test is another one each time.
    (key) => key !== 'storage.local.path',
  )

test('the same, or what can change, waits for nothing', () => {
  assert.deepEqual(withoutRestart(least, least, false), { config: least, restart: [] })
  const changed = { theme: 'dark', log: { level: 'debug' }, session: { secret: 'x'.repeat(40) }, watch: false }
  assert.deepEqual(restartOf({}, changed), [])
  assert.deepEqual(restartOf({}, { server: { address: 'tcp://:9091/sub' } }), [])
  assert.deepEqual(restartOf({ server: { tls } }, { server: { tls: { ...tls } } }), [])
})

test('what can not change is named and kept, the rest is new', () => {
  const next = config({
    theme: 'dark',
    server: { address: 'tcp://127.0.0.1:1', buffers: { read: 100_000 } },
    storage: { encryption_key: 'another-key-for-tests', local: { path: '/elsewhere.sqlite3' } },
  })
  const { config: applicable, restart } = withoutRestart(least, next, false)
  assert.deepEqual(restart, ['server.address', 'server.buffers.read', 'storage.local.path', 'storage.encryption_key'])
  assert.deepEqual(applicable.storage, least.storage)
  assert.deepEqual(applicable.server.address, least.server.address)
  assert.equal(applicable.theme, 'dark')
})

test('TLS or not, and whether clients need a certificate, are decided at the start; which certificate is not', () => {
  const withClients = { server: { tls: { ...tls, client_certificates: ['ca.crt'] } } }
  assert.deepEqual(restartOf({}, { server: { tls } }), ['server.tls'])
  assert.deepEqual(restartOf({ server: { tls } }, {}), ['server.tls'])
  assert.deepEqual(restartOf({}, { server: { tls } }, true), [])
  assert.deepEqual(restartOf({ server: { tls } }, withClients), ['server.tls.client_certificates'])
  assert.deepEqual(restartOf(withClients, { server: { tls } }), ['server.tls.client_certificates'])
})
