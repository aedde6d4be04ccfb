// A user as commands show him: what is in the users file, and of the password only how it is hashed.
import type { PasswordHash } from '../../directory/hash-format.ts'
import type { UserEntry } from '../../directory/user-entry.ts'

export interface UserAccount {
  readonly username: string
  readonly displayName: string
  readonly email: string | null
  readonly groups: readonly string[]
  /** `unusable`: an attribute can't stand in a header, so the server doesn't let the user sign in. */
  readonly state: 'enabled' | 'disabled' | 'unusable'
  /** Scheme and parameters. */
  readonly password: string
}

export const userAccount = ({ user, hash, disabled, unusable }: UserEntry): UserAccount => ({
  username: user.username,
  displayName: user.displayName,
  email: user.emails[0] ?? null,
  groups: user.groups,
  state: disabled ? 'disabled' : unusable ? 'unusable' : 'enabled',
  password: hashName(hash),
})

function hashName(hash: PasswordHash): string {
  switch (hash.scheme) {
    case 'argon2':
      return `${hash.variant} m=${hash.memory} t=${hash.iterations} p=${hash.parallelism}`
    case 'scrypt':
      return `scrypt ln=${hash.ln} r=${hash.blockSize} p=${hash.parallelism}`
    case 'pbkdf2':
      return `pbkdf2-${hash.digest} ${hash.iterations}`
    case 'sha2crypt':
      return `${hash.digest}-crypt ${hash.rounds}`
    case 'bcrypt':
      return hash.variant === 'standard' ? `bcrypt ${hash.cost}` : `bcrypt-sha256 ${hash.cost}`
  }
}
