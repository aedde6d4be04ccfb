// bcrypt `$2b$cost$salt+key` through bcryptjs, and bcrypt-sha256 `$bcrypt-sha256$v=2,t=2b,r=cost$salt$key`: bcrypt of a keyed digest of the
// password, so that more than 72 bytes count.
import { createHmac, randomBytes } from 'node:crypto'
import type { PasswordHashConfig } from '../config/config.ts'
import {
  type BcryptHash,
  LIMITS,
  type NewHash,
  type Parsed,
  readNumber,
  readParameters,
  refused,
} from './hash-format.ts'

const SALT = /^[./A-Za-z0-9]{22}$/
const KEY = /^[./A-Za-z0-9]{31}$/
const BASE64_ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const BCRYPT_ALPHABET = './ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
/** bcrypt itself starts at 4; below that Authelia takes 10. */
const DEFAULT_COST = 10

export const isBcrypt = (identifier: string): boolean => /^2[abxy]$/.test(identifier)

/** 2a, 2x and 2y are read as 2b. */
export function parseBcrypt(encoded: string, parts: readonly string[]): Parsed<BcryptHash> {
  const [costText, rest] = parts
  if (parts.length !== 2 || costText === undefined || rest?.length !== 53) {
    return refused('a bcrypt hash has the form $2b$cost$ and 53 characters')
  }
  return build(encoded, 'standard', costText, rest.slice(0, 22), rest.slice(22))
}

/** v and t are not looked at: what is written is always read as version 2, as Authelia does. */
export function parseBcryptSha256(encoded: string, parts: readonly string[]): Parsed<BcryptHash> {
  const [parameters, salt, key] = parts
  if (parts.length !== 3 || parameters === undefined || salt === undefined || key === undefined) {
    return refused('a bcrypt-sha256 hash has the form $bcrypt-sha256$v=2,t=2b,r=cost$salt$key')
  }
  const read = readParameters(parameters, ['v', 't', 'r'])
  if (read.kind === 'refused') return read
  return build(encoded, 'sha256', read.values.get('r') ?? '0', salt, key)
}

function build(
  encoded: string,
  variant: BcryptHash['variant'],
  costText: string,
  salt: string,
  key: string,
): Parsed<BcryptHash> {
  const negative = /^-\d{1,9}$/.test(costText)
  const written = negative ? 0 : readNumber(costText.replace(/^\+/, ''))
  if (written === undefined) return refused('its cost is not a whole number')
  const cost = written < 4 ? DEFAULT_COST : written
  if (cost > LIMITS.bcryptCost) return refused(`its cost is above ${LIMITS.bcryptCost}`)
  if (!SALT.test(salt) || !KEY.test(key)) {
    return refused("its salt is not 22, or its key not 31, characters of bcrypt's alphabet")
  }
  return {
    kind: 'ok',
    hash: { scheme: 'bcrypt', encoded, variant, cost, salt: Buffer.from(salt), key: decodeKey(key) },
  }
}

/** base64 in bcrypt's own alphabet. The last character carries bits that mean nothing; decoded, all spellings of one key are equal. */
const decodeKey = (key: string): Buffer => Buffer.from(translate(key, BCRYPT_ALPHABET, BASE64_ALPHABET), 'base64')
const encode = (bytes: Buffer): string =>
  translate(bytes.toString('base64').replaceAll('=', ''), BASE64_ALPHABET, BCRYPT_ALPHABET)
const translate = (text: string, from: string, to: string): string =>
  Array.from(text, (character) => to[from.indexOf(character)]).join('')

/** Only the first 72 bytes of the password count in the standard variant. */
export async function computeBcrypt(hash: BcryptHash, password: string): Promise<Buffer> {
  const { default: bcrypt } = await import('bcryptjs')
  const salt = hash.salt.toString('latin1')
  const input = hash.variant === 'sha256' ? createHmac('sha256', hash.salt).update(password).digest('base64') : password
  const made = await bcrypt.hash(input, `$2b$${String(hash.cost).padStart(2, '0')}$${salt}`)
  return decodeKey(made.slice(-31))
}

export function newBcrypt(config: PasswordHashConfig['bcrypt']): NewHash {
  const salt = encode(randomBytes(16))
  return {
    prefix:
      config.variant === 'sha256'
        ? `$bcrypt-sha256$v=2,t=2b,r=${config.cost}$${salt}$`
        : `$2b$${String(config.cost).padStart(2, '0')}$${salt}`,
    blankKey: '.'.repeat(31),
    encodeKey: encode,
  }
}
