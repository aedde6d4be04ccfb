// What the rest of the house knows of mail: what is to be told to whom. How it looks and how it travels is this folder's matter.

/** Each is a pair of templates in templates/email/ and a section of texts `mail-<name>` in the catalogues. */
export interface MailValues {
  /** A code that proves who one is. `code` stands on a line of its own; `revokeUrl` leads to the page that takes it back. */
  readonly 'one-time-code': {
    readonly code: string
    readonly minutes: number
    readonly revokeUrl: string
    readonly from: string
  }
  readonly 'reset-password': {
    readonly resetUrl: string
    readonly revokeUrl: string
    readonly minutes: number
    readonly from: string
  }
  /** Something about the account changed or happened: `event` names the text. */
  readonly notice: {
    readonly event:
      | 'password-changed'
      | 'password-reset'
      | 'factor-added'
      | 'factor-removed'
      | 'recovery-codes-made'
      | 'recovery-codes-removed'
      | 'recovery-code-used'
      | 'new-sign-in'
      | 'second-factor-locked'
      /** A push was reported as a fraud: somebody else has the password. */
      | 'push-fraud'
      /** Its counter went back: somebody has a copy of it. */
      | 'passkey-copied'
      /** An operator wants to see whether mail arrives. */
      | 'test'
    /** Which device, browser or factor; '' when there is none to name. */
    readonly subject: string
    /** Where it was done from: address, and the browser's name when known. */
    readonly from: string
    /** Undefined: not to be told. */
    readonly at: number | undefined
    /** Of the portal, where one can look and act. */
    readonly portalUrl: string
  }
}
export type MailName = keyof MailValues

export interface Mail<Name extends MailName = MailName> {
  readonly name: Name
  /** The stored address of the user, from the directory; never one from a request. */
  readonly to: { readonly address: string; readonly displayName: string }
  /** `en`, `de`; of the person when known. */
  readonly language: string
  readonly values: MailValues[Name]
}

export interface Mailer {
  /** False: no notifier is configured, and nothing can be sent. */
  readonly isEnabled: boolean
  /** Takes a mail into the queue and returns at once; it never throws, and a failure to deliver is the log's matter. */
  send<Name extends MailName>(mail: Mail<Name>): void
}
