// What follows every change to how somebody signs in, whoever made it: the trail has it, he is told by mail, and where a factor came or went, his
// other sessions end, since one of them may be the reason for the change or the one that made it.
import type { AuditKind } from '../audit/audit.ts'
import type { User } from '../directory/directory.ts'
import type { PortalSession } from '../session/session.ts'
import { sendNotice } from './notice.ts'
import type { PortalDeps } from './portal.ts'
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

interface Occasion {
  readonly deps: Pick<PortalDeps, 'audit' | 'mailer' | 'clock' | 'sessions' | 'storage'>
  readonly visit: Visit
}
interface Who {
  /** The one it was made in; it lives on. */
  readonly session: Pick<PortalSession, 'record'>
  readonly user: User
}

/** To be called when the change is stored. */
export async function afterChange(occasion: Occasion, who: Who, { kind, subject }: AccountChange): Promise<void> {
  const { deps, visit } = occasion
  const { user, session } = who
  if (kind === 'factor-added' || kind === 'factor-removed') await settle(occasion, who, kind)
  await recordEvent(deps, visit, { kind, username: user.username, session: session.record.key, subject })
  sendNotice(occasion, user, kind, subject)
}

/** The same for a passkey, which the trail has already. @param name what its owner calls it */
export async function afterPasskey(
  occasion: Occasion,
  who: Who,
  kind: 'factor-added' | 'factor-removed',
  name: string,
): Promise<void> {
  await settle(occasion, who, kind)
  sendNotice(occasion, who.user, kind, name)
}

/** Other sessions end; with a factor that went, so does the trust in browsers that was given with it. */
async function settle(
  { deps, visit }: Occasion,
  { session, user: { username } }: Who,
  reason: 'factor-added' | 'factor-removed',
): Promise<void> {
  const { key } = session.record
  if (reason === 'factor-removed') await deps.storage.browsers.distrust(username)
  const ended = await deps.sessions.revokeUser(username, { key })
  if (ended > 0)
    await recordEvent(deps, visit, { kind: 'sessions-ended', username, session: key, subject: String(ended), reason })
}
