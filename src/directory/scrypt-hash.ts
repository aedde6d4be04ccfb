// scrypt (RFC 7914) in the text form `$scrypt$ln=16,r=8,p=1$salt$key`, through node:crypto.
import { randomBytes, scrypt } from 'node:crypto'
import type { PasswordHashConfig } from '../config/config.ts'
import {
  decodeBase64,
  encodeBase64,
  LIMITS,
  type NewHash,
  type Parsed,
  readNumber,
  readParameters,
  refused,
  type ScryptHash,
} from './hash-format.ts'

/** Missing parameters are Authelia's ln 16, r 8, p 1. A zero, which crashes Authelia at the first login, is refused. */
export function parseScrypt(encoded: string, parts: readonly string[]): Parsed<ScryptHash> {
  const [parameters, saltText, keyText] = parts
  if (parts.length !== 3 || parameters === undefined) {
    return refused('an scrypt hash has the form $scrypt$ln=…,r=…,p=…$salt$key')
  }
  const read = readParameters(parameters, ['ln', 'r', 'p'])
  if (read.kind === 'refused') return read
  const number = (name: string, missing: string): number => readNumber(read.values.get(name) ?? missing) ?? 0
  const ln = number('ln', '16')
  const blockSize = number('r', '8')
  const parallelism = number('p', '1')
  if (ln < 1 || blockSize < 1 || parallelism < 1) return refused('ln, r and p must be whole numbers of at least 1')
  const n = 2 ** ln
  if (128 * n * blockSize > LIMITS.memory * 1024) return refused(`it needs more than ${LIMITS.memory} KiB of memory`)
  if (n * blockSize * parallelism > LIMITS.scryptWork) return refused(`N × r × p is above ${LIMITS.scryptWork}`)
  const salt = decodeBase64(saltText ?? '')
  const key = decodeBase64(keyText ?? '')
  if (!salt || !key) return refused('its salt or key is not base64 (standard alphabet, no padding)')
  if (key.length < 4) return refused('its key is shorter than 4 bytes')
  if (key.length > 1024) return refused('its key is longer than 1024 bytes')
  return { kind: 'ok', hash: { scheme: 'scrypt', encoded, ln, blockSize, parallelism, salt, key } }
}

/** KiB: the table of N blocks and p blocks more. */
export const scryptMemory = (hash: ScryptHash): number => (2 ** hash.ln + hash.parallelism) * hash.blockSize * 0.125

export function computeScrypt(hash: ScryptHash, password: string): Promise<Buffer> {
  const options = {
    N: 2 ** hash.ln,
    r: hash.blockSize,
    p: hash.parallelism,
    maxmem: Math.ceil(scryptMemory(hash)) * 1024 + 1024 * 1024,
  }
  return new Promise((resolve, reject) => {
    scrypt(password, hash.salt, hash.key.length, options, (error, key) => (error ? reject(error) : resolve(key)))
  })
}

export function newScrypt(config: PasswordHashConfig['scrypt']): NewHash {
  const salt = encodeBase64(randomBytes(config.saltLength))
  return {
    prefix: `$scrypt$ln=${config.iterations},r=${config.blockSize},p=${config.parallelism}$${salt}$`,
    blankKey: encodeBase64(Buffer.alloc(config.keyLength)),
    encodeKey: encodeBase64,
  }
}
