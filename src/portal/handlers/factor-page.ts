// What the pages of all second factors share: what they are told, and the other ways that a person may take instead.
import type { Request } from 'express'
import { withGoOn } from '../go-on.ts'
import { type FactorName, usable } from '../second-factors.ts'
import { baseOf } from '../view/screen.ts'
import { type WayBack, wayBackValues } from '../way-back.ts'
import type { Context, Visitor } from './context.ts'

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
