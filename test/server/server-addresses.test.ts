// Where the program listens and how: TCP by family, unix socket, inherited descriptor, a sub-path, TLS of its own.
import 'reflect-metadata'
import assert from 'node:assert/strict'
import { KeyObject, webcrypto } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { connect as connectTls } from 'node:tls'
import { X509CertificateGenerator } from '@peculiar/x509'
import { makeSelfSigned } from '../../src/certs/authority.ts'
import { callServer } from '../../src/cli/server/admin-client.ts'
import type { ServerStatus } from '../../src/server/status.ts'
import { temporaryFolder } from '../storage/temporary-folder.ts'
import { launch, type Program, start, type Tree } from './program.ts'
import { exchange } from './raw-http.ts'

const at = (address: string): Tree => ({ server: { address } })
async function serves(program: Program): Promise<void> {
  const health = await program.ask({ path: '/api/health' })
  assert.deepEqual([health.status, health.body], [200, '{"status":"OK"}'])
  const head = await program.ask({ path: '/api/health', method: 'HEAD' })
  assert.deepEqual([head.status, head.headers['content-length'], head.body], [200, '15', ''])
  assert.equal((await program.gate('public.example.com')).status, 200)
  assert.equal((await program.gate('deny.example.com')).status, 403)
}

for (const [scheme, host] of [
  ['tcp', '127.0.0.1'],
  ['tcp4', '127.0.0.1'],
  ['tcp6', '[::1]'],
] as const) {
  test(`${scheme}://${host}`, async (t) => {
    const program = await start(t, {
      changes: { server: { address: `${scheme}://${host}:0`, trusted_proxies: ['127.0.0.1/32', '::1/128'] } },
    })
    assert.ok(program.address.startsWith(`${host}:`))
    await serves(program)
    assert.equal(await program.stop(), 0)
  })
}

test('a unix socket gets the mode its umask leaves, answers under its sub-path, and is gone afterwards', async (t) => {
  const folder = temporaryFolder(t)
  const socket = join(folder, 'latchkey.sock')
  const program = await start(t, { folder, changes: at(`unix://${socket}?umask=0117&path=auth`) })
  assert.equal(program.address, socket)
  assert.equal(statSync(socket).mode & 0o777, 0o660)
  await serves(program)
  assert.equal((await program.ask({ path: '/auth/api/health' })).status, 200)
  assert.equal(await program.stop(), 0)
  assert.ok(!existsSync(socket))
})

test('the socket that a killed server left behind is no obstacle', async (t) => {
  const folder = temporaryFolder(t)
  const changes = at(`unix://${join(folder, 'latchkey.sock')}`)
  const first = await start(t, { folder, changes })
  first.child.kill('SIGKILL')
  await first.ended
  await serves(await start(t, { folder, changes }))
})

test('an inherited file descriptor, as a service manager hands it over', async (t) => {
  const waiting = createServer().listen(0, '127.0.0.1')
  await once(waiting, 'listening')
  const handle = (waiting as unknown as { _handle: { fd: number } })._handle
  const { port } = waiting.address() as { port: number }
  const program = launch(t, { changes: at('fd://3'), stdio: ['ignore', 'pipe', 'pipe', handle.fd] })
  // From now on nobody but the program takes connections there.
  waiting.close()
  await program.listening()
  assert.equal(Number(program.address.split(':').at(-1)), port)
  await serves(program)
})

test('below a sub-path everything answers with and without it, and the pages link with it', async (t) => {
  const program = await start(t, {
    changes: {
      server: { address: 'tcp://127.0.0.1:0/auth' },
      session: { cookies: [{ domain: 'example.com', authelia_url: 'https://example.com/auth' }] },
    },
  })
  await serves(program)
  const headers = { Host: 'example.com', 'X-Forwarded-Proto': 'https', 'X-Forwarded-Host': 'example.com' }
  for (const path of ['/auth/', '/auth/api/health', '/auth/api/authz/forward-auth', '/auth/api/state']) {
    const under = await program.ask({ path, headers })
    const above = await program.ask({ path: path.slice('/auth'.length), headers })
    assert.equal(under.status, above.status, path)
    assert.notEqual(under.status, 404, path)
  }
  const page = await program.ask({ path: '/auth/', headers })
  assert.equal(page.status, 200)
  const links = [...page.body.matchAll(/(?:href|src|action)="([^"]*)"/g)].map(([, link]) => link ?? '')
  assert.ok(links.length > 2)
  for (const link of links.filter((one) => one.startsWith('/'))) {
    assert.match(link, /^\/auth(\/|$)/)
    assert.notEqual((await program.ask({ path: link, headers })).status, 404, link)
  }
  const redirect = await program.gate('app.example.com', { Accept: 'text/html' })
  assert.match(redirect.headers.location ?? '', /^https:\/\/example\.com\/auth\/\?rd=/)
  assert.equal((await program.ask({ path: '/authx/api/health', headers })).status, 404)
})

async function pair(
  folder: string,
  life: { now: number; days: number } = { now: Date.now(), days: 2 },
): Promise<{ certificate: string; key: string }> {
  const pem = await makeSelfSigned({ dns: ['auth.example.com'] }, life)
  const files = { certificate: join(folder, 'tls.crt'), key: join(folder, 'tls.key') }
  writeFileSync(files.certificate, pem.certificate)
  writeFileSync(files.key, pem.privateKey)
  return files
}

test('TLS with the certificate of server.tls; plain HTTP to that port is told so; TLS 1.1 is not spoken', async (t) => {
  const folder = temporaryFolder(t)
  const files = await pair(folder)
  const program = await start(t, { folder, changes: { server: { tls: files } } })
  assert.ok(program.tls)
  await serves(program)
  const seen = connectTls({ host: '127.0.0.1', port: program.port, rejectUnauthorized: false })
  await once(seen, 'secureConnect')
  assert.equal(seen.getPeerX509Certificate()?.toString(), readFileSync(files.certificate, 'utf8').trimEnd() + '\n')
  seen.destroy()
  const answer = await exchange(program.port, 'GET / HTTP/1.1\r\nHost: auth.example.com\r\n\r\n')
  assert.match(answer, /^HTTP\/1\.1 400 Bad Request\r\n/)
  assert.match(answer, /This port speaks HTTPS only\./)
  const old = connectTls({
    host: '127.0.0.1',
    port: program.port,
    rejectUnauthorized: false,
    minVersion: 'TLSv1',
    maxVersion: 'TLSv1.1',
  })
  await assert.rejects(once(old, 'secureConnect'))
  await serves(program)
})

test('that the certificate ends soon is told to the operator, with the file, and not to the world', async (t) => {
  const folder = temporaryFolder(t)
  const tls = await pair(folder, { now: Date.now() - 385 * 86_400_000, days: 398 })
  const program = await start(t, { folder, changes: { server: { tls } } })
  const told = await program.logged(/^TLS: the certificate ends on \S+, in 1[23] days: renew it \(.*tls\.crt; /)
  assert.equal(told.level, 'warn')
  assert.equal(told['file'], tls.certificate)
  const answer = await callServer(join(folder, 'db.sqlite3'), 'status', {})
  const { certificate } = (answer.kind === 'answered' ? answer.value : {}) as ServerStatus
  assert.equal(certificate?.state, 'ends-soon')
  assert.equal(certificate?.days, told['days'])
  await serves(program)
})

test('with client_certificates nobody gets in without one from these authorities', async (t) => {
  const folder = temporaryFolder(t)
  const [good, bad] = [await clientCertificate(), await clientCertificate()]
  writeFileSync(join(folder, 'clients.crt'), good.cert)
  const tls = { ...(await pair(folder)), client_certificates: [join(folder, 'clients.crt')] }
  const program = await start(t, { folder, changes: { server: { tls } } })
  const health = { path: '/api/health' }
  await assert.rejects(program.ask(health))
  await assert.rejects(program.ask({ ...health, ...bad }))
  assert.equal((await program.ask({ ...health, ...good })).status, 200)
})

/** Its own authority. */
async function clientCertificate(): Promise<{ cert: string; key: string }> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
  const keys = (await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])) as webcrypto.CryptoKeyPair
  const made = await X509CertificateGenerator.createSelfSigned({ name: 'CN=proxy', keys, signingAlgorithm: algorithm })
  const key = KeyObject.from(keys.privateKey).export({ type: 'pkcs8', format: 'pem' })
  return { cert: made.toString('pem'), key: String(key) }
}

test('--self-signed keeps its certificate beside the database, for portal, cookie domains and this machine', async (t) => {
  const folder = temporaryFolder(t)
  const args = ['serve', '--config', 'configuration.yml', '--self-signed']
  const names = async (program: Program): Promise<{ names: string; serial: string }> => {
    const socket = connectTls({ host: '127.0.0.1', port: program.port, rejectUnauthorized: false })
    await once(socket, 'secureConnect')
    const certificate = socket.getPeerX509Certificate()
    socket.destroy()
    return { names: certificate?.subjectAltName ?? '', serial: certificate?.serialNumber ?? '' }
  }
  const first = await start(t, { folder, args })
  await serves(first)
  const made = await names(first)
  for (const name of ['DNS:auth.example.com', 'DNS:example.com', 'DNS:*.example.com', 'DNS:localhost', '127.0.0.1']) {
    assert.ok(made.names.includes(name), `${name} in ${made.names}`)
  }
  assert.equal(statSync(join(folder, 'db.self-signed.key')).mode & 0o777, 0o600)
  await first.stop()
  assert.equal((await names(await start(t, { folder, args }))).serial, made.serial)
})

test('limits: a header section too large, a body too large, a connection that says nothing', async (t: TestContext) => {
  const program = await start(t, { changes: { server: { timeouts: { read: '1s' } } } })
  const large = await exchange(program.port, `GET / HTTP/1.1\r\nHost: x\r\nX: ${'a'.repeat(70_000)}\r\n\r\n`)
  assert.match(large, /^HTTP\/1\.1 431 /)
  const body = await program.api('/api/firstfactor', { username: 'a'.repeat(2_000_000), password: '' })
  assert.ok(body.status === 400 || body.status === 413, String(body.status))
  const silent = await exchange(program.port, 'GET / HTTP/1.1\r\nHost: x\r\nX-Half')
  assert.match(silent, /^HTTP\/1\.1 408 /)
  await serves(program)
})
