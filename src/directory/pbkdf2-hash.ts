// PBKDF2 (RFC 8018) in the text form `$pbkdf2-sha512$iterations$salt$key`, through node:crypto. `$pbkdf2$` alone is SHA-1.
import { pbkdf2, randomBytes } from 'node:crypto'
import type { PasswordHashConfig } from '../config/config.ts'
import {
  decodeAdaptedBase64,
  encodeAdaptedBase64,
  LIMITS,
  type NewHash,
  type Parsed,
  type Pbkdf2Hash,
  readNumber,
  refused,
} from './hash-format.ts'

const KEY_LENGTHS = { sha1: 20, sha224: 28, sha256: 32, sha384: 48, sha512: 64 } as const

/** Which digest an identifier such as `pbkdf2-sha256` names. */
export function pbkdf2Digest(identifier: string): Pbkdf2Hash['digest'] | undefined {
  if (identifier === 'pbkdf2') return 'sha1'
  const digest = identifier.startsWith('pbkdf2-') ? identifier.slice('pbkdf2-'.length) : ''
  return Object.hasOwn(KEY_LENGTHS, digest) ? (digest as Pbkdf2Hash['digest']) : undefined
}

export function parsePbkdf2(
  encoded: string,
  digest: Pbkdf2Hash['digest'],
  parts: readonly string[],
): Parsed<Pbkdf2Hash> {
  const [count, saltText, keyText] = parts
  if (parts.length !== 3 || count === undefined) {
    return refused(`a pbkdf2 hash has the form $pbkdf2-${digest}$iterations$salt$key`)
  }
  const iterations = readNumber(count.replace(/^\+/, ''))
  if (iterations === undefined || iterations < 1) return refused('its iterations are not a whole number of at least 1')
  if (iterations > LIMITS.pbkdf2Iterations) return refused(`its iterations are above ${LIMITS.pbkdf2Iterations}`)
  const salt = decodeAdaptedBase64(saltText ?? '')
  const key = decodeAdaptedBase64(keyText ?? '')
  if (!salt || !key) return refused("its salt or key is not base64 of pbkdf2's kind ('.' for '+', no padding)")
  if (key.length < 16) return refused('its key is shorter than 16 bytes')
  if (key.length > 1024) return refused('its key is longer than 1024 bytes')
  return { kind: 'ok', hash: { scheme: 'pbkdf2', encoded, digest, iterations, salt, key } }
}

export function computePbkdf2(hash: Pbkdf2Hash, password: string): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    pbkdf2(password, hash.salt, hash.iterations, hash.key.length, hash.digest, (error, key) =>
      error ? reject(error) : resolve(key),
    )
  })
}

export function newPbkdf2(config: PasswordHashConfig['pbkdf2']): NewHash {
  const { variant, iterations, saltLength } = config
  const salt = encodeAdaptedBase64(randomBytes(saltLength))
  return {
    prefix: `$pbkdf2${variant === 'sha1' ? '' : `-${variant}`}$${iterations}$${salt}$`,
    blankKey: encodeAdaptedBase64(Buffer.alloc(KEY_LENGTHS[variant])),
    encodeKey: encodeAdaptedBase64,
  }
}
