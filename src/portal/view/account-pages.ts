// Values of the pages of the account; every one must be given, also when undefined.
import type { Scope } from '../../base/template.ts'
import type { Html } from './html.ts'
import type { Moment } from './moments.ts'

interface Account {
  readonly nav: readonly (Scope & { readonly url: string; readonly label: string; readonly isHere: boolean })[]
  readonly notice: string | undefined
  readonly problem: string | undefined
}

interface Choice extends Scope {
  readonly value: string
  readonly label: string
  readonly isChosen: boolean
}

export interface AccountPageValues {
  account: Account & {
    readonly initial: string
    readonly displayName: string
    readonly username: string
    readonly email: string | undefined
    readonly lines: readonly (Scope & {
      readonly url: string
      readonly label: string
      readonly state: string
      readonly isWarning: boolean
    })[]
  }
  'account-sessions': Account & {
    readonly sessions: readonly (Scope & {
      /** The handle, which no cookie can be made of. */
      readonly key: string
      readonly device: string
      readonly network: string
      /** Undefined where all are of one domain. */
      readonly domain: string | undefined
      readonly isHere: boolean
      readonly firstSeen: Moment
      readonly lastSeen: Moment
    })[]
    readonly hasOthers: boolean
  }
  'account-activity': Account & {
    readonly hasAttempts: boolean
    readonly attempts: readonly (Scope & {
      readonly factor: string
      readonly isSuccess: boolean
      readonly isFailure: boolean
      readonly isBanned: boolean
      readonly network: string
      /** Host of the application one wanted to reach. */
      readonly place: string | undefined
      readonly device: string | undefined
      readonly when: Moment
    })[]
    /** There may be more failures than are shown. */
    readonly omitted: string | undefined
  }
  'account-preferences': Account & {
    readonly themes: readonly Choice[]
    readonly hasLanguages: boolean
    readonly languages: readonly Choice[]
  }
  'account-security': Account & {
    /** Where one came from, after a recovery code. */
    readonly goOnTo: { readonly url: string; readonly name: Html } | undefined
    readonly mayChangePassword: boolean
    readonly hasNoFactor: boolean
    readonly passkeys: readonly (Scope & {
      readonly id: string
      readonly name: string
      readonly cloneWarning: boolean
      readonly since: Moment
      readonly lastUsed: Moment | undefined
    })[]
    readonly mayAddPasskey: boolean
    readonly addPasskeyLabel: string
    readonly mayHaveTotp: boolean
    readonly totp: { readonly since: Moment; readonly lastUsed: Moment | undefined } | undefined
    readonly hasPreference: boolean
    readonly preferences: readonly Choice[]
    readonly codes: { readonly since: Moment; readonly left: string; readonly warning: string | undefined } | undefined
    readonly mayMakeCodes: boolean
    readonly mayTrust: boolean
    readonly hasTrusted: boolean
    readonly trusted: readonly (Scope & {
      readonly id: string
      readonly device: string
      readonly network: string
      readonly lastSeen: Moment
      readonly until: Moment
    })[]
  }
  'recovery-codes-make': Account & { readonly replaces: boolean; readonly made: string }
  'recovery-codes': Account & {
    readonly codes: readonly { readonly code: string }[]
    readonly fileUrl: string
    readonly fileName: string
    readonly account: string
  }
  'rename-passkey': Account & { readonly id: string; readonly description: string }
  'confirm-change': Account & {
    readonly heading: string
    readonly lead: string
    readonly action: string
    readonly id: string
  }
}

/** Wide pages, with the way among them at their side. */
export const ACCOUNT_PAGES = [
  'account',
  'account-sessions',
  'account-activity',
  'account-preferences',
  'account-security',
  'recovery-codes-make',
  'recovery-codes',
  'confirm-change',
  'rename-passkey',
] as const satisfies readonly (keyof AccountPageValues)[]
