// What recovery codes look like, and how one is read that a person typed from paper. Stores and checks nothing.
import { randomBytes } from 'node:crypto'

/** As many as fit on a small note. */
const RECOVERY_CODES = 10
/** Crockford's base 32: without I, L, O and U, which are read as others, or make words. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const GROUPS = 3
const GROUP = 4
const LENGTH = GROUPS * GROUP

/** `7K3M-9QXT-2F6H`: 60 random bits; each byte's low five bits are one of 32 characters, all as likely. */
export function newRecoveryCode(random: (size: number) => Uint8Array = randomBytes): string {
  const characters = [...random(LENGTH)].map((byte) => ALPHABET[byte % ALPHABET.length]).join('')
  return characters.match(new RegExp(`.{${GROUP}}`, 'g'))?.join('-') ?? ''
}

export const newRecoveryCodes = (random?: (size: number) => Uint8Array): readonly string[] =>
  Array.from({ length: RECOVERY_CODES }, () => newRecoveryCode(random))

/** The code in the one form that is hashed; undefined when it can't be one. Letter case, blanks, dashes, and O I L for 0 1 1 are forgiven. */
export function readRecoveryCode(typed: string): string | undefined {
  if (typed.length > 64) return undefined
  const bare = typed
    .toUpperCase()
    .replace(/[\s\u2010-\u2015_.-]/g, '')
    .replace(/O/g, '0')
    .replace(/[IL]/g, '1')
  return bare.length === LENGTH && [...bare].every((character) => ALPHABET.includes(character)) ? bare : undefined
}
