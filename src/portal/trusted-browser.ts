// Whether a user trusts the browser he uses with his second factor. The trust holds for one user, in one browser, while his password stays what
// it was, and for no longer than is configured.
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { PortalDeps } from './portal.ts'
import { sightOf } from './sighting.ts'
import type { Visit } from './visit.ts'

type Deps = Pick<PortalDeps, 'browsers' | 'storage' | 'clock'>

/** @returns false when browsers aren't to be trusted here */
export async function trustBrowser(
  deps: Deps,
  visit: Visit,
  request: IncomingMessage,
  response: ServerResponse,
  username: string,
): Promise<boolean> {
  const { trustedBrowser, passwordStamp } = visit.settings
  const stamp = passwordStamp(username)
  if (trustedBrowser === 0 || stamp === undefined) return false
  const { browsers } = deps.storage
  // Under a new mark: one that somebody planted in this browser is none of a trusted one.
  const before = deps.browsers.idOf(request)
  const id = deps.browsers.give(response)
  if (before !== undefined) await browsers.rename(before, id)
  const now = deps.clock.now()
  await browsers.trust(sightOf(visit, username, id, now), now + trustedBrowser, stamp)
  return true
}

/** To be asked only of somebody who has just given his password in this browser. */
export async function isTrustedBrowser(
  deps: Deps,
  visit: Visit,
  request: IncomingMessage,
  username: string,
): Promise<boolean> {
  const { trustedBrowser, passwordStamp } = visit.settings
  const id = deps.browsers.idOf(request)
  const stamp = passwordStamp(username)
  if (trustedBrowser === 0 || id === undefined || stamp === undefined) return false
  const now = deps.clock.now()
  const { browsers } = deps.storage
  // A shorter time that is configured now holds at once.
  if (!(await browsers.isTrusted(id, username, stamp, { after: now, latest: now + trustedBrowser }))) return false
  await browsers.see(sightOf(visit, username, id, now))
  return true
}
