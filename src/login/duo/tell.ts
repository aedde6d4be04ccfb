// Records what came of Duo for somebody: among the attempts and in the trail.
import type { Audit } from '../../audit/audit.ts'
import type { RecordAttempt } from '../attempt-record.ts'
import type { RefusalReason } from '../login.ts'
import type { DuoVisitor } from './duo.ts'

/** @param reason undefined: he was let in */
export type Tell = (visitor: DuoVisitor, reason: RefusalReason | undefined) => Promise<void>

export function createTell(deps: { readonly record: RecordAttempt; readonly audit: Audit }): Tell {
  return async ({ user, session, attempt }, reason) => {
    const { username } = user
    await deps.record(attempt, { kind: 'Duo', username, refused: reason })
    const kind = reason === undefined ? 'second-factor' : 'second-factor-refused'
    const { from, userAgent } = attempt
    await deps.audit.record({ kind, username, from, subject: 'duo', reason, session, userAgent })
  }
}
