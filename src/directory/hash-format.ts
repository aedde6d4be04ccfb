// The parts that encoded password hashes have in common: the parsed form, parameter lists, the base64 dialects, and the limits that keep one
// hash from taking the machine. Knows no algorithm.

interface Encoded {
  /** As it stands in the users file; what the hashing process is given. */
  readonly encoded: string
  readonly salt: Buffer
  readonly key: Buffer
}
export interface Argon2Hash extends Encoded {
  readonly scheme: 'argon2'
  readonly variant: 'argon2id' | 'argon2i' | 'argon2d'
  /** KiB. */
  readonly memory: number
  readonly iterations: number
  readonly parallelism: number
}
export interface ScryptHash extends Encoded {
  readonly scheme: 'scrypt'
  /** log2 of N. */
  readonly ln: number
  readonly blockSize: number
  readonly parallelism: number
}
export interface Pbkdf2Hash extends Encoded {
  readonly scheme: 'pbkdf2'
  readonly digest: 'sha1' | 'sha224' | 'sha256' | 'sha384' | 'sha512'
  readonly iterations: number
}
export interface Sha2CryptHash extends Encoded {
  readonly scheme: 'sha2crypt'
  readonly digest: 'sha256' | 'sha512'
  readonly rounds: number
}
export interface BcryptHash extends Encoded {
  readonly scheme: 'bcrypt'
  readonly variant: 'standard' | 'sha256'
  readonly cost: number
}
/** `salt` of sha2crypt and bcrypt is the salt's text, `key` is what the computed key is compared with. */
export type PasswordHash = Argon2Hash | ScryptHash | Pbkdf2Hash | Sha2CryptHash | BcryptHash

/** `reason` is one sentence for the operator; it never holds the hash. */
export type Parsed<T> =
  | { readonly kind: 'ok'; readonly hash: T }
  | { readonly kind: 'refused'; readonly reason: string }

export const refused = (reason: string): { readonly kind: 'refused'; readonly reason: string } => ({
  kind: 'refused',
  reason,
})

/** What one verification may cost: about half a minute of one core at the very most, and never more than 1 GiB. */
export const LIMITS = {
  /** KiB, argon2 and scrypt. */
  memory: 1024 * 1024,
  /** argon2: KiB × passes. */
  argon2Work: 16 * 1024 * 1024,
  argon2Parallelism: 64,
  /** scrypt: N × r × p. */
  scryptWork: 2 ** 25,
  pbkdf2Iterations: 20_000_000,
  sha2cryptRounds: 5_000_000,
  bcryptCost: 18,
} as const

/** Reads `a=1,b=2`. The last of equal names counts, as in Authelia. Values are decimal; undefined when a pair is malformed or out of range. */
export function readParameters(
  text: string,
  known: readonly string[],
):
  | { readonly kind: 'ok'; readonly values: ReadonlyMap<string, string> }
  | { readonly kind: 'refused'; readonly reason: string } {
  const values = new Map<string, string>()
  for (const pair of text.split(',')) {
    const at = pair.indexOf('=')
    if (at < 0) return refused('its parameters are not all of the form name=value')
    const name = pair.slice(0, at)
    if (!known.includes(name)) return refused(`it has the unknown parameter ${JSON.stringify(name.slice(0, 20))}`)
    values.set(name, pair.slice(at + 1))
  }
  return { kind: 'ok', values }
}

/** A decimal number of at most 32 bits; undefined for anything else. */
export function readNumber(text: string): number | undefined {
  if (!/^\d{1,20}$/.test(text)) return undefined
  const value = Number(text)
  return value <= 0xffff_ffff ? value : undefined
}

/** Standard alphabet without padding; line ends inside are skipped as Authelia does. Undefined for anything else. */
export function decodeBase64(text: string): Buffer | undefined {
  const bare = text.replace(/[\r\n]/g, '')
  if (!/^[A-Za-z0-9+/]*$/.test(bare) || bare.length % 4 === 1) return undefined
  return Buffer.from(bare, 'base64')
}
export const encodeBase64 = (bytes: Buffer): string => bytes.toString('base64').replaceAll('=', '')

/** The dialect of pbkdf2 hashes: `.` stands for `+`. */
export const decodeAdaptedBase64 = (text: string): Buffer | undefined =>
  text.includes('+') ? undefined : decodeBase64(text.replaceAll('.', '+'))
export const encodeAdaptedBase64 = (bytes: Buffer): string => encodeBase64(bytes).replaceAll('+', '.')

/** A hash about to be made: `prefix` + `blankKey` is well formed, and the computed key takes the blank's place. */
export interface NewHash {
  readonly prefix: string
  readonly blankKey: string
  encodeKey(key: Buffer): string
}
