import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { createPrivateKey, createPublicKey } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { createSecureContext } from 'node:tls'
import { issueLeaf, makeAuthority } from '../../src/certs/authority.ts'
import type { KeyKind } from '../../src/certs/key-pair.ts'
import { makePkcs12 } from '../../src/certs/pkcs12.ts'

const KINDS: readonly KeyKind[] = [{ kind: 'rsa', bits: 2048 }, { kind: 'ecdsa', curve: 'P-384' }, { kind: 'ed25519' }]
const has = (program: string): boolean => spawnSync(program, ['-help']).error === undefined
const lifetime = { now: Date.now(), days: 30 }

async function packed(kind: KeyKind) {
  const authority = await makeAuthority('Test CA', [], lifetime, kind)
  const leaf = await issueLeaf(authority, { dns: ['a.example'] }, lifetime, kind)
  const privateKey = createPrivateKey(leaf.privateKey)
  const certificates = [leaf.certificate, authority.certificate]
  return { leaf, file: await makePkcs12({ certificates, privateKey, friendlyName: 'Büro', password: 'correct horse' }) }
}

for (const kind of KINDS) {
  test(`${kind.kind}: the file opens with its password and with no other`, async () => {
    const { file } = await packed(kind)
    createSecureContext({ pfx: file, passphrase: 'correct horse' })
    assert.throws(() => createSecureContext({ pfx: file, passphrase: 'correct hors' }), /mac verify failure/i)
  })
}

test('OpenSSL finds key and both certificates in it', { skip: !has('openssl') && 'no openssl' }, async () => {
  const { file, leaf } = await packed({ kind: 'ecdsa', curve: 'P-256' })
  const args = ['pkcs12', '-noenc', '-passin', 'pass:correct horse']
  const { stdout, stderr } = spawnSync('openssl', args, { input: file, encoding: 'utf8' })
  assert.equal(stdout.match(/BEGIN CERTIFICATE/g)?.length, 2, stderr)
  const key = createPrivateKey(/-----BEGIN PRIVATE KEY[\s\S]+END PRIVATE KEY-----/.exec(stdout)?.[0] ?? '')
  assert.ok(createPublicKey(key).equals(createPublicKey(leaf.privateKey)))
})

test('Java takes it for a key with its chain', { skip: !has('keytool') && 'no keytool' }, async () => {
  const { file } = await packed({ kind: 'rsa', bits: 2048 })
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-p12-'))
  try {
    writeFileSync(join(folder, 'a.p12'), file)
    const args = ['-list', '-v', '-keystore', join(folder, 'a.p12'), '-storepass', 'correct horse']
    const { stdout } = spawnSync('keytool', args, { encoding: 'utf8' })
    assert.match(stdout, /PrivateKeyEntry/)
    assert.match(stdout, /Certificate chain length: 2/)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
