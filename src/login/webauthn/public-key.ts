// Which keys of authenticators are good enough: an algorithm from a fixed list, the curve that belongs to it, RSA from 2048 bits.

/** In the order they are asked for; COSE algorithm → what a key of it must be. */
const KEYS = new Map<number, { readonly type: 'okp' | 'ec' | 'rsa'; readonly curve?: number }>([
  [-7, { type: 'ec', curve: 1 }],
  [-35, { type: 'ec', curve: 2 }],
  [-36, { type: 'ec', curve: 3 }],
  [-257, { type: 'rsa' }],
  [-258, { type: 'rsa' }],
  [-259, { type: 'rsa' }],
  [-37, { type: 'rsa' }],
  [-38, { type: 'rsa' }],
  [-39, { type: 'rsa' }],
  [-8, { type: 'okp', curve: 6 }],
])

/** COSE algorithms (RFC 9053, RFC 8812). */
export const ALGORITHMS: readonly number[] = [...KEYS.keys()]

/** COSE key types (RFC 9053 §7). */
const TYPES = { okp: 1, ec: 2, rsa: 3 } as const
/** Parameters of COSE keys; that of a curve is that of RSA's modulus (RFC 8230 §4). */
const [KEY_TYPE, ALGORITHM, CURVE, MODULUS] = [1, 3, -1, -1]
const MIN_MODULUS = 2048 / 8

/** @param key COSE key as bytes */
export async function isGoodKey(key: Uint8Array): Promise<boolean> {
  const { decodeCredentialPublicKey } = await import('@simplewebauthn/server/helpers')
  let parts: unknown
  try {
    parts = decodeCredentialPublicKey(new Uint8Array(key))
  } catch {
    return false
  }
  // Any CBOR decodes, a bare number too.
  if (!(parts instanceof Map)) return false
  const expected = KEYS.get(Number(parts.get(ALGORITHM)))
  if (expected === undefined || parts.get(KEY_TYPE) !== TYPES[expected.type]) return false
  if (expected.type !== 'rsa') return parts.get(CURVE) === expected.curve
  const modulus = parts.get(MODULUS)
  return modulus instanceof Uint8Array && withoutZeros(modulus).length >= MIN_MODULUS
}

/** Zeros in front make a number longer, but no bigger. */
const withoutZeros = (bytes: Uint8Array): Uint8Array =>
  bytes.subarray(
    Math.max(
      0,
      bytes.findIndex((byte) => byte !== 0),
    ),
  )
