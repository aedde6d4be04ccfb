// Stands for the sessions where an action has nothing to do with them: the session database isn't even opened then.
import type { SessionAdmin } from '../../session/session.ts'

const refuse = (): never => {
  throw new Error('only actions named sessions.… work on sessions')
}
export const withoutSessions: SessionAdmin = { list: refuse, revoke: refuse, revokeUser: refuse }
