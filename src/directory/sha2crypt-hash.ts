// SHA-crypt, `$5$` (SHA-256) and `$6$` (SHA-512), after Ulrich Drepper's public specification "Unix crypt using SHA-256 and SHA-512";
// no maintained library offers it. Differs from it as Authelia does: few rounds and long salts are taken as written, not clamped.
import { hash as digestOf, randomBytes } from 'node:crypto'
import type { PasswordHashConfig } from '../config/config.ts'
import {
  LIMITS,
  type NewHash,
  type Parsed,
  readNumber,
  readParameters,
  refused,
  type Sha2CryptHash,
} from './hash-format.ts'

const ALPHABET = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const ROUNDS_WHEN_OMITTED = 5000
const KEY_CHARACTERS = { sha256: 43, sha512: 86 } as const

/** Three bytes of the digest at a time become four characters, most significant byte first; the last group is shorter. */
const BYTE_ORDER: Record<Sha2CryptHash['digest'], readonly (readonly number[])[]> = {
  sha256: [...rotations(10, [0, 10, 20], ([a, b, c]) => [c + 1, a + 1, b + 1]), [31, 30]],
  sha512: [...rotations(21, [0, 21, 42], ([a, b, c]) => [b + 1, c + 1, a + 1]), [63]],
}

type Triple = [number, number, number]
function rotations(count: number, first: Triple, next: (group: Triple) => Triple): Triple[] {
  const groups = [first]
  for (let group = next(first); groups.length < count; group = next(group)) groups.push(group)
  return groups
}

export const sha2cryptDigest = (identifier: string): Sha2CryptHash['digest'] | undefined =>
  identifier === '5' ? 'sha256' : identifier === '6' ? 'sha512' : undefined

export function parseSha2Crypt(
  encoded: string,
  digest: Sha2CryptHash['digest'],
  parts: readonly string[],
): Parsed<Sha2CryptHash> {
  const [parameters, salt, key] = parts.length === 2 ? [undefined, ...parts] : parts
  if (parts.length < 2 || parts.length > 3 || salt === undefined || key === undefined) {
    return refused(`a sha2crypt hash has the form $${digest === 'sha256' ? 5 : 6}$rounds=…$salt$key`)
  }
  let rounds: number | undefined = ROUNDS_WHEN_OMITTED
  if (parameters !== undefined) {
    const read = readParameters(parameters, ['rounds'])
    if (read.kind === 'refused') return read
    rounds = readNumber(read.values.get('rounds') ?? '')
  }
  if (rounds === undefined || rounds < 1) return refused('its rounds are not a whole number of at least 1')
  if (rounds > LIMITS.sha2cryptRounds) return refused(`its rounds are above ${LIMITS.sha2cryptRounds}`)
  if (salt.length > 1024) return refused('its salt is longer than 1024 characters')
  if (key.length !== KEY_CHARACTERS[digest] || !/^[./0-9A-Za-z]*$/.test(key)) {
    return refused(`its key is not ${KEY_CHARACTERS[digest]} characters of the crypt alphabet`)
  }
  return {
    kind: 'ok',
    hash: { scheme: 'sha2crypt', encoded, digest, rounds, salt: Buffer.from(salt), key: Buffer.from(key) },
  }
}

/** The key's text. Synchronous work of about 1 µs a round: belongs in the hashing process, not beside the gate. */
export function computeSha2Crypt(hash: Sha2CryptHash, password: string): Buffer {
  const word = Buffer.from(password)
  const digest = (bytes: Buffer): Buffer => digestOf(hash.digest, bytes, 'buffer')

  const b = digest(Buffer.concat([word, hash.salt, word]))
  const first = [word, hash.salt, repeated(b, word.length)]
  for (let bits = word.length; bits > 0; bits >>>= 1) first.push(bits & 1 ? b : word)
  let a = digest(Buffer.concat(first))
  const p = repeated(digest(repeated(word, word.length * word.length)), word.length)
  const s = repeated(digest(repeated(hash.salt, hash.salt.length * (16 + (a[0] ?? 0)))), hash.salt.length)

  const buffer = Buffer.alloc(2 * (p.length + a.length) + s.length)
  for (let round = 0; round < hash.rounds; round += 1) {
    const odd = round % 2 === 1
    let length = (odd ? p : a).copy(buffer)
    if (round % 3 !== 0) length += s.copy(buffer, length)
    if (round % 7 !== 0) length += p.copy(buffer, length)
    length += (odd ? a : p).copy(buffer, length)
    a = digest(buffer.subarray(0, length))
  }
  return Buffer.from(encodeKey(a, hash.digest))
}

/** `bytes` over and over until there are `length` of them. */
const repeated = (bytes: Buffer, length: number): Buffer =>
  length === 0 ? Buffer.alloc(0) : Buffer.alloc(length, bytes)

function encodeKey(bytes: Buffer, digest: Sha2CryptHash['digest']): string {
  let text = ''
  for (const group of BYTE_ORDER[digest]) {
    let value = group.reduce((sum, index) => (sum << 8) | (bytes[index] ?? 0), 0)
    for (let i = 0; i <= group.length; i += 1) {
      text += ALPHABET[value & 63]
      value >>>= 6
    }
  }
  return text
}

export function newSha2Crypt(config: PasswordHashConfig['sha2crypt']): NewHash {
  const { variant, iterations, saltLength } = config
  const salt = Array.from(randomBytes(saltLength), (byte) => ALPHABET[byte & 63]).join('')
  return {
    prefix: `$${variant === 'sha256' ? 5 : 6}$rounds=${iterations}$${salt}$`,
    blankKey: '.'.repeat(KEY_CHARACTERS[variant]),
    encodeKey: (key) => key.toString('latin1'),
  }
}
