// Says what is in a PEM or DER file: certificates, requests, keys. What comes from a file is made harmless for a terminal.
import { createHash, createPrivateKey, createPublicKey, type KeyObject, X509Certificate } from 'node:crypto'
import { certificateExpiry } from './expiry.ts'
import { describeKind, kindOf } from './key-pair.ts'

export interface DescribedCertificate {
  readonly kind: 'certificate'
  readonly subject: string
  readonly issuer: string
  readonly selfSigned: boolean
  readonly authority: boolean
  /** Host names and addresses it is valid for. */
  readonly names: readonly string[]
  readonly serial: string
  /** ISO 8601. */
  readonly notBefore: string
  readonly notAfter: string
  readonly days: number
  readonly state: 'valid' | 'ends-soon' | 'ended' | 'not-begun'
  readonly key: string
  /** SHA-256 of the public key, hex: equal for all that belong together. */
  readonly keyId: string
  /** SHA-256 of the certificate, as browsers show it. */
  readonly fingerprint: string
}
export interface DescribedRequest {
  readonly kind: 'request'
  readonly subject: string
  readonly names: readonly string[]
  readonly key: string
  readonly keyId: string
}
export interface DescribedKey {
  readonly kind: 'private-key' | 'public-key' | 'encrypted-key'
  readonly key: string
  /** Empty for an encrypted one. */
  readonly keyId: string
}
export type Described = DescribedCertificate | DescribedRequest | DescribedKey

/** @param now milliseconds since the epoch. @returns what could be read, in the order of the file; nothing of what it can't read */
export async function describeFile(bytes: Uint8Array, now: number): Promise<Described[]> {
  const text = Buffer.from(bytes).toString('latin1')
  const blocks = [...text.matchAll(/-----BEGIN ([A-Z0-9 ]+)-----(?:(?!-----)[\s\S])+-----END \1-----/g)]
  if (blocks.length === 0) return describeDer(bytes, now)
  const found: Described[] = []
  for (const [pem, label = ''] of blocks) {
    try {
      if (label.endsWith('CERTIFICATE REQUEST')) found.push(await describeRequest(pem))
      else if (label.endsWith('CERTIFICATE')) found.push(describeCertificate(new X509Certificate(pem), now))
      else if (label.includes('ENCRYPTED') || pem.includes('Proc-Type: 4,ENCRYPTED'))
        found.push({ kind: 'encrypted-key', key: 'unknown', keyId: '' })
      else if (label.endsWith('PRIVATE KEY')) found.push(describeKey('private-key', createPrivateKey(pem)))
      else if (label.endsWith('PUBLIC KEY')) found.push(describeKey('public-key', createPublicKey(pem)))
    } catch {
      // Not what its label says: left out, and the caller sees that something is missing.
    }
  }
  return found
}

function describeDer(bytes: Uint8Array, now: number): Described[] {
  try {
    return [describeCertificate(new X509Certificate(bytes), now)]
  } catch {
    return []
  }
}

function describeCertificate(certificate: X509Certificate, now: number): DescribedCertificate {
  const { publicKey, validFromDate, validToDate } = certificate
  const expiry = certificateExpiry(certificate.raw, now)
  return {
    kind: 'certificate',
    subject: oneLine(certificate.subject),
    issuer: oneLine(certificate.issuer),
    selfSigned: isSelfSigned(certificate),
    authority: certificate.ca,
    names: alternativeNames(certificate.subjectAltName),
    serial: certificate.serialNumber.toLowerCase(),
    notBefore: validFromDate.toISOString(),
    notAfter: validToDate.toISOString(),
    days: expiry?.days ?? 0,
    state: expiry?.kind ?? 'ended',
    key: keyText(publicKey),
    keyId: keyId(publicKey),
    fingerprint: certificate.fingerprint256,
  }
}

/** Not checkIssued(), which wants the right to sign certificates: a server's own has none. */
export const isSelfSigned = (certificate: X509Certificate): boolean =>
  certificate.subject === certificate.issuer && certificate.verify(certificate.publicKey)

/** @throws when it can't be parsed */
async function describeRequest(pem: string): Promise<DescribedRequest> {
  await import('reflect-metadata')
  const { Pkcs10CertificateRequest, SubjectAlternativeNameExtension } = await import('@peculiar/x509')
  const request = new Pkcs10CertificateRequest(pem)
  const alternatives = request.extensions.find((one) => one instanceof SubjectAlternativeNameExtension)
  const names = alternatives?.names.items ?? []
  const publicKey = createPublicKey({ key: Buffer.from(request.publicKey.rawData), format: 'der', type: 'spki' })
  return {
    kind: 'request',
    subject: harmless(request.subject),
    names: names.map(({ value }) => harmless(value)),
    key: keyText(publicKey),
    keyId: keyId(publicKey),
  }
}

const describeKey = (kind: 'private-key' | 'public-key', key: KeyObject): DescribedKey => ({
  kind,
  key: keyText(key),
  keyId: keyId(kind === 'private-key' ? createPublicKey(key) : key),
})

function keyText(key: KeyObject): string {
  try {
    return describeKind(kindOf(key))
  } catch {
    return key.asymmetricKeyDetails?.namedCurve ?? key.asymmetricKeyType ?? 'unknown'
  }
}

const keyId = (publicKey: KeyObject): string =>
  createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('hex')

const oneLine = (name: string): string => name.split('\n').map(harmless).join(', ')

/** `DNS:a, IP Address:b`, where a name that would be ambiguous is written as a JSON string. */
const alternativeNames = (text = ''): string[] =>
  [...text.matchAll(/(?:DNS|IP Address|email|URI):("(?:[^"\\]|\\.)*"|[^,]*)/g)].map(([, name = '']) => harmless(name))

/** Control characters could move a terminal's cursor and make a certificate look like another. */
const harmless = (text: string): string =>
  text.replace(/[\p{Cc}\p{Cf}]/gu, (c) => `\\u{${(c.codePointAt(0) ?? 0).toString(16)}}`)
