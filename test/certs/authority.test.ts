import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { connect, createServer } from 'node:tls'
import { issueLeaf, makeAuthority, makeSelfSigned } from '../../src/certs/authority.ts'

const now = Date.UTC(2026, 0, 1)
const today = { now: Date.now(), days: 30 }

test('a leaf of the authority names its hosts, and its key fits', async () => {
  const authority = await makeAuthority('Latchkey test, "odd" name', ['example.localhost'], { now, days: 10 })
  const leaf = await issueLeaf(
    authority,
    { dns: ['*.example.localhost', 'example.localhost'], ip: ['127.0.0.1', '::1'] },
    { now, days: 5 },
  )
  const ca = new X509Certificate(authority.certificate)
  const certificate = new X509Certificate(leaf.certificate)
  assert.ok(ca.ca)
  assert.ok(!certificate.ca)
  assert.ok(certificate.verify(ca.publicKey))
  assert.ok(certificate.checkIssued(ca))
  assert.equal(certificate.checkHost('app.example.localhost'), '*.example.localhost')
  assert.equal(certificate.checkHost('example.org'), undefined)
  assert.equal(certificate.checkIP('127.0.0.1'), '127.0.0.1')
  assert.equal(new Date(certificate.validTo).getTime(), now + 5 * 86_400_000)
})

async function handshake(
  pem: { certificate: string; privateKey: string },
  ca: string,
  servername: string,
): Promise<string | true> {
  const server = createServer({ cert: pem.certificate, key: pem.privateKey }, (socket) => socket.end())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  try {
    return await new Promise((resolve) => {
      const socket = connect({ port, host: '127.0.0.1', servername, ca }, () =>
        resolve(socket.authorized || 'not authorized'),
      )
      socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? String(error)))
    })
  } finally {
    server.close()
  }
}

test('a client that trusts the authority accepts its leaf, and no leaf for a domain outside of the constraint', async () => {
  const authority = await makeAuthority('Latchkey test', ['example.localhost'], today)
  const inside = await issueLeaf(authority, { dns: ['*.example.localhost'] }, today)
  const outside = await issueLeaf(authority, { dns: ['bank.example'] }, today)
  assert.equal(await handshake(inside, authority.certificate, 'app.example.localhost'), true)
  assert.notEqual(await handshake(outside, authority.certificate, 'bank.example'), true)
})

test('a self-signed certificate is accepted by a client that was given it', async () => {
  const pem = await makeSelfSigned({ dns: ['auth.example.com'] }, today)
  assert.equal(await handshake(pem, pem.certificate, 'auth.example.com'), true)
  assert.notEqual(await handshake(pem, pem.certificate, 'other.example.com'), true)
})

test('an authority that Authelia made, with a key identifier of another kind, is named as it names itself', async () => {
  const pem = readFileSync(join(import.meta.dirname, 'authelia-authority.pem'), 'utf8')
  const leaf = await issueLeaf({ certificate: pem, privateKey: pem }, { dns: ['a.example'] }, today)
  const [authority, certificate] = [new X509Certificate(pem), new X509Certificate(leaf.certificate)]
  assert.ok(certificate.checkIssued(authority) && certificate.verify(authority.publicKey))
  assert.equal(await handshake(leaf, pem, 'a.example'), true)
})
