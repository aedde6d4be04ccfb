// What follows every change to how somebody signs in, whoever made it: the trail has it, he is told by mail, and where a factor came or went, his
// other sessions end, since one of them may be the reason for the change or the one that made it.
import type { AuditKind } from '../audit/audit.ts'
import type { User } from '../directory/directory.ts'
import { sendNotice } from './notice.ts'
import type { PortalDeps, PortalSession } from './portal.ts'
import { recordEvent } from './record-event.ts'
import type { Visit } from './visit.ts'

export interface AccountChange {
  readonly kind: Extract<
    AuditKind,
    'factor-added' | 'factor-removed' | 'recovery-codes-made' | 'recovery-codes-removed'
  >
  /** Which factor: 'totp', 'recovery', the name of a passkey. */
  readonly subject: string
}

/** To be called when the change is stored. @param session the one it was made in; it lives on */
export async function afterChange(
  occasion: {
    readonly deps: Pick<PortalDeps, 'audit' | 'mailer' | 'clock' | 'sessions' | 'storage'>
    readonly visit: Visit
  },
  { session, user }: { readonly session: PortalSession; readonly user: User },
  { kind, subject }: AccountChange,
): Promise<void> {
  const { deps, visit } = occasion
  const { key } = session.record
  const { username } = user
  if (kind === 'factor-removed') await deps.storage.browsers.distrust(username)
  if (kind === 'factor-removed' || kind === 'factor-added') {
    const ended = await deps.sessions.revokeUser(username, { key })
    if (ended > 0) {
      const event = { kind: 'sessions-ended', username, session: key, subject: String(ended), reason: kind } as const
      await recordEvent(deps, visit, event)
    }
  }
  await recordEvent(deps, visit, { kind, username, session: key, subject })
  if (kind !== 'recovery-codes-removed') sendNotice(occasion, user, kind, subject)
}
