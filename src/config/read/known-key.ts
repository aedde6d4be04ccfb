// What reading must know of the schemas: which key paths have a variable, and which of those are secrets.

export interface KnownKey {
  /** As Authelia writes it: `storage.encryption_key`. Paths through lists (`[]`) or named maps (`*`) have no variable and are passed over. */
  readonly path: string
  /** May be given as a file in `<PREFIX>_<KEY>_FILE`. */
  readonly secret: boolean
  /** An old name; it has a variable of Authelia's, none of ours. */
  readonly deprecated?: boolean
}
