import assert from 'node:assert/strict'
import { createPrivateKey, generateKeyPairSync } from 'node:crypto'
import { test } from 'node:test'
import { issueLeaf, makeAuthority } from '../../src/certs/authority.ts'
import { signRequest } from '../../src/certs/certificate.ts'
import { describeFile } from '../../src/certs/describe.ts'
import { makeKeys, privatePem, publicPem } from '../../src/certs/key-pair.ts'
import { readRequest } from '../../src/certs/read-request.ts'

const now = Date.UTC(2026, 0, 1)
const lifetime = { now, days: 30 }
const describe = (text: string | Uint8Array) => describeFile(Buffer.from(text as string), now)

test('a file with chain, key and a request tells of each, in order, and their keys tell what belongs together', async () => {
  const authority = await makeAuthority('CA', ['example.com'], lifetime)
  const leaf = await issueLeaf(authority, { dns: ['*.example.com'], ip: ['::1'] }, lifetime)
  const keys = await makeKeys({ kind: 'rsa', bits: 2048 })
  const request = await signRequest({ commonName: 'x' }, { dns: ['x.example.com'], ip: ['10.0.0.1'] }, keys)
  const found = await describe(leaf.certificate + authority.certificate + leaf.privateKey + request + publicPem(keys))
  assert.deepEqual(
    found.map(({ kind }) => kind),
    ['certificate', 'certificate', 'private-key', 'request', 'public-key'],
  )
  const [own, above, key, asked, open] = found
  assert.ok(own?.kind === 'certificate' && above?.kind === 'certificate' && asked?.kind === 'request')
  assert.deepEqual(
    [own.names, own.issuer, own.selfSigned, own.authority, own.state, own.days],
    [['*.example.com', '0:0:0:0:0:0:0:1'], 'CN=CA', false, false, 'valid', 30],
  )
  assert.deepEqual([above.selfSigned, above.authority, above.names], [true, true, []])
  assert.deepEqual([asked.names, asked.key], [['x.example.com', '10.0.0.1'], 'RSA 2048 bits'])
  assert.ok(key?.keyId === own.keyId && asked.keyId === open?.keyId && own.keyId !== above.keyId)
})

test('nothing of a private key comes out, encrypted or not', async () => {
  const keys = await makeKeys({ kind: 'ed25519' })
  const plain = privatePem(keys)
  const secret = plain.split('\n')[1] ?? ''
  const encrypted = keys.privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' })
  const ofOld = createPrivateKey(
    generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs8', format: 'pem' }),
  ).export({ type: 'pkcs1', format: 'pem', cipher: 'aes-128-cbc', passphrase: 'x' })
  const found = await describe(plain + encrypted + ofOld)
  assert.deepEqual(
    found.map(({ kind }) => kind),
    ['private-key', 'encrypted-key', 'encrypted-key'],
  )
  assert.ok(secret.length > 20 && !JSON.stringify(found).includes(secret))
})

test('a name with control characters cannot move the cursor of a terminal', async () => {
  const { certificate } = await makeAuthority('good\u001b[2K\u202eevil', [], lifetime)
  const [found] = await describe(certificate)
  assert.ok(found?.kind === 'certificate')
  assert.doesNotMatch(found.subject, /[\p{Cc}\p{Cf}]/u)
  assert.match(found.subject, /^CN=good.*evil$/)
})

test('rubbish is nothing, and a broken block among good ones is left out', async () => {
  assert.deepEqual(await describe('rubbish'), [])
  assert.deepEqual(await describe(''), [])
  const { certificate } = await makeAuthority('CA', [], lifetime)
  const broken = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'
  assert.equal((await describe(broken + certificate)).length, 1)
})

test('a request without alternative names is for its common name; one for a mail address is refused', async () => {
  const keys = await makeKeys({ kind: 'ecdsa', curve: 'P-256' })
  const read = async (pem: string) => readRequest(Buffer.from(pem), 'a.csr')
  assert.deepEqual((await read(await signRequest({ commonName: 'a.example' }, { dns: [] }, keys))).names.dns, [
    'a.example',
  ])
  await assert.rejects(read(await signRequest({}, { dns: [] }, keys)), {
    code: 'certificate-request',
    message: /names no host/,
  })
  await assert.rejects(read('rubbish'), { code: 'certificate-request' })
})
