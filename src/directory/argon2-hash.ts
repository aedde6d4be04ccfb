// Argon2 (RFC 9106) in the PHC text form `$argon2id$v=19$m=65536,t=3,p=4$salt$key`, through the argon2 package.
import { randomBytes } from 'node:crypto'
import type { PasswordHashConfig } from '../config/config.ts'
import {
  type Argon2Hash,
  decodeBase64,
  encodeBase64,
  LIMITS,
  type NewHash,
  type Parsed,
  readNumber,
  readParameters,
  refused,
} from './hash-format.ts'

/** The numbers of RFC 9106, section 3.1. */
const TYPES = { argon2d: 0, argon2i: 1, argon2id: 2 } as const

export const isArgon2 = (identifier: string): identifier is Argon2Hash['variant'] => Object.hasOwn(TYPES, identifier)

/** The two parameter segments may stand in either order, and so may the parameters; missing or 0 are Authelia's 1 pass, 4 lanes, 32 MiB. */
export function parseArgon2(
  encoded: string,
  variant: Argon2Hash['variant'],
  parts: readonly string[],
): Parsed<Argon2Hash> {
  const [first, second, saltText, keyText] = parts
  if (parts.length !== 4 || first === undefined || second === undefined) {
    return refused('an argon2 hash has the form $argon2id$v=19$m=…,t=…,p=…$salt$key')
  }
  const read = readParameters(`${first},${second}`, ['v', 'm', 't', 'p', 'k'])
  if (read.kind === 'refused') return read
  if (readNumber(read.values.get('v') ?? '19') !== 19) return refused('its version is not 19 (v=19)')
  const number = (name: string, missing: number): number | undefined => {
    const text = read.values.get(name)
    if (text === undefined) return missing
    const value = readNumber(text)
    return value === 0 ? missing : value
  }
  const memory = number('m', 32768)
  const iterations = number('t', 1)
  const parallelism = number('p', 4)
  if (memory === undefined || iterations === undefined || parallelism === undefined) {
    return refused('m, t and p must be whole numbers')
  }
  const salt = decodeBase64(saltText ?? '')
  const key = decodeBase64(keyText ?? '')
  if (!salt || !key) return refused('its salt or key is not base64 (standard alphabet, no padding)')
  const reason = limits(memory, iterations, parallelism, salt.length, key.length)
  if (reason) return refused(reason)
  return { kind: 'ok', hash: { scheme: 'argon2', encoded, variant, memory, iterations, parallelism, salt, key } }
}

function limits(
  memory: number,
  iterations: number,
  parallelism: number,
  salt: number,
  key: number,
): string | undefined {
  if (parallelism > LIMITS.argon2Parallelism) return `its parallelism is above ${LIMITS.argon2Parallelism}`
  if (memory < 8 * parallelism) return 'its memory (m) is below 8 KiB for each of its lanes (p)'
  if (memory > LIMITS.memory) return `its memory (m) is above ${LIMITS.memory} KiB`
  if (memory * iterations > LIMITS.argon2Work) return `memory × passes (m × t) is above ${LIMITS.argon2Work} KiB`
  if (salt < 8) return 'its salt is shorter than 8 bytes'
  if (key < 4) return 'its key is shorter than 4 bytes'
  if (key > 1024) return 'its key is longer than 1024 bytes'
  return undefined
}

/** Loads the native package on first use: a server that only reads hashes does without it. */
export async function computeArgon2(hash: Argon2Hash, password: string): Promise<Buffer> {
  const argon2 = await import('argon2')
  return argon2.hash(Buffer.from(password), {
    raw: true,
    type: TYPES[hash.variant],
    memoryCost: hash.memory,
    timeCost: hash.iterations,
    parallelism: hash.parallelism,
    salt: hash.salt,
    hashLength: hash.key.length,
  })
}

/** A new hash, all but its key: `$argon2id$v=19$m=…,t=…,p=…$salt$`. */
export function newArgon2(config: PasswordHashConfig['argon2']): NewHash {
  const { variant, memory, iterations, parallelism } = config
  const salt = encodeBase64(randomBytes(config.saltLength))
  return {
    prefix: `$${variant}$v=19$m=${memory},t=${iterations},p=${parallelism}$${salt}$`,
    blankKey: encodeBase64(Buffer.alloc(config.keyLength)),
    encodeKey: encodeBase64,
  }
}
