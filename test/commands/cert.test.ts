import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { createSecureContext } from 'node:tls'
import { latchkey } from './run.ts'

let cwd = ''
before(() => {
  cwd = mkdtempSync(join(tmpdir(), 'latchkey-cert-'))
})
after(() => rmSync(cwd, { recursive: true, force: true }))

const run = (...words: string[]) => latchkey(words, { cwd })
const ok = (...words: string[]): string => {
  const { code, stdout, stderr } = run(...words)
  assert.deepEqual([code, stderr], [0, ''], words.join(' '))
  return stdout
}
const mode = (file: string): number => statSync(join(cwd, file)).mode & 0o777
const certificate = (file: string): X509Certificate => new X509Certificate(readFileSync(join(cwd, file)))
const DAY = 86_400_000
const daysOf = ({ validToDate }: X509Certificate): number => Math.round((validToDate.getTime() - Date.now()) / DAY)

describe('cert', () => {
  test('from nothing to a certificate of one’s own authority: ca, issue, show, trust, p12', () => {
    const made = ok('cert', 'ca', '--domain', 'example.com', '--name', 'Home CA', '--directory', 'ca')
    assert.match(made, /^Authority Home CA\n {2}for {4}example\.com and below\n/)
    assert.match(made, /latchkey cert trust ca\/ca\.crt/)
    assert.deepEqual([mode('ca/ca.key'), mode('ca/ca.crt')], [0o600, 0o644])
    const ca = certificate('ca/ca.crt')
    assert.ok(ca.ca)
    assert.equal(daysOf(ca), 3650)

    ok('cert', 'issue', 'auth.example.com', '*.example.com', '192.168.1.2', '--ca', 'ca')
    assert.deepEqual([mode('auth.example.com.key'), mode('auth.example.com.crt')], [0o600, 0o644])
    const leaf = certificate('auth.example.com.crt')
    assert.ok(leaf.verify(ca.publicKey) && leaf.checkIssued(ca))
    assert.equal(leaf.subjectAltName, 'DNS:auth.example.com, DNS:*.example.com, IP Address:192.168.1.2')
    assert.equal(daysOf(leaf), 398)

    const shown = ok('cert', 'show', 'auth.example.com.crt', 'auth.example.com.key', 'ca/ca.key')
    assert.match(shown, /from +CN=Home CA\n/)
    assert.match(shown, /private key {2}ECDSA P-256, of CN=auth\.example\.com\n/)
    assert.match(shown, /private key {2}ECDSA P-256, of none of these certificates\n/)
    assert.doesNotMatch(shown, /BEGIN|PRIVATE/)

    const trust = ok('cert', 'trust', 'ca/ca.crt')
    assert.match(trust, new RegExp(`^SHA-256 {2}${ca.fingerprint256}\n`))
    for (const word of [
      'update-ca-certificates',
      'update-ca-trust',
      'add-trusted-cert',
      'certutil -addstore',
      'Firefox',
      'Android',
      'iPhone',
    ])
      assert.ok(trust.includes(word), word)
    assert.equal(ok('cert', 'trust', 'ca/ca.crt', '--system', 'arch').split('\n').length, 5)

    const packed = ok('cert', 'p12', 'auth.example.com.crt', '--chain', 'ca/ca.crt', '--random')
    const password = /^Random Password: (\w{24})\n/.exec(packed)?.[1] ?? ''
    assert.equal(mode('auth.example.com.p12'), 0o600)
    createSecureContext({ pfx: readFileSync(join(cwd, 'auth.example.com.p12')), passphrase: password })
  })

  test('a request is signed for the key it was made with, and not for one it does not hold', () => {
    ok('cert', 'ca', '-d', 'ca2')
    ok('cert', 'request', 'printer.example.com', '10.0.0.9', '--key', 'rsa')
    ok('cert', 'issue', '--request', 'printer.example.com.csr', '--ca', 'ca2', '--out', 'printer')
    assert.equal(existsSync(join(cwd, 'printer.key')), false)
    assert.equal(certificate('printer.crt').subjectAltName, 'DNS:printer.example.com, IP Address:10.0.0.9')
    assert.match(
      ok('cert', 'show', 'printer.crt', 'printer.example.com.key'),
      /RSA 2048 bits, of CN=printer\.example\.com\n/,
    )

    const csr = readFileSync(join(cwd, 'printer.example.com.csr'), 'utf8')
    const der = Buffer.from(csr.replace(/-----.*-----|\s/g, ''), 'base64')
    der[der.length - 1] = (der.at(-1) ?? 0) ^ 1
    writeFileSync(
      join(cwd, 'forged.csr'),
      `-----BEGIN CERTIFICATE REQUEST-----\n${der.toString('base64')}\n-----END CERTIFICATE REQUEST-----\n`,
    )
    const forged = run('cert', 'issue', '--request', 'forged.csr', '--ca', 'ca2', '--out', 'forged')
    assert.equal(forged.code, 3)
    assert.match(forged.stderr, /not signed with the key it asks a certificate for/)
    assert.equal(existsSync(join(cwd, 'forged.crt')), false)
  })

  for (const key of ['ecdsa-p384', 'rsa-3072', 'ed25519']) {
    test(`a self-signed certificate with a key of the kind ${key}`, () => {
      ok('cert', 'self-signed', '*.x.test', '--key', key, '--out', key, '--days', '30')
      const made = certificate(`${key}.crt`)
      assert.ok(made.verify(made.publicKey))
      assert.equal(made.checkHost('a.x.test'), '*.x.test')
      assert.equal(daysOf(made), 30)
    })
  }

  test('a leaf does not outlive its authority, and an authority that has no right to sign is refused', () => {
    ok('cert', 'ca', '-d', 'short', '--days', '10')
    assert.match(ok('cert', 'issue', 'a.test', '--ca', 'short'), /10 days, when the authority ends/)
    assert.equal(daysOf(certificate('a.test.crt')), 10)
    ok('cert', 'self-signed', 'b.test', '--out', 'ca', '-d', 'no-ca')
    assert.match(run('cert', 'issue', 'c.test', '--ca', 'no-ca').stderr, /can't sign: it is no authority/)
  })

  test('nothing that exists is written over, and a pair is written whole or not at all', () => {
    ok('cert', 'self-signed', 'd.test')
    const before = readFileSync(join(cwd, 'd.test.key'), 'utf8')
    const again = run('cert', 'self-signed', 'd.test')
    assert.equal(again.code, 3)
    assert.match(again.stderr, /exists already/)
    assert.equal(readFileSync(join(cwd, 'd.test.key'), 'utf8'), before)
    writeFileSync(join(cwd, 'e.test.crt'), 'precious')
    assert.equal(run('cert', 'self-signed', 'e.test').code, 3)
    assert.equal(existsSync(join(cwd, 'e.test.key')), false)
    ok('cert', 'self-signed', 'd.test', '--force')
    assert.notEqual(readFileSync(join(cwd, 'd.test.key'), 'utf8'), before)
  })

  test('show says by its exit code that a certificate ends soon, and --json gives data', () => {
    ok('cert', 'self-signed', 'f.test', '--days', '20')
    assert.equal(run('cert', 'show', 'f.test.crt').code, 0)
    assert.equal(run('cert', 'show', 'f.test.crt', '--days', '19').code, 0)
    assert.equal(run('cert', 'show', 'f.test.crt', '--days', '21').code, 1)
    const [{ content }] = JSON.parse(ok('cert', 'show', 'f.test.crt', '--json'))
    assert.deepEqual([content[0].kind, content[0].names, content[0].selfSigned], ['certificate', ['f.test'], true])
  })

  test('wrong words, unreadable and unwritable places: one sentence and the right exit code', () => {
    ok('cert', 'self-signed', 'g.test')
    ok('cert', 'ca', '-d', 'g')
    ok('cert', 'issue', 'h.test', '--ca', 'g')
    assert.match(ok('cert', 'trust', 'g.test.crt', '-s', 'macos'), /add-trusted-cert/)
    for (const [words, code, said] of [
      [['cert', 'issue', '--ca', 'nowhere', 'a.test'], 3, /nowhere\/ca\.crt doesn't exist/],
      [['cert', 'self-signed'], 2, /No host name is given/],
      [['cert', 'self-signed', 'https://a.test'], 2, /no host name and no IP address/],
      [['cert', 'self-signed', 'a.test', '--days', '9999'], 2, /825/],
      [['cert', 'self-signed', 'a.test', '--key', 'dsa'], 2, /ed25519/],
      [['cert', 'self-signed', 'a.test', '-d', '/proc/x'], 3, /can't be written/],
      [['cert', 'show', 'nothing.crt'], 3, /nothing\.crt can't be read/],
      [['cert', 'show', '/etc/hosts'], 3, /holds no certificate, request or key/],
      [['cert', 'show', '.'], 3, /can't be read/],
      [['cert', 'trust', 'h.test.crt'], 2, /neither an authority nor self-signed/],
      [['cert', 'trust', 'h.test.key'], 3, /holds no certificate/],
      [['cert', 'p12', 'g.test.crt', '--key', 'h.test.key', '--random'], 3, /doesn't belong/],
      [['cert', 'p12', 'g.test.crt', '--password', 'ü'], 2, /plain ASCII/],
      [['cert', 'issu', 'a.test'], 2, /Did you mean "latchkey cert issue"/],
    ] as const) {
      const answer = run(...words)
      assert.equal(answer.code, code, `${words.join(' ')}: ${answer.stderr}`)
      assert.match(answer.stderr, said)
      assert.doesNotMatch(answer.stderr, /This is a bug/)
    }
  })
})

describe("Authelia's names", () => {
  test('crypto certificate … generate: an authority, then a certificate from it with every flag', () => {
    ok('crypto', 'certificate', 'rsa', 'generate', '--ca', '--common-name', 'My CA', '--directory', 'au')
    const words =
      'crypto certificate ecdsa generate -d au --path.ca au --sans auth.example.com,10.0.0.1 --bundles chain,priv-chain --legacy ' +
      '--country DE --province BE -l Berlin -s Street -p 10115 -o Org --organizational-unit IT --signature SHA384 -b P384 ' +
      '--extended-usage serverauth,ClientAuth --not-before 2020-01-01 --not-after 2020-06-01 --config ignored.yml'
    const text = ok(...words.split(' '))
    assert.match(text, /^Generating Certificate\n\n\tSerial: [0-9a-f]{32}\n\nSigned By:\n\tMy CA\n/)
    assert.match(text, /\tNot Before: 2020-01-01T00:00:00Z, Not After: 2020-06-01T00:00:00Z\n/)
    assert.match(text, /\tSubject Alternative Names: DNS\.1:auth\.example\.com, IP\.1:10\.0\.0\.1\n/)
    const leaf = certificate('au/public.crt')
    assert.equal(
      leaf.subject,
      'C=DE\nST=BE\nL=Berlin\nstreet=Street\npostalCode=10115\nO=Org\nOU=IT\nCN=auth.example.com',
    )
    assert.ok(leaf.verify(certificate('au/ca.public.crt').publicKey))
    assert.deepEqual(leaf.keyUsage, ['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2'])
    assert.match(readFileSync(join(cwd, 'au/private.legacy.pem'), 'utf8'), /^-----BEGIN EC PRIVATE KEY-----/)
    const bundle = readFileSync(join(cwd, 'au/private.chain.pem'), 'utf8')
    assert.deepEqual(bundle.match(/BEGIN [A-Z ]+/g), ['BEGIN PRIVATE KEY', 'BEGIN CERTIFICATE', 'BEGIN CERTIFICATE'])
    assert.deepEqual(
      ['ca.private.pem', 'private.pem', 'private.legacy.pem', 'private.chain.pem'].map((file) => mode(`au/${file}`)),
      [0o600, 0o600, 0o600, 0o600],
    )
  })

  test('crypto certificate … request and crypto pair … generate', () => {
    const text = ok('crypto', 'certificate', 'ed25519', 'request', '-d', 'req', '--sans', 'x.example.com')
    assert.match(text, /\tPrivate Key: private\.pem\n\tCertificate Request: request\.csr\n/)
    assert.match(
      ok('cert', 'show', 'req/request.csr'),
      /request {2}O=Latchkey, CN=x\.example\.com\n {2}for {6}x\.example\.com/,
    )
    for (const [algorithm, label] of [
      ['rsa', 'RSA'],
      ['ecdsa', 'EC'],
      ['ed25519', ''],
    ] as const) {
      ok('crypto', 'pair', algorithm, 'generate', '-d', `pair-${algorithm}`, '--legacy')
      assert.equal(mode(`pair-${algorithm}/private.pem`), 0o600)
      assert.match(readFileSync(join(cwd, `pair-${algorithm}/public.pem`), 'utf8'), /^-----BEGIN PUBLIC KEY-----/)
      const legacy = join(cwd, `pair-${algorithm}/private.legacy.pem`)
      if (label === '') assert.equal(existsSync(legacy), false)
      else assert.match(readFileSync(legacy, 'utf8'), new RegExp(`^-----BEGIN ${label} PRIVATE KEY-----`))
    }
    assert.equal(run('crypto', 'pair', 'rsa', 'generate', '-b', '1024', '-d', 'weak').code, 2)
  })
})
