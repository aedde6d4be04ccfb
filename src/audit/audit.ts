// The trail of security events: what happened to whom, from where and why. One union; whoever does something of the kind records it here, and
// nothing secret is ever in it.
import type { AuditKind } from './kinds.ts'

export type { AuditKind } from './kinds.ts'

export interface AuditEvent {
  readonly kind: AuditKind
  /** Canonical name; '' when the user is unknown. Never what was typed. */
  readonly username: string
  /** Text of the client's address; 'cli' for what a command does. */
  readonly from: string
  /** Which factor or thing: '1fa', 'totp', 'webauthn', 'passkey', 'duo', 'recovery', a device's name, an address that is banned. */
  readonly subject?: string | undefined
  /** Why it was refused or done, a stable word; never shown to the person. */
  readonly reason?: string | undefined
  /** `SessionRecord.key`, the hash of the session's id. */
  readonly session?: string | undefined
  readonly userAgent?: string | undefined
}

export interface Audit {
  /** Resolves when it is stored. Never rejects: what can't be stored is logged as an error, and what was done stays done. */
  record(event: AuditEvent): Promise<void>
}
