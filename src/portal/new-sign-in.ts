// Tells people of a sign-in to their account with a browser, or from a network, that is new for it. Stands around the sessions, so that no way of
// signing in can pass it by; what fails here keeps nobody from signing in.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { sendNotice } from './notice.ts'
import type { PortalDeps } from './portal.ts'
import { sightOf } from './sighting.ts'
import { findVisit, type Visit } from './visit.ts'

const MOST_AN_HOUR = 10

export function tellingNewSignIns(deps: PortalDeps): PortalDeps['sessions'] {
  const { sessions } = deps
  return {
    current: (...given) => sessions.current(...given),
    renew: (...given) => sessions.renew(...given),
    setPending: (...given) => sessions.setPending(...given),
    end: (...given) => sessions.end(...given),
    list: (...given) => sessions.list(...given),
    revoke: (...given) => sessions.revoke(...given),
    revokeUser: (...given) => sessions.revokeUser(...given),
    async begin(request, response, domain, start) {
      const session = await sessions.begin(request, response, domain, start)
      const visit = findVisit(request)
      if (visit?.settings.newSignInNotice) {
        await tell(deps, visit, request, response, start.username).catch((error) =>
          deps.log.error({ err: error }, 'whether a sign-in is a new one could not be found out'),
        )
      }
      return session
    },
  }
}

async function tell(
  deps: PortalDeps,
  visit: Visit,
  request: IncomingMessage,
  response: ServerResponse,
  username: string,
): Promise<void> {
  const id = await markedBrowser(deps, request, response)
  const sighting = await deps.storage.browsers.see(sightOf(visit, username, id, deps.clock.now()))
  // Somebody who was never here has nothing to compare with.
  if (sighting.isFirst || !(sighting.isNewBrowser || sighting.isNewNetwork)) return
  // Whoever has the password could fill the mailbox of its owner, who knows by then.
  if (sighting.newLately > MOST_AN_HOUR) return
  const user = await visit.settings.findUser(username)
  if (user !== undefined) sendNotice({ deps, visit }, user, 'new-sign-in', '')
}

/** A mark that nobody has signed in with yet is replaced: somebody else may have put it there. */
async function markedBrowser(deps: PortalDeps, request: IncomingMessage, response: ServerResponse): Promise<string> {
  const id = deps.browsers.idOf(request)
  if (id === undefined || !(await deps.storage.browsers.isKnown(id))) return deps.browsers.give(response)
  deps.browsers.keep(request, response)
  return id
}
