// The page of somebody who is signed in: who he is, how surely, where he may go, and the way out.
import type { Request, Response } from 'express'
import { breakableHost } from '../view/html.ts'
import type { Visit } from '../visit.ts'
import type { WayBack } from '../way-back.ts'
import type { Context, Visitor } from './context.ts'

/** As many places as fit on a page that is still read. */
const MAX_PLACES = 40

interface State {
  readonly way: WayBack
  /** Where the visitor was sent and came back from at once. */
  readonly sentBack?: string
  readonly problem?: string
}

export function showSignedIn(
  { screen }: Context,
  request: Request,
  response: Response,
  visit: Visit,
  visitor: Visitor,
  { way, sentBack, problem }: State,
): void {
  const { user } = visitor
  const displayName = user.displayName || user.username
  const places = placesOf(visit, visitor)
  screen.show(request, response, visit, 'signed-in', {
    problem,
    initial: (displayName.match(/\p{L}|\p{N}/u)?.[0] ?? '•').toUpperCase(),
    displayName,
    level: screen.text(request, levelText(visitor)),
    refusedDestination: way.refused,
    sentBack: sentBack
      ? { url: sentBack, name: breakableHost(URL.parse(sentBack)?.host ?? sentBack), domain: visit.domain.domain }
      : undefined,
    hasPlaces: places.length > 0,
    places,
  })
}

const levelText = ({ level, session }: Visitor): string =>
  level >= 2
    ? 'signed-in.level-two'
    : session.begunWith === 'passkey'
      ? 'signed-in.level-passkey'
      : 'signed-in.level-one'

/** Hosts written out in rules that this user may open now, or with a one-time code. */
function placesOf({ settings, domain, clientAddress, origin, host }: Visit, { user, level }: Visitor) {
  const { port } = new URL(origin)
  return settings
    .hostsOf(domain.domain)
    .filter((name) => name !== host)
    .slice(0, MAX_PLACES)
    .flatMap((name) => {
      const url = `https://${name}${port ? `:${port}` : ''}/`
      const requirement = settings.policyOf(user, clientAddress, 'GET', url)
      return requirement === 'deny'
        ? []
        : [{ name: breakableHost(name), url, needsCode: requirement === 'two_factor' && level < 2 }]
    })
}
