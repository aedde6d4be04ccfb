// The door of every page that changes an account: who is signed in, with the second factor where there is one, and has shown afresh who he is.
import type { Request, Response } from 'express'
import { withGoOn } from '../go-on.ts'
import { missingProof } from '../proof.ts'
import type { Visit } from '../visit.ts'
import { NO_WAY, type WayBack, withWayBack } from '../way-back.ts'
import { askForFactor } from './ask-for-factor.ts'
import { type Context, seeOther, type Visitor, visitorOf } from './context.ts'

/** Page where the missing proof is given; `for` is the page of ours to go on with. */
export const CONFIRM = '/confirm'

/**
 * @param goOn path of our own page, without base path, where the person goes on once everything is proven
 * @param way back to an application, which goes along
 * @returns who it is; undefined when something is missing: then the request is answered
 */
export async function demandProof(
  context: Context,
  request: Request,
  response: Response,
  visit: Visit,
  goOn: string,
  way: WayBack = NO_WAY,
): Promise<Visitor | undefined> {
  const visitor = await visitorOf(context, request, visit)
  const missing = await missingProof({ deps: context.deps, visit }, visitor)
  if (visitor && missing === undefined) return visitor
  // A password alone must not be enough to replace the factor that is to guard against a stolen password: that one comes first.
  if (visitor && missing === 'second_factor') askForFactor(context, request, response, visit, visitor, way, goOn)
  else seeOther(request, response, missing === 'first_factor' ? withWayBack('/', way) : withGoOn(CONFIRM, way, goOn))
  return undefined
}
