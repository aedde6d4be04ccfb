// Signing out: GET asks, POST does it. A link, an image or another site's page can't sign anybody out.
import type { Request, Response } from 'express'
import { recordEvent } from '../record-event.ts'
import { breakableHost } from '../view/html.ts'
import { visitOf } from '../visit.ts'
import { wayBackFields, wayBackOf, withWayBack } from '../way-back.ts'
import { type Context, formOf, seeOther, visitorOf } from './context.ts'

export async function getSignOut(context: Context, request: Request, response: Response): Promise<void> {
  const visit = visitOf(request)
  const way = wayBackOf(visit, request.query)
  const visitor = await visitorOf(context, request, visit)
  if (visitor && request.query['done'] === undefined)
    return context.screen.show(request, response, visit, 'sign-out', { rd: wayBackFields(way).rd })
  const backTo = way.target && { name: breakableHost(way.target.hostWithPort), url: way.target.url }
  context.screen.show(request, response, visit, 'signed-out', { backTo })
}

export async function postSignOut(context: Context, request: Request, response: Response): Promise<void> {
  const visit = visitOf(request)
  const way = wayBackOf(visit, formOf(request))
  const { deps } = context
  const session = await deps.sessions.current(request, visit.domain)
  await deps.sessions.end(request, response, visit.domain)
  if (session) {
    const { username, key } = session.record
    await recordEvent(deps, visit, { kind: 'sign-out', username, session: key })
  }
  // What the browser kept of the portal goes too; cookies are ended by name, others of the domain aren't ours.
  response.setHeader('Clear-Site-Data', '"cache", "storage"')
  seeOther(request, response, withWayBack('/logout', way, { done: 'sign-out' }))
}
