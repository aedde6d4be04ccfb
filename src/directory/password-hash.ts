// Encoded password hashes of every scheme: read, verified, made. Computes where it is called; the server calls it in the hashing process only.
import { timingSafeEqual } from 'node:crypto'
import { Fault } from '../base/fault.ts'
import type { PasswordHashConfig } from '../config/config.ts'
import { computeArgon2, isArgon2, newArgon2, parseArgon2 } from './argon2-hash.ts'
import { computeBcrypt, isBcrypt, newBcrypt, parseBcrypt, parseBcryptSha256 } from './bcrypt-hash.ts'
import { type NewHash, type Parsed, type PasswordHash, refused } from './hash-format.ts'
import { computePbkdf2, newPbkdf2, parsePbkdf2, pbkdf2Digest } from './pbkdf2-hash.ts'
import { computeScrypt, newScrypt, parseScrypt, scryptMemory } from './scrypt-hash.ts'
import { computeSha2Crypt, newSha2Crypt, parseSha2Crypt, sha2cryptDigest } from './sha2crypt-hash.ts'

/** Longer ones are never right: nobody types them, and some schemes take time that grows with the square of the length. */
export const LONGEST_PASSWORD = 4096

/** How hashes are made unless configured otherwise, Authelia's defaults. */
export const defaultHash: PasswordHashConfig = {
  algorithm: 'argon2',
  argon2: { variant: 'argon2id', iterations: 3, memory: 65536, parallelism: 4, keyLength: 32, saltLength: 16 },
  sha2crypt: { variant: 'sha512', iterations: 50000, saltLength: 16 },
  pbkdf2: { variant: 'sha512', iterations: 310000, saltLength: 16 },
  bcrypt: { variant: 'standard', cost: 12 },
  scrypt: { variant: 'scrypt', iterations: 16, blockSize: 8, parallelism: 1, keyLength: 32, saltLength: 16 },
}

/** Reads an encoded hash; refuses what can't be verified or would cost too much. Never plain text. */
export function parseHash(encoded: string): Parsed<PasswordHash> {
  const text = withoutPrefix(encoded)
  if (!text.startsWith('$')) return refused('it is not a password hash: it does not begin with $')
  const [identifier, ...parts] = text.slice(1).split('$')
  if (identifier === undefined || parts.length === 0) return refused('it is not a password hash')
  if (isArgon2(identifier)) return parseArgon2(encoded, identifier, parts)
  if (isBcrypt(identifier)) return parseBcrypt(encoded, parts)
  if (identifier === 'bcrypt-sha256') return parseBcryptSha256(encoded, parts)
  if (identifier === 'scrypt') return parseScrypt(encoded, parts)
  const pbkdf2 = pbkdf2Digest(identifier)
  if (pbkdf2) return parsePbkdf2(encoded, pbkdf2, parts)
  const sha2crypt = sha2cryptDigest(identifier)
  if (sha2crypt) return parseSha2Crypt(encoded, sha2crypt, parts)
  if (identifier === 'y') return refused('yescrypt is not supported')
  if (identifier === 'plaintext') return refused('plain text is not supported')
  return refused(`its scheme ${JSON.stringify(identifier.slice(0, 20))} is not supported`)
}

/** Prefixes of LDAP directories: `{CRYPT}` before any, `{ARGON2}` before a whole hash, `{PBKDF2-SHA256}` in place of `$pbkdf2-sha256$`. */
function withoutPrefix(encoded: string): string {
  const text = encoded.startsWith('{CRYPT}') ? encoded.slice('{CRYPT}'.length) : encoded
  if (text.startsWith('{ARGON2}')) return text.slice('{ARGON2}'.length)
  return text.replace(/^\{PBKDF2(-SHA(?:1|224|256|384|512))?\}/, (_, digest = '') => `$pbkdf2${digest.toLowerCase()}$`)
}

/** True when `password` is the one `hash` was made from. UTF-8 bytes as given, no normalisation; compared in constant time. */
export async function verifyHash(hash: PasswordHash, password: string): Promise<boolean> {
  const key = await compute(hash, password)
  return key.length === hash.key.length && timingSafeEqual(key, hash.key)
}

/** KiB that one verification takes besides the process itself. */
export function hashMemory(hash: PasswordHash): number {
  if (hash.scheme === 'argon2') return hash.memory
  return hash.scheme === 'scrypt' ? scryptMemory(hash) : 0
}

/** Bytes of the longest password that counts as a whole. */
export const longestPassword = ({ algorithm, bcrypt }: PasswordHashConfig): number =>
  algorithm === 'bcrypt' && bcrypt.variant === 'standard' ? 72 : LONGEST_PASSWORD

/**
 * A new hash of `password` as configured.
 * @throws Fault `password-hash-parameters` when the configured parameters make a hash that would be refused on reading
 * @throws Fault `password-too-long` when not all of the password would count
 */
export async function makeHash(password: string, config: PasswordHashConfig): Promise<string> {
  const bytes = Buffer.byteLength(password)
  const most = longestPassword(config)
  if (bytes > most) {
    throw new Fault('password-too-long', `The password is ${bytes} bytes long; at most ${most} can be hashed.`, {
      hint: 'Choose a shorter one, or another algorithm.',
      exitCode: 2,
    })
  }
  const { prefix, blankKey, encodeKey } = blank(config)
  const parsed = parseHash(prefix + blankKey)
  if (parsed.kind === 'refused') {
    throw new Fault(
      'password-hash-parameters',
      `No ${config.algorithm} hash can be made with these parameters: ${parsed.reason}.`,
      {
        hint: `Change the flags, or the values of authentication_backend.file.password.${config.algorithm} they come from.`,
        exitCode: 2,
      },
    )
  }
  return prefix + encodeKey(await compute(parsed.hash, password))
}

async function compute(hash: PasswordHash, password: string): Promise<Buffer> {
  switch (hash.scheme) {
    case 'argon2':
      return computeArgon2(hash, password)
    case 'scrypt':
      return computeScrypt(hash, password)
    case 'pbkdf2':
      return computePbkdf2(hash, password)
    case 'sha2crypt':
      return computeSha2Crypt(hash, password)
    case 'bcrypt':
      return computeBcrypt(hash, password)
  }
}

function blank(config: PasswordHashConfig): NewHash {
  switch (config.algorithm) {
    case 'argon2':
      return newArgon2(config.argon2)
    case 'scrypt':
      if (config.scrypt.variant === 'yescrypt') {
        throw new Fault('password-hash-parameters', 'yescrypt is not supported.', {
          hint: 'Use the variant scrypt, or better argon2.',
          exitCode: 2,
        })
      }
      return newScrypt(config.scrypt)
    case 'pbkdf2':
      return newPbkdf2(config.pbkdf2)
    case 'sha2crypt':
      return newSha2Crypt(config.sha2crypt)
    case 'bcrypt':
      return newBcrypt(config.bcrypt)
  }
}
