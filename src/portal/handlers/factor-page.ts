// What the pages of all second factors share: what they are told, the other ways that a person may take instead, and how their forms begin and end.
import type { Request, Response } from 'express'
import { goOnOf, withGoOn } from '../go-on.ts'
import { type FactorName, usable } from '../second-factors.ts'
import { baseOf } from '../view/screen.ts'
import { type Visit, visitOf } from '../visit.ts'
import { type WayBack, wayBackOf, wayBackValues, withWayBack } from '../way-back.ts'
import { type Context, field, formOf, seeOther, type Visitor, visitorOf } from './context.ts'
import { afterForm } from './home.ts'

export interface FactorState {
  readonly status?: number
  readonly problem?: string
  /** Page to go on with instead of the way back, '' for none; see go-on.ts. */
  readonly goOn?: string
}

/** Values of templates/portal/other-ways.html. */
function otherWays(
  { screen }: Context,
  request: Request,
  { factors }: Visitor,
  shown: FactorName,
  way: WayBack,
  goOn: string,
) {
  const ways = usable(factors)
    .filter(({ name }) => name !== shown)
    .map(({ page, label }) => ({
      url: baseOf(request) + withGoOn(page, way, goOn),
      label: screen.text(request, label),
    }))
  return { hasWays: ways.length > 0, ways }
}

/** What the page of each second factor is told. */
export const factorValues = (
  context: Context,
  request: Request,
  visitor: Visitor,
  shown: FactorName,
  way: WayBack,
  { problem, goOn }: { readonly problem: string | undefined; readonly goOn: string },
) => ({
  ...wayBackValues(way),
  ...otherWays(context, request, visitor, shown, way, goOn),
  problem,
  username: visitor.user.username,
  goOn,
})

type ShowFactor = (
  context: Context,
  request: Request,
  response: Response,
  visit: Visit,
  visitor: Visitor,
  way: WayBack,
  state: FactorState,
) => Promise<void>

/**
 * The form of a second factor, before what was typed into it is looked at; `again` shows it with what went wrong.
 * @returns undefined when nobody is signed in any more: then the request is answered, and the front door says what to do
 */
export async function readFactorForm(context: Context, request: Request, response: Response, show: ShowFactor) {
  const visit = visitOf(request)
  const way = wayBackOf(visit, formOf(request))
  const visitor = await visitorOf(context, request, visit)
  if (!visitor) {
    seeOther(request, response, withWayBack('/', way))
    return undefined
  }
  const goOn = goOnOf(field(request, 'for'))
  const again = (status: number, text: string): Promise<void> => {
    const problem = context.screen.text(request, text)
    return show(context, request, response, visit, visitor, way, { status, goOn, problem })
  }
  return { visit, way, visitor, goOn, again }
}

/** Where somebody goes who has shown a second factor. */
export const afterFactor = (goOn: string, way: WayBack): string =>
  goOn ? withWayBack(goOn, way) : afterForm(way, 'second-factor')
