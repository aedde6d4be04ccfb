// Where users come from. One interface for every source (file today, LDAP later); whoever asks never learns which one it is.

export interface User {
  /** Canonical name, as the directory writes it. Sessions, bans, counters and Remote-User use this form only. */
  readonly username: string
  readonly displayName: string
  readonly emails: readonly string[]
  readonly groups: readonly string[]
}

/** `overloaded`: the hashing queue is full; says nothing about the user. */
export type PasswordCheck = 'match' | 'mismatch' | 'overloaded'

export interface Directory {
  /** By canonical name. A disabled user doesn't exist. Called on every gate request, so it is synchronous when the source is in memory. */
  find(username: string): User | undefined | Promise<User | undefined>
  /** By what a person typed: a name or, where configured, an e-mail address in any letter case. */
  resolve(typed: string): User | undefined | Promise<User | undefined>
  /**
   * Hashes `password` and compares. For `username` undefined it spends the same effort and says 'mismatch' (no user enumeration by time).
   * @param from client address text; the hashing queue is fair between addresses
   */
  checkPassword(username: string | undefined, password: string, from: string): Promise<PasswordCheck>
  /**
   * Changes whenever the stored password of `username` changes (e.g. a digest of the stored hash; never the hash). A success of Basic is remembered
   * only as long as it stays; a directory that can't tell leaves it out, or says undefined, and nothing is remembered.
   */
  passwordStamp?(username: string): string | undefined
}
