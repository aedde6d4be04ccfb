// Keys and sealed values: one HKDF label per purpose, AES-256-GCM with associated data, comparison in constant time.
import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto'

/** Derives a 32-byte key from an operator's secret (RFC 5869, SHA-256). `purpose` is a fixed label such as `latchkey/session/value`. */
export function deriveKey(secret: string, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, 'latchkey', purpose, 32))
}

/** Layout: version 1, 12-byte nonce, ciphertext, 16-byte tag. `associated` binds the value to its place (table, column, row). */
export function seal(key: Buffer, plain: Uint8Array, associated: string): Buffer {
  const nonce = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', key, nonce)
  cipher.setAAD(Buffer.from(associated))
  const body = Buffer.concat([cipher.update(plain), cipher.final()])
  return Buffer.concat([Buffer.of(1), nonce, body, cipher.getAuthTag()])
}

/** Returns undefined when the value wasn't sealed with this key for this place, or was changed. */
export function open(key: Buffer, sealed: Uint8Array, associated: string): Buffer | undefined {
  const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength)
  if (bytes.length < 29 || bytes[0] !== 1) return undefined
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(1, 13))
  decipher.setAAD(Buffer.from(associated))
  decipher.setAuthTag(bytes.subarray(bytes.length - 16))
  try {
    return Buffer.concat([decipher.update(bytes.subarray(13, bytes.length - 16)), decipher.final()])
  } catch {
    return undefined
  }
}

export const sha256 = (value: string | Uint8Array): Buffer => createHash('sha256').update(value).digest()

/** Compares without telling by time where, or that in length, two values differ. */
export function equalSecret(a: string | Uint8Array, b: string | Uint8Array): boolean {
  return timingSafeEqual(sha256(a), sha256(b))
}

/** URL-safe random text with `bytes` bytes of entropy. */
export const randomToken = (bytes = 32): string => randomBytes(bytes).toString('base64url')
