// Where somebody is led who must show a second factor first: the page of the one he has, of one that he may have elsewhere, or the page that says
// that his passkey belongs to another portal.
import type { Request, Response } from 'express'
import { withGoOn } from '../go-on.ts'
import { usable } from '../second-factors.ts'
import type { Visit } from '../visit.ts'
import type { WayBack } from '../way-back.ts'
import { type Context, seeOther, type Visitor } from './context.ts'
import { showMessage } from './messages.ts'

/** @param goOn page of ours to go on with */
export function askForFactor(
  context: Context,
  request: Request,
  response: Response,
  visit: Visit,
  { factors, user }: Visitor,
  way: WayBack,
  goOn: string,
): void {
  const [first] = usable(factors)
  if (first === undefined && factors.elsewhere !== undefined) {
    const details = { name: factors.elsewhere, username: user.username }
    showMessage(context, request, response, visit, 'passkey-elsewhere', details)
  } else seeOther(request, response, withGoOn(factors.registered.length > 0 || !first ? '/2fa' : first.page, way, goOn))
}
