// What is kept of a passkey or security key; the tables are webauthn-credentials.ts.

/** What Authelia keeps of one, under its names; texts are '' where nothing is known. */
export interface WebauthnCredential {
  readonly id: number
  /** Relying party it was made for: the host of a portal. */
  readonly rpId: string
  readonly username: string
  /** What its owner calls it; unique for him at this relying party, in any letter case. */
  readonly description: string
  /** Credential id, base64url; unique among all users and relying parties. */
  readonly kid: string
  readonly attestationType: string
  readonly attestationFormat: string
  /** `platform` or `cross-platform`, as last reported. */
  readonly attachment: string
  readonly transports: readonly string[]
  readonly aaguid: string
  /** 0: the authenticator doesn't count. */
  readonly signCount: number
  /** Its counter once went backwards: somebody may have a copy. */
  readonly cloneWarning: boolean
  readonly legacy: boolean
  /** Can be found without a username. */
  readonly discoverable: boolean
  readonly present: boolean
  readonly verified: boolean
  /** May be copied to other devices; fixed when it is made. */
  readonly backupEligible: boolean
  /** Has been copied, as last reported. */
  readonly backupState: boolean
  readonly createdAt: number
  readonly lastUsedAt: number | undefined
}

/** Sealed at rest. */
export interface WebauthnKeys {
  /** COSE key. */
  readonly publicKey: Uint8Array
  /** What the authenticator said of itself, as Authelia's JSON; empty when it isn't known. */
  readonly attestation: Uint8Array
}
