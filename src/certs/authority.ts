// Certificates for machines that have none yet: a small authority of one's own, leaves from it, and a lone self-signed certificate.
// The authority is constrained to the domains it was made for: trusting it doesn't mean trusting it with the whole web.
import { createPrivateKey } from 'node:crypto'
import { type CertificatePlan, signCertificate } from './certificate.ts'
import { type KeyKind, type Keys, makeKeys, privatePem, USUAL_KEY } from './key-pair.ts'
import type { Names } from './names.ts'

export type { Names } from './names.ts'

const DAY = 86_400_000

export interface Pem {
  readonly certificate: string
  /** PKCS#8. */
  readonly privateKey: string
}

export interface Lifetime {
  /** Milliseconds since the epoch. */
  readonly now: number
  /** Browsers refuse leaves of more than 398 days (CA/Browser Forum baseline requirements §6.3.2); Apple's limit for own authorities is 825. */
  readonly days: number
}

/** @param permittedDomains domains (and everything below them) the authority may vouch for; none: all */
export async function makeAuthority(
  name: string,
  permittedDomains: readonly string[],
  lifetime: Lifetime,
  kind: KeyKind = USUAL_KEY,
): Promise<Pem> {
  const keys = await makeKeys(kind)
  const certificate = await signCertificate(
    {
      subject: { commonName: name },
      names: { dns: [] },
      publicKey: keys.publicKey,
      role: { kind: 'authority', permittedDomains, pathLength: 0 },
      ...validity(lifetime),
    },
    { privateKey: keys.privateKey },
  )
  return { certificate, privateKey: privatePem(keys) }
}

export async function issueLeaf(
  authority: Pem,
  names: Names,
  lifetime: Lifetime,
  kind: KeyKind = USUAL_KEY,
): Promise<Pem> {
  const keys = await makeKeys(kind)
  const certificate = await signCertificate(leafPlan(names, keys, lifetime), {
    certificate: authority.certificate,
    privateKey: createPrivateKey(authority.privateKey),
  })
  return { certificate, privateKey: privatePem(keys) }
}

export async function makeSelfSigned(names: Names, lifetime: Lifetime, kind: KeyKind = USUAL_KEY): Promise<Pem> {
  const keys = await makeKeys(kind)
  const certificate = await signCertificate(leafPlan(names, keys, lifetime), { privateKey: keys.privateKey })
  return { certificate, privateKey: privatePem(keys) }
}

function leafPlan(names: Names, { publicKey }: Pick<Keys, 'publicKey'>, lifetime: Lifetime): CertificatePlan {
  return {
    subject: { commonName: commonName(names) },
    names,
    publicKey,
    role: { kind: 'leaf', usages: ['ServerAuth'] },
    ...validity(lifetime),
  }
}

/** The first name; at most 64 characters fit (RFC 5280, ub-common-name), and clients look at the alternative names only. */
export const commonName = ({ dns, ip = [] }: Names): string => (dns[0] ?? ip[0] ?? 'localhost').slice(0, 64)

/** One hour in the past, for clocks that are a little off. */
export function validity({ now, days }: Lifetime): { notBefore: number; notAfter: number } {
  return { notBefore: now - 3_600_000, notAfter: now + days * DAY }
}
