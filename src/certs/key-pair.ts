// Key pairs for certificates: RSA, ECDSA, Ed25519; made, recognised, and as PEM in the usual forms and those of old. Signs nothing.
import { createPublicKey, generateKeyPair, type KeyObject } from 'node:crypto'
import { promisify } from 'node:util'
import { Fault } from '../base/fault.ts'

export type Curve = 'P-224' | 'P-256' | 'P-384' | 'P-521'
export type KeyKind =
  | { readonly kind: 'rsa'; readonly bits: number }
  | { readonly kind: 'ecdsa'; readonly curve: Curve }
  | { readonly kind: 'ed25519' }

export interface Keys {
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
}

/** Node's, which are OpenSSL's, names of the curves. */
const OPENSSL_CURVES: Record<Curve, string> = {
  'P-224': 'secp224r1',
  'P-256': 'prime256v1',
  'P-384': 'secp384r1',
  'P-521': 'secp521r1',
}
export const USUAL_KEY: KeyKind = { kind: 'ecdsa', curve: 'P-256' }

const generate = promisify(generateKeyPair)

export async function makeKeys(kind: KeyKind): Promise<Keys> {
  switch (kind.kind) {
    case 'rsa':
      return generate('rsa', { modulusLength: kind.bits })
    case 'ecdsa':
      return generate('ec', { namedCurve: OPENSSL_CURVES[kind.curve] })
    case 'ed25519':
      return generate('ed25519')
  }
}

export const keysOf = (privateKey: KeyObject): Keys => ({ privateKey, publicKey: createPublicKey(privateKey) })

/** @throws Fault `key-kind` for a key of another kind */
export function kindOf(key: KeyObject): KeyKind {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = key
  if (type === 'rsa') return { kind: 'rsa', bits: details?.modulusLength ?? 0 }
  if (type === 'ed25519') return { kind: 'ed25519' }
  const curve = (Object.keys(OPENSSL_CURVES) as Curve[]).find((name) => OPENSSL_CURVES[name] === details?.namedCurve)
  if (type === 'ec' && curve) return { kind: 'ecdsa', curve }
  throw new Fault('key-kind', `A key of the kind ${details?.namedCurve ?? type ?? 'unknown'} can't be used here.`, {
    hint: 'RSA, ECDSA with P-256, P-384 or P-521, and Ed25519 can.',
  })
}

export function describeKind(kind: KeyKind): string {
  if (kind.kind === 'rsa') return `RSA ${kind.bits} bits`
  return kind.kind === 'ecdsa' ? `ECDSA ${kind.curve}` : 'Ed25519'
}

const pem = (text: string | Buffer): string => text.toString()

/** PKCS#8. */
export const privatePem = ({ privateKey }: Keys): string => pem(privateKey.export({ type: 'pkcs8', format: 'pem' }))
/** SubjectPublicKeyInfo. */
export const publicPem = ({ publicKey }: Keys): string => pem(publicKey.export({ type: 'spki', format: 'pem' }))

/** PKCS#1 of RSA, SEC 1 of ECDSA (its public key has one form only); undefined for Ed25519, which has no such form. */
export function legacyPems({ privateKey, publicKey }: Keys): { privateKey: string; publicKey: string } | undefined {
  const { kind } = kindOf(privateKey)
  if (kind === 'ed25519') return undefined
  return {
    privateKey: pem(privateKey.export({ type: kind === 'rsa' ? 'pkcs1' : 'sec1', format: 'pem' })),
    publicKey: pem(publicKey.export({ type: kind === 'rsa' ? 'pkcs1' : 'spki', format: 'pem' })),
  }
}
