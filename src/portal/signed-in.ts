// Who is signed in, as pages and API alike know him.
import type { User } from '../directory/directory.ts'
import type { PortalSession } from '../session/session.ts'

export interface SignedIn {
  readonly session: PortalSession
  /** As the directory has him now. */
  readonly user: User
}
