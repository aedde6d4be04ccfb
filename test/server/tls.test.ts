import assert from 'node:assert/strict'
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { manualClock } from '../../src/base/clock.ts'
import { makeSelfSigned } from '../../src/certs/authority.ts'
import { keepSelfSigned, loadTls, ownNames, selfSignedFiles, tellExpiry } from '../../src/server/tls.ts'

const folder = mkdtempSync(join(tmpdir(), 'latchkey-tls-'))
after(() => rmSync(folder, { recursive: true, force: true }))
const lifetime = { now: Date.now(), days: 10 }
const file = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text)
  return join(folder, name)
}

test('a certificate whose key is another one is refused, naming both files', async () => {
  const [a, b] = [
    await makeSelfSigned({ dns: ['a.example'] }, lifetime),
    await makeSelfSigned({ dns: ['b.example'] }, lifetime),
  ]
  const [certificateFile, keyFile] = [file('a.crt', a.certificate), file('b.key', b.privateKey)]
  assert.throws(() => loadTls({ certificateFile, keyFile, clientCertificateFiles: [] }), {
    code: 'tls-mismatch',
    message: `The key ${keyFile} doesn't belong to the certificate ${certificateFile}.`,
  })
  assert.ok(loadTls({ certificateFile, keyFile: file('a.key', a.privateKey), clientCertificateFiles: [] }).cert)
})

test('a missing file and one that is no PEM are faults that name it', () => {
  const garbage = file('garbage', 'not a certificate')
  assert.throws(() => loadTls({ certificateFile: '/nonexistent/x', keyFile: garbage, clientCertificateFiles: [] }), {
    code: 'tls-file',
  })
  assert.throws(() => loadTls({ certificateFile: garbage, keyFile: garbage, clientCertificateFiles: [] }), {
    code: 'tls-file',
  })
})

test('the self-signed certificate is kept, and made anew when it is about to end or lacks a name', async () => {
  const files = { certificate: join(folder, 'own.crt'), key: join(folder, 'own.key') }
  const clock = manualClock(Date.now())
  const first = await keepSelfSigned(files, { dns: ['auth.example.com'] }, clock)
  assert.equal(statSync(files.key).mode & 0o777, 0o600)
  assert.equal((await keepSelfSigned(files, { dns: ['auth.example.com'] }, clock)).cert, first.cert)
  const wider = await keepSelfSigned(files, { dns: ['auth.example.com', '*.example.org'] }, clock)
  assert.notEqual(wider.cert, first.cert)
  assert.equal(readFileSync(files.certificate, 'utf8'), wider.cert)
  clock.advance(370 * 86_400_000)
  const later = await keepSelfSigned(files, { dns: ['auth.example.com'] }, clock)
  assert.ok(new Date(new X509Certificate(later.cert).validTo).getTime() > clock.now() + 390 * 86_400_000)
})

test('addresses are names too: a certificate for IPv6 is kept, whatever spelling it lists it in', async () => {
  const files = { certificate: join(folder, 'six.crt'), key: join(folder, 'six.key') }
  const names = { dns: ['localhost'], ip: ['127.0.0.1', '::1', '2001:db8::1'] }
  const first = await keepSelfSigned(files, names, manualClock(Date.now()))
  assert.equal((await keepSelfSigned(files, names, manualClock(Date.now()))).cert, first.cert)
  const more = { ...names, ip: [...names.ip, '192.0.2.1'] }
  assert.notEqual((await keepSelfSigned(files, more, manualClock(Date.now()))).cert, first.cert)
})

test('a kept pair whose key was exchanged, or that is half there, is made anew', async () => {
  const files = { certificate: join(folder, 'half.crt'), key: join(folder, 'half.key') }
  const clock = manualClock(Date.now())
  await keepSelfSigned(files, { dns: ['a.example'] }, clock)
  writeFileSync(files.key, (await makeSelfSigned({ dns: ['a.example'] }, lifetime)).privateKey)
  const second = await keepSelfSigned(files, { dns: ['a.example'] }, clock)
  assert.ok(new X509Certificate(second.cert).checkPrivateKey(createPrivateKey(second.key)))
  rmSync(files.certificate)
  assert.ok((await keepSelfSigned(files, { dns: ['a.example'] }, clock)).cert.includes('BEGIN'))
})

test('a certificate that can not be kept is a fault', async () => {
  const files = selfSignedFiles('/proc/self/db.sqlite3')
  assert.deepEqual(files, { certificate: '/proc/self/db.self-signed.crt', key: '/proc/self/db.self-signed.key' })
  await assert.rejects(keepSelfSigned(files, { dns: ['a'] }, manualClock(Date.now())), { code: 'tls-unwritable' })
})

test('a certificate of one’s own is for every portal, everything below its domain, and this machine', () => {
  const names = ownNames([
    { domain: 'example.com', portalUrl: 'https://auth.example.com:8443/x' },
    { domain: '192.0.2.7', portalUrl: 'https://192.0.2.7/' },
    { domain: 'example.org', portalUrl: undefined },
  ])
  assert.deepEqual(names.dns, [
    'auth.example.com',
    'example.com',
    '*.example.com',
    'example.org',
    '*.example.org',
    'localhost',
  ])
  assert.deepEqual(names.ip, ['192.0.2.7', '127.0.0.1', '::1'])
})

test('a certificate that soon ends is told in the log, and one that does not is not', async () => {
  const told: unknown[][] = []
  const log = { error: (...words: unknown[]) => told.push(words) } as unknown as Parameters<typeof tellExpiry>[2]
  const { certificate: cert, privateKey: key } = await makeSelfSigned({ dns: ['a.example'] }, { now: 0, days: 100 })
  const clock = manualClock(50 * 86_400_000)
  tellExpiry({ cert, key }, clock, log)
  assert.deepEqual(told, [])
  clock.set(95 * 86_400_000)
  tellExpiry({ cert, key }, clock, log)
  assert.deepEqual(told, [
    [{ notAfter: '1970-04-11T00:00:00.000Z', days: 5 }, 'TLS: the certificate ends on 1970-04-11, in 5 days: renew it'],
  ])
})
