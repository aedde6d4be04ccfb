// What setting a password needs of whoever keeps the users: how good it is, its hash, and writing that. The server has the implementation.
import type { User } from '../directory/directory.ts'
import type { PasswordWeakness } from '../directory/password-policy.ts'

export interface PasswordStore {
  /** By `password_policy`; none when it is good. `overloaded`: too much is going on. */
  weaknesses(password: string, user: User, from: string): Promise<readonly PasswordWeakness[] | 'overloaded'>
  /** A cheap look whether it can be written at all; a "no" is in the log with its reason. */
  canWrite(): boolean
  /** Made with the configured parameters, in the queue of all hashes; undefined: too much is going on. */
  hash(password: string, from: string): Promise<string | undefined>
  /**
   * Writes the hash and has it count at once.
   * @param expectedStamp `Directory.passwordStamp` of the password that is replaced
   * @returns `changed`: it is another one by now, or the user is gone; `failed`: see the log
   */
  write(username: string, hash: string, expectedStamp: string): Promise<'written' | 'changed' | 'failed'>
}

/** What ends with a password: sessions (but `keep`), codes, links, and whatever else was given on its word. @param from for the trail */
export type EndWithPassword = (username: string, from: string, keep?: { readonly key: string }) => Promise<void>

export type SetPassword =
  | { readonly kind: 'set' }
  | { readonly kind: 'weak'; readonly weaknesses: readonly PasswordWeakness[] }
  | { readonly kind: 'throttled'; readonly retryAfterSeconds: number }
  /** The users can't be written; nothing was changed. */
  | { readonly kind: 'failed' }

/** Too much is going on; seconds. */
export const BUSY = { kind: 'throttled', retryAfterSeconds: 5 } as const
