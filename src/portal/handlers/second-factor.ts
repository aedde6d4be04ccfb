// The second factor of somebody who gave the first: `/2fa` shows the one he prefers, each has an address of its own, and the others are named on it.
import type { Request, Response } from 'express'
import { goOnOf } from '../go-on.ts'
import { type FactorName, hasShownFactor } from '../second-factors.ts'
import { type Visit, visitOf } from '../visit.ts'
import { type WayBack, wayBackOf, withWayBack } from '../way-back.ts'
import { showCode } from './code.ts'
import { type Context, seeOther, type Visitor, visitorOf } from './context.ts'
import type { FactorState } from './factor-page.ts'
import { showPasskey } from './passkey.ts'
import { showPush } from './push/push.ts'
import { showRecovery } from './recovery.ts'
import { showSecondPassword } from './second-password.ts'

type ShowFactor = (
  context: Context,
  request: Request,
  response: Response,
  visit: Visit,
  visitor: Visitor,
  way: WayBack,
  state?: FactorState,
) => Promise<void>

const PAGES: Readonly<Record<FactorName, ShowFactor>> = {
  webauthn: showPasskey,
  totp: showCode,
  mobile_push: showPush,
  password: showSecondPassword,
  recovery: showRecovery,
}

/** Shows `name`, else what the visitor is to be asked for first; he has at least one. */
export function showSecondFactor(
  context: Context,
  request: Request,
  response: Response,
  visit: Visit,
  visitor: Visitor,
  way: WayBack,
  state: FactorState & { readonly name?: FactorName } = {},
): Promise<void> {
  const [first] = visitor.factors.registered
  const name = state.name ?? first?.name
  if (name === undefined) throw new Error('a second factor is asked of somebody who has none')
  return PAGES[name](context, request, response, visit, visitor, way, state)
}

/** The page of one factor, or of the preferred one; whoever has none of it, or needs none, is led to the front door. */
export const getSecondFactor =
  (name?: FactorName) =>
  async (context: Context, request: Request, response: Response): Promise<void> => {
    const visit = visitOf(request)
    const way = wayBackOf(visit, request.query)
    const visitor = await visitorOf(context, request, visit)
    const has = visitor?.factors.registered.some((factor) => name === undefined || factor.name === name)
    if (!visitor || hasShownFactor(visitor.session.record) || !has)
      return seeOther(request, response, withWayBack('/', way))
    const goOn = goOnOf(request.query['for'])
    return showSecondFactor(context, request, response, visit, visitor, way, name ? { name, goOn } : { goOn })
  }
