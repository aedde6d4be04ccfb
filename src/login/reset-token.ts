// The token of a link that sets a forgotten password anew: a JWT (RFC 7519) with Authelia's claims, signed by one pinned HMAC. What it says is believed
// only together with storage, where its id is kept as a digest and used up once.
import { createHmac } from 'node:crypto'
import { equalSecret, sha256 } from '../base/secret.ts'
import type { ResetPasswordConfig } from '../config/config.ts'

export interface ResetClaims {
  /** Origin of the portal. */
  readonly issuer: string
  readonly username: string
  /** 256 random bits, base64url. */
  readonly id: string
  /** Milliseconds since the epoch; a token says whole seconds. */
  readonly issuedAt: number
  readonly expiresAt: number
}

/** Milliseconds and signature are checked here; whether it was used is storage's matter. */
export type ReadToken =
  | { readonly kind: 'read' | 'expired'; readonly id: string; readonly username: string }
  | { readonly kind: 'malformed' | 'signature' | 'not-yet' }

export interface TokenKey {
  readonly secret: string
  readonly algorithm: ResetPasswordConfig['algorithm']
}

const ACTION = 'ResetPassword'
const DIGESTS = { HS256: 'sha256', HS384: 'sha384', HS512: 'sha512' } as const
const MAX_LENGTH = 4096

const encode = (text: string): string => Buffer.from(text).toString('base64url')
/** The only header there is: no other algorithm, no key that the token names itself. */
const headerOf = ({ algorithm }: TokenKey): string => encode(JSON.stringify({ alg: algorithm, typ: 'JWT' }))
const signatureOf = (signed: string, { secret, algorithm }: TokenKey): string =>
  createHmac(DIGESTS[algorithm], secret).update(signed).digest('base64url')

export function writeToken({ issuer, username, id, issuedAt, expiresAt }: ResetClaims, key: TokenKey): string {
  const claims = {
    iss: issuer,
    exp: Math.floor(expiresAt / 1000),
    iat: Math.floor(issuedAt / 1000),
    jti: id,
    action: ACTION,
    username,
  }
  const signed = `${headerOf(key)}.${encode(JSON.stringify(claims))}`
  return `${signed}.${signatureOf(signed, key)}`
}

/** The signature first: nothing that isn't ours is parsed. */
export function readToken(token: string, key: TokenKey, expectedIssuer: string, now: number): ReadToken {
  const [header, payload, signature, ...more] = token.length > MAX_LENGTH ? [] : token.split('.')
  if (header === undefined || payload === undefined || signature === undefined || more.length > 0)
    return { kind: 'malformed' }
  if (header !== headerOf(key) || !equalSecret(signature, signatureOf(`${header}.${payload}`, key)))
    return { kind: 'signature' }
  const { iss, exp, iat, jti, action, username } = claimsOf(payload)
  if (iss !== expectedIssuer || action !== ACTION) return { kind: 'malformed' }
  if (typeof jti !== 'string' || typeof username !== 'string') return { kind: 'malformed' }
  if (!Number.isSafeInteger(exp) || !Number.isSafeInteger(iat)) return { kind: 'malformed' }
  if (Number(iat) * 1000 > now) return { kind: 'not-yet' }
  return { kind: Number(exp) * 1000 <= now ? 'expired' : 'read', id: jti, username }
}

function claimsOf(payload: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString())
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}

/** How the id stands in storage. */
export const digestOfId = (id: string): string => sha256(id).toString('hex')
