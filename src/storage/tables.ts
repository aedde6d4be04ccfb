// The tables as kysely sees them; migrations.ts makes them. Times are milliseconds since the epoch, truth values are 0 and 1.
import type { Generated } from 'kysely'

export interface Tables {
  settings: { name: string; value: Uint8Array }
  attempts: {
    id: Generated<number>
    time: number
    successful: number
    banned: number
    username: string
    kind: string
    remote_address: string
    request_uri: string
    request_method: string
    user_agent: string
  }
  bans: {
    id: Generated<number>
    kind: string
    value: string
    created_at: number
    expires_at: number | null
    revoked_at: number | null
    source: string
    reason: string
  }
  totp_configurations: {
    username: string
    issuer: string
    algorithm: string
    digits: number
    period: number
    /** Sealed. */
    secret: Uint8Array
    created_at: number
    last_used_at: number | null
    last_step: number | null
  }
  totp_failures: { username: string; failures: number; last_failure_at: number }
  /** `handle` is base64url. */
  webauthn_users: { rp_id: string; username: string; handle: string }
  webauthn_credentials: {
    id: Generated<number>
    rp_id: string
    username: string
    description: string
    /** Credential id, base64url. */
    kid: string
    /** Sealed, like `attestation`. */
    public_key: Uint8Array
    attestation: Uint8Array
    attestation_type: string
    attestation_format: string
    attachment: string
    /** Separated by commas. */
    transports: string
    aaguid: string
    sign_count: number
    clone_warning: number
    legacy: number
    discoverable: number
    present: number
    verified: number
    backup_eligible: number
    backup_state: number
    created_at: number
    last_used_at: number | null
  }
  /** `hash` is hex. */
  webauthn_challenges: { owner: string; ceremony: string; hash: string; detail: string; expires_at: number }
  preferences: { username: string; method: string }
  recovery_sets: {
    username: string
    /** Sealed; the codes are hashed with it. */
    key: Uint8Array
    created_at: number
  }
  recovery_codes: { username: string; hash: string; used_at: number | null }
  recovery_failures: { username: string; failures: number; last_failure_at: number }
  events: {
    id: Generated<number>
    time: number
    kind: string
    username: string
    address: string
    subject: string
    reason: string
    session: string
    user_agent: string
    times: number
    last_time: number
  }
  duo_devices: { username: string; device: string; method: string }
  duo_tries: { username: string; factor: string; tries: number; last_at: number; open_until: number }
  user_identifiers: { service: string; sector_id: string; username: string; identifier: string }
  browsers: {
    id: string
    username: string
    first_seen: number
    last_seen: number
    user_agent: string
    network: string
    trusted_until: number | null
    trust_stamp: string | null
  }
  networks: { username: string; network: string; first_seen: number; last_seen: number }
  mails: {
    id: string
    useful_until: number
    /** Sealed. */
    content: Uint8Array
  }
  one_time_codes: {
    id: string
    intent: string
    username: string
    session: string
    address: string
    /** Keyed digest. */
    code: Uint8Array
    created_at: number
    expires_at: number
    ended_at: number | null
    /** used, revoked, replaced, ended */
    ended_by: string | null
  }
  reset_tokens: {
    id: string
    username: string
    binding: Uint8Array
    created_at: number
    expires_at: number
    grant_id: string | null
    grant_expires_at: number | null
    ended_at: number | null
    ended_by: string | null
  }
  proof_attempts: { purpose: string; subject: string; attempts: number; since: number }
  /** Steps of migrations.ts that were taken; one from before this was recorded has no time. */
  migrations: { version: number; applied_at: number | null; program: string }
}
