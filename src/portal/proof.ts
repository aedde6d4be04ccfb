// What somebody still has to prove before he may change how he signs in: the facts that the table in login/elevation.ts is asked with.
import type { User } from '../directory/directory.ts'
import { isElevated, isFresh, type MissingProof, missingProofOf } from '../login/elevation.ts'
import type { Asker } from '../login/elevation-codes.ts'
import type { PortalDeps } from './portal.ts'
import { factorsOf, hasShownFactor, isGuarded } from './second-factors.ts'
import type { SignedIn } from './signed-in.ts'
import type { Visit } from './visit.ts'

/** The first thing missing; undefined: everything is proven. */
export async function missingProof(
  { deps, visit }: { readonly deps: PortalDeps; readonly visit: Visit },
  signedIn: SignedIn | undefined,
): Promise<MissingProof | undefined> {
  if (!signedIn) return 'first_factor'
  const { user, session } = signedIn
  const now = deps.clock.now()
  return missingProofOf({
    // A browser that is trusted with the second factor is no proof of it.
    level: hasShownFactor(session.record) ? 2 : 1,
    hasPortalCookie: session.hasPortalCookie,
    hasSecondFactor: isGuarded(await factorsOf({ deps, visit }, session.record.username, session.begunWith)),
    hasFreshPassword: isFresh(session.passwordProvenAt, now),
    isElevated: isElevated(session.elevation, visit.clientAddress, now),
    canMail: canMail(deps, visit, user),
    skipSecondFactor: visit.settings.elevatedSession.skipSecondFactor,
  })
}

/** Without a portal URL in the configuration no mail can say where the code is taken back: the Host of a request never decides that. */
export const canMail = ({ mailer }: Pick<PortalDeps, 'mailer'>, { domain }: Visit, { emails }: User): boolean =>
  mailer.isEnabled && emails.length > 0 && domain.portalUrl !== undefined

/** Who is mailed a code, or gives one. */
export const askerOf = ({ clientAddress, userAgent }: Visit, { user, session }: SignedIn): Asker => ({
  user,
  session: session.record.key,
  from: clientAddress,
  userAgent,
})
