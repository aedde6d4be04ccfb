// Signs certificates and requests (RFC 5280, RFC 2986) with keys of any kind that certificates may have. Knows neither files nor defaults.
import 'reflect-metadata'
import { type KeyObject, randomBytes, type webcrypto } from 'node:crypto'
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  type Extension,
  type JsonName,
  KeyUsageFlags,
  KeyUsagesExtension,
  Pkcs10CertificateRequestGenerator,
  Extension as RawExtension,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509'
import { Fault } from '../base/fault.ts'
import { sequence, tagged, taggedString } from './der.ts'
import { type Keys, keysOf, kindOf } from './key-pair.ts'
import type { Names } from './names.ts'

export const HASHES = ['SHA-256', 'SHA-384', 'SHA-512'] as const
export type Hash = (typeof HASHES)[number]

/** Attributes of a distinguished name, in its order. */
export interface Subject {
  readonly commonName?: string
  readonly organization?: readonly string[]
  readonly organizationalUnit?: readonly string[]
  /** Two letters each (ISO 3166). */
  readonly country?: readonly string[]
  readonly province?: readonly string[]
  readonly locality?: readonly string[]
  readonly streetAddress?: readonly string[]
  readonly postalCode?: readonly string[]
}

export interface CertificatePlan {
  readonly subject: Subject
  readonly names: Names
  readonly publicKey: KeyObject
  readonly role: Role
  /** Milliseconds since the epoch. */
  readonly notBefore: number
  readonly notAfter: number
  readonly hash?: Hash
}

export type Role =
  /** `usages`: names in EXTENDED_USAGES. */
  | { readonly kind: 'leaf'; readonly usages: readonly string[] }
  /** `permittedDomains`: the authority can vouch for these and what is below them only (RFC 5280 §4.2.1.10); none: for everything. */
  | {
      readonly kind: 'authority'
      readonly permittedDomains: readonly string[]
      /** How many authorities may stand between it and a leaf; any number unless given. */
      readonly pathLength?: number
      readonly usages?: readonly string[]
    }

export interface Signer {
  /** PEM; undefined: the certificate signs itself. */
  readonly certificate?: string
  readonly privateKey: KeyObject
}

/** Names as Authelia writes them (letter case doesn't matter) and their object identifiers. */
export const EXTENDED_USAGES: Readonly<Record<string, string>> = {
  Any: '2.5.29.37.0',
  ServerAuth: ExtendedKeyUsage.serverAuth,
  ClientAuth: ExtendedKeyUsage.clientAuth,
  CodeSigning: ExtendedKeyUsage.codeSigning,
  EmailProtection: ExtendedKeyUsage.emailProtection,
  IPSECEndSystem: '1.3.6.1.5.5.7.3.5',
  IPSECTunnel: '1.3.6.1.5.5.7.3.6',
  IPSECUser: '1.3.6.1.5.5.7.3.7',
  TimeStamping: ExtendedKeyUsage.timeStamping,
  OCSPSigning: ExtendedKeyUsage.ocspSigning,
}

/** @returns PEM. @throws Fault `key-kind`, `certificate-subject` */
export async function signCertificate(plan: CertificatePlan, signer: Signer): Promise<string> {
  const { subject, names, publicKey, role, notBefore, notAfter, hash = 'SHA-256' } = plan
  const signing = cryptoKeys(keysOf(signer.privateKey), hash)
  const own = await cryptoPublicKey(publicKey)
  const issuer = signer.certificate === undefined ? undefined : new X509Certificate(signer.certificate)
  const name = distinguishedName(subject)
  const certificate = await X509CertificateGenerator.create({
    serialNumber: serial(),
    subject: name,
    issuer: issuer?.subjectName ?? name,
    publicKey: own,
    signingKey: signing.keys.privateKey,
    signingAlgorithm: signing.algorithm,
    notBefore: new Date(notBefore),
    notAfter: new Date(notAfter),
    extensions: [
      ...roleExtensions(role, publicKey),
      ...alternativeNames(names),
      await SubjectKeyIdentifierExtension.create(own),
      ...(issuer ? [await authorityKeyIdentifier(issuer)] : []),
    ],
  })
  return `${certificate.toString('pem')}\n`
}

/** @returns PEM. @throws Fault `key-kind`, `certificate-subject` */
export async function signRequest(subject: Subject, names: Names, keys: Keys, hash: Hash = 'SHA-256'): Promise<string> {
  const signing = cryptoKeys(keys, hash)
  const request = await Pkcs10CertificateRequestGenerator.create({
    name: distinguishedName(subject),
    keys: signing.keys,
    signingAlgorithm: signing.algorithm,
    extensions: alternativeNames(names),
  })
  return `${request.toString('pem')}\n`
}

/** The identifier the authority gives itself, however it computed that (RFC 5280 §4.2.1.1): one of our own making would lead nowhere. */
async function authorityKeyIdentifier(issuer: X509Certificate): Promise<AuthorityKeyIdentifierExtension> {
  const own = issuer.getExtension(SubjectKeyIdentifierExtension)
  return own ? new AuthorityKeyIdentifierExtension(own.keyId) : AuthorityKeyIdentifierExtension.create(issuer.publicKey)
}

function roleExtensions(role: Role, publicKey: KeyObject): Extension[] {
  const usages = (role.usages ?? []).map((name) => EXTENDED_USAGES[name] ?? name)
  const extended = usages.length > 0 ? [new ExtendedKeyUsageExtension(usages)] : []
  if (role.kind === 'authority') {
    return [
      new BasicConstraintsExtension(true, role.pathLength, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      ...extended,
      ...(role.permittedDomains.length > 0 ? [nameConstraints(role.permittedDomains)] : []),
    ]
  }
  // Key encipherment is what TLS 1.2 with RSA key exchange needs; other keys can't encipher.
  const rsa = kindOf(publicKey).kind === 'rsa' ? KeyUsageFlags.keyEncipherment : 0
  return [
    new BasicConstraintsExtension(false, undefined, true),
    new KeyUsagesExtension(KeyUsageFlags.digitalSignature | rsa, true),
    ...extended,
  ]
}

function alternativeNames({ dns, ip = [] }: Names): Extension[] {
  if (dns.length + ip.length === 0) return []
  return [
    new SubjectAlternativeNameExtension([
      ...dns.map((value) => ({ type: 'dns' as const, value })),
      ...ip.map((value) => ({ type: 'ip' as const, value })),
    ]),
  ]
}

interface Signing {
  readonly keys: webcrypto.CryptoKeyPair
  readonly algorithm: { name: string; hash?: string; namedCurve?: string }
}

/** Web Crypto's form of the keys, which the library signs with. */
function cryptoKeys({ privateKey, publicKey }: Keys, hash: Hash): Signing {
  const algorithm = webAlgorithm(privateKey, hash)
  return {
    keys: {
      privateKey: privateKey.toCryptoKey(algorithm, true, ['sign']),
      publicKey: publicKey.toCryptoKey(algorithm, true, ['verify']),
    },
    algorithm,
  }
}

const cryptoPublicKey = (publicKey: KeyObject): webcrypto.CryptoKey =>
  publicKey.toCryptoKey(webAlgorithm(publicKey, 'SHA-256'), true, ['verify'])

function webAlgorithm(key: KeyObject, hash: Hash): Signing['algorithm'] & { name: string } {
  const kind = kindOf(key)
  if (kind.kind === 'rsa') return { name: 'RSASSA-PKCS1-v1_5', hash }
  if (kind.kind === 'ed25519') return { name: 'Ed25519' }
  if (kind.curve === 'P-224') {
    throw new Fault('key-kind', "A certificate with a P-224 key can't be made: no browser takes one.", {
      hint: 'Use P-256.',
      exitCode: 2,
    })
  }
  return { name: 'ECDSA', namedCurve: kind.curve, hash }
}

function distinguishedName(subject: Subject): JsonName {
  const wrong = subject.country?.find((country) => !/^[A-Za-z]{2}$/.test(country))
  if (wrong !== undefined) {
    throw new Fault('certificate-subject', `${JSON.stringify(wrong)} is no country: two letters are (ISO 3166).`, {
      hint: 'For example DE, or US.',
      exitCode: 2,
    })
  }
  const attribute = (type: string, values: readonly string[] = []): JsonName =>
    values.map((value) => ({ [type]: [value] }))
  return [
    ...attribute('C', subject.country),
    ...attribute('ST', subject.province),
    ...attribute('L', subject.locality),
    ...attribute('2.5.4.9', subject.streetAddress),
    ...attribute('2.5.4.17', subject.postalCode),
    ...attribute('O', subject.organization),
    ...attribute('OU', subject.organizationalUnit),
    ...attribute('CN', subject.commonName === undefined ? [] : [subject.commonName]),
  ]
}

/** 16 random bytes, positive and not beginning with zero: more than the 64 bits the baseline requirements ask for (§7.1). */
function serial(): string {
  const bytes = randomBytes(16)
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x01
  return bytes.toString('hex')
}

/** NameConstraints ::= SEQUENCE { permittedSubtrees [0] { { [2] dNSName } … } }, critical. */
function nameConstraints(domains: readonly string[]): Extension {
  const subtrees = domains.map((domain) => sequence(taggedString(2, Buffer.from(domain, 'ascii'))))
  return new RawExtension('2.5.29.30', true, sequence(tagged(0, Buffer.concat(subtrees))))
}
