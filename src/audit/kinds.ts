// Every kind of security event: what it means, whether it was a failure, and in what time alike ones are counted as one. docs/reference/events.md
// is held to this table.

export interface KindOfEvent {
  /** For people, as the reference has it. */
  readonly means: string
  /** Somebody was refused, or locked out: told as a warning, and found by `latchkey logs --failed`. */
  readonly failed?: true
  /**
   * Milliseconds in which alike ones (kind, user, address, subject, reason) are one row with a count: whoever asks without being let in must not
   * fill the disk.
   */
  readonly counted?: number
}

const MINUTE = 60_000

export const AUDIT_KINDS = {
  'sign-in': { means: 'Somebody signed in with a first factor or a passkey.' },
  'sign-in-refused': {
    means: 'A first factor was wrong, or its owner or address is banned.',
    failed: true,
    counted: MINUTE,
  },
  'second-factor': { means: 'A second factor was shown; the session counts as two factors from now on.' },
  'second-factor-refused': { means: 'A second factor was wrong or used already.', failed: true, counted: MINUTE },
  'header-sign-in': {
    means: 'Name and password in a header were right, at the gate. Alike ones within an hour are one row.',
    counted: 60 * MINUTE,
  },
  'sign-out': { means: 'Somebody signed out.' },
  'elevation-asked': { means: 'A code for changing the account was asked for.', counted: MINUTE },
  elevation: { means: 'Somebody proved afresh who he is, to change his account.' },
  'elevation-refused': { means: 'That proof was wrong or too late.', failed: true, counted: MINUTE },
  'factor-added': { means: 'A second factor, or a passkey, was set up.' },
  'factor-renamed': { means: 'A second factor was given another name.' },
  'factor-removed': { means: 'A second factor was taken away.' },
  'recovery-codes-made': { means: 'New recovery codes were made; earlier ones are void.' },
  'recovery-codes-removed': { means: 'The recovery codes were made void.' },
  'password-changed': { means: 'A password was changed by its owner, or by a command.' },
  'password-reset-asked': { means: 'A mail to set a forgotten password anew was asked for.', counted: MINUTE },
  'password-reset': { means: 'A forgotten password was set anew by mail.' },
  'token-revoked': { means: 'A code or link that was mailed was made void by who received it.' },
  'session-ended': { means: 'One session was ended from elsewhere.' },
  'sessions-ended': { means: 'All sessions of a user were ended, or all but the one at hand.' },
  'browser-trusted': { means: 'A browser needs no second factor for a while.' },
  'browser-forgotten': { means: 'A trusted browser needs the second factor again.' },
  banned: {
    means: 'A user, or the address in `subject`, may not sign in for a while.',
    failed: true,
  },
  'ban-lifted': { means: 'Such a ban was lifted.' },
  'user-added': { means: 'A command added a user to the users file.' },
  'user-changed': { means: 'A command changed the fields in `subject` of a user.' },
  'user-removed': { means: 'A command removed a user from the users file.' },
  'user-disabled': { means: 'A command disabled a user.' },
  'user-enabled': { means: 'A command enabled a user again.' },
  'identifiers-added': { means: 'A command added opaque identifiers; `subject` is how many.' },
  'attempts-deleted': { means: 'A command deleted recorded sign-in attempts; `subject` is how many.' },
  'key-changed': { means: 'A command encrypted the database with another key.' },
  restored: { means: 'A command restored the database from a backup.' },
} as const satisfies Record<string, KindOfEvent>

export type AuditKind = keyof typeof AUDIT_KINDS

export const isAuditKind = (text: string): text is AuditKind => Object.hasOwn(AUDIT_KINDS, text)
