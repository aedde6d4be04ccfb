// What somebody must have proven to change how he signs in. Until codes by mail exist, "elevated" is the password a short while ago.
import { factorsOf } from '../second-factors.ts'
import type { Call, SignedIn } from './route.ts'

/** How long a password counts as just given (milliseconds). */
export const FRESH_PASSWORD = 5 * 60_000

/**
 * The first thing missing. Whoever has a second factor must have used it in this session: else a stolen password would be enough to replace it.
 * The portal's own cookie shows that no application under the cookie domain is asking with the session cookie it sees.
 */
export async function missingProof(
  { deps, visit }: Pick<Call, 'deps' | 'visit'>,
  signedIn: SignedIn | undefined,
): Promise<'first_factor' | 'second_factor' | 'elevation' | undefined> {
  if (!signedIn?.session.hasPortalCookie) return 'first_factor'
  const { record, passwordProvenAt } = signedIn.session
  if (record.level < 2 && (await factorsOf({ deps, visit }, record.username)).registered.length > 0)
    return 'second_factor'
  const age = deps.clock.now() - passwordProvenAt
  return age >= 0 && age < FRESH_PASSWORD ? undefined : 'elevation'
}
