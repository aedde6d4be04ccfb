// Certificates for machines that have none yet: a small authority of one's own, leaves from it, and a lone self-signed certificate. ECDSA P-256.
// The authority is constrained to the domains it was made for (RFC 5280 §4.2.1.10): trusting it doesn't mean trusting it with the whole web.
import 'reflect-metadata'
import { webcrypto } from 'node:crypto'
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  type Extension,
  type JsonGeneralName,
  KeyUsageFlags,
  KeyUsagesExtension,
  Extension as RawExtension,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509CertificateGenerator,
} from '@peculiar/x509'

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const
const DAY = 86_400_000

export interface Pem {
  readonly certificate: string
  /** PKCS#8. */
  readonly privateKey: string
}

export interface Authority extends Pem {
  readonly keys: webcrypto.CryptoKeyPair
  readonly subject: string
}

export interface Names {
  /** Host names; a first label `*` is a wildcard. */
  readonly dns: readonly string[]
  /** IP addresses as text. */
  readonly ip?: readonly string[]
}

export interface Lifetime {
  /** Milliseconds since the epoch. */
  readonly now: number
  /** Browsers refuse leaves of more than 398 days (CA/Browser Forum baseline requirements §6.3.2); Apple's limit for own authorities is 825. */
  readonly days: number
}

/** @param permittedDomains domains (and everything below them) the authority may vouch for */
export async function makeAuthority(
  name: string,
  permittedDomains: readonly string[],
  lifetime: Lifetime,
): Promise<Authority> {
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])
  const subject = `CN=${escapeName(name)}`
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: serial(),
    name: subject,
    keys,
    signingAlgorithm: ALGORITHM,
    ...validity(lifetime),
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
      ...(permittedDomains.length > 0 ? [nameConstraints(permittedDomains)] : []),
    ],
  })
  return { certificate: certificate.toString('pem'), privateKey: await privateKeyPem(keys.privateKey), keys, subject }
}

export async function issueLeaf(authority: Authority, names: Names, lifetime: Lifetime): Promise<Pem> {
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])
  const certificate = await X509CertificateGenerator.create({
    serialNumber: serial(),
    subject: `CN=${escapeName(names.dns[0] ?? names.ip?.[0] ?? 'localhost')}`,
    issuer: authority.subject,
    publicKey: keys.publicKey,
    signingKey: authority.keys.privateKey,
    signingAlgorithm: ALGORITHM,
    ...validity(lifetime),
    extensions: [
      ...leafExtensions(names),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
      await AuthorityKeyIdentifierExtension.create(authority.keys.publicKey),
    ],
  })
  return { certificate: certificate.toString('pem'), privateKey: await privateKeyPem(keys.privateKey) }
}

export async function makeSelfSigned(names: Names, lifetime: Lifetime): Promise<Pem> {
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: serial(),
    name: `CN=${escapeName(names.dns[0] ?? names.ip?.[0] ?? 'localhost')}`,
    keys,
    signingAlgorithm: ALGORITHM,
    ...validity(lifetime),
    extensions: [...leafExtensions(names), await SubjectKeyIdentifierExtension.create(keys.publicKey)],
  })
  return { certificate: certificate.toString('pem'), privateKey: await privateKeyPem(keys.privateKey) }
}

function leafExtensions(names: Names): Extension[] {
  const san: JsonGeneralName[] = [
    ...names.dns.map((value) => ({ type: 'dns' as const, value })),
    ...(names.ip ?? []).map((value) => ({ type: 'ip' as const, value })),
  ]
  return [
    new BasicConstraintsExtension(false, undefined, true),
    new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
    new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
    new SubjectAlternativeNameExtension(san),
  ]
}

/** One hour in the past, for clocks that are a little off. */
function validity({ now, days }: Lifetime): { notBefore: Date; notAfter: Date } {
  return { notBefore: new Date(now - 3_600_000), notAfter: new Date(now + days * DAY) }
}

/** 16 random bytes with the top bit clear: positive, and more than the 64 bits the baseline requirements ask for. */
function serial(): string {
  const bytes = webcrypto.getRandomValues(new Uint8Array(16))
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x01
  return Buffer.from(bytes).toString('hex')
}

const escapeName = (value: string): string => value.replace(/[\\,+"<>;=]/g, '\\$&')

async function privateKeyPem(key: webcrypto.CryptoKey): Promise<string> {
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', key)).toString('base64')
  return `-----BEGIN PRIVATE KEY-----\n${der.match(/.{1,64}/g)?.join('\n')}\n-----END PRIVATE KEY-----\n`
}

/** NameConstraints ::= SEQUENCE { permittedSubtrees [0] { { [2] dNSName } … } }, critical. */
function nameConstraints(domains: readonly string[]): Extension {
  const tlv = (tag: number, content: Buffer): Buffer => {
    const { length } = content
    const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255]
    return Buffer.concat([Buffer.of(tag, ...size), content])
  }
  const subtrees = domains.map((domain) => tlv(0x30, tlv(0x82, Buffer.from(domain, 'ascii'))))
  return new RawExtension('2.5.29.30', true, tlv(0x30, tlv(0xa0, Buffer.concat(subtrees))))
}
