// A new password in place of the old one, by somebody signed in who has shown afresh who he is: the new one is judged, the old one checked, then it counts.
import type { Audit } from '../audit/audit.ts'
import type { Clock } from '../base/clock.ts'
import type { Directory, User } from '../directory/directory.ts'
import type { Mailer } from '../notify/mailer.ts'
import type { Login } from './login.ts'
import { tellOfPassword } from './password-reset.ts'
import { BUSY, type EndWithPassword, type PasswordStore, type SetPassword } from './password-store.ts'

export interface ChangeOfPassword {
  readonly user: User
  readonly oldPassword: string
  readonly newPassword: string
  /** `SessionRecord.key` of the session it is done in, the only one that lives on. */
  readonly session: string
  readonly from: string
  readonly userAgent?: string | undefined
  readonly language: string
  /** For the notice: where he looks after his account. */
  readonly portalUrl: string
}

export type PasswordChanged =
  | SetPassword
  /** The new one is the old one. */
  | { readonly kind: 'same' }
  | { readonly kind: 'wrong-password' }

export type ChangePassword = (change: ChangeOfPassword) => Promise<PasswordChanged>

export function createPasswordChange(deps: {
  readonly directory: () => Directory
  readonly login: Login
  readonly store: PasswordStore
  readonly endWithPassword: EndWithPassword
  readonly mailer: Mailer
  readonly audit: Audit
  readonly clock: Clock
}): ChangePassword {
  const { directory, login, store, mailer, audit, clock } = deps
  return async (change) => {
    const { user, oldPassword, newPassword, session, from, userAgent } = change
    const { username } = user
    if (newPassword === oldPassword) return { kind: 'same' }
    const weaknesses = await store.weaknesses(newPassword, user, from)
    if (weaknesses === 'overloaded') return BUSY
    if (weaknesses.length > 0) return { kind: 'weak', weaknesses }
    // Before the old one is asked: it counts attempts, and these would be for nothing.
    if (!store.canWrite()) return { kind: 'failed' }
    const stamp = directory().passwordStamp?.(username)
    const attempt = { from, requestMethod: undefined, requestUri: undefined, userAgent }
    const outcome = await login.reauthenticate(username, oldPassword, attempt)
    if (outcome.kind === 'throttled') return outcome
    if (outcome.kind === 'refused' || stamp === undefined) return { kind: 'wrong-password' }
    const hash = await store.hash(newPassword, from)
    if (hash === undefined) return BUSY
    // Somebody set another one meanwhile: the old one isn't right any more.
    if (directory().passwordStamp?.(username) !== stamp) return { kind: 'wrong-password' }
    // Before: where sessions can't be ended, nothing is changed. After: for those that began with the old password meanwhile.
    await deps.endWithPassword(username, from, { key: session })
    const written = await store.write(username, hash, stamp)
    if (written !== 'written') return written === 'changed' ? { kind: 'wrong-password' } : { kind: 'failed' }
    await deps.endWithPassword(username, from, { key: session })
    await audit.record({ kind: 'password-changed', username, from, session, userAgent })
    tellOfPassword(mailer, 'password-changed', user, change, clock.now())
    return { kind: 'set' }
  }
}
