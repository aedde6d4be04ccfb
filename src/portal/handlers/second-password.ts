// The password as the second factor of somebody who signed in with a passkey.
import type { Request, Response } from 'express'
import { proveAgain } from '../../login/flow.ts'
import { goOnOf } from '../go-on.ts'
import { destinationOf } from '../next-step.ts'
import { raiseSession } from '../raise-session.ts'
import { type Visit, visitOf } from '../visit.ts'
import { type WayBack, wayBackOf, wayBackValues, withWayBack } from '../way-back.ts'
import { type Context, field, formOf, seeOther, type Visitor, visitorOf } from './context.ts'
import type { FactorState } from './factor-page.ts'
import { afterForm } from './home.ts'
import { showTooMany } from './messages.ts'

export async function postSecondPassword(context: Context, request: Request, response: Response): Promise<void> {
  const visit = visitOf(request)
  const way = wayBackOf(visit, formOf(request))
  const visitor = await visitorOf(context, request, visit)
  // After a password, the password is no second factor.
  if (visitor?.session.begunWith !== 'passkey') return seeOther(request, response, withWayBack('/', way))
  const goOn = goOnOf(field(request, 'for'))
  const again = (status: number, text: string): Promise<void> =>
    showSecondPassword(context, request, response, visit, visitor, way, {
      status,
      goOn,
      problem: context.screen.text(request, text),
    })
  const password = field(request, 'password')
  if (password === '') return again(400, 'second-password.incomplete')
  const { login } = context.deps
  const signedIn = { username: visitor.user.username, level: visitor.level }
  const outcome = await proveAgain(login, visit.settings, signedIn, password, destinationOf(visit, way))
  switch (outcome.kind) {
    case 'throttled':
      return showTooMany(context, request, response, visit, outcome.retryAfterSeconds)
    case 'refused':
      return again(401, 'second-password.refused')
    case 'signed-in':
    case 'second-factor': {
      const passwordProvenAt = context.deps.clock.now()
      await raiseSession(context.deps, request, response, visit, visitor.session, 'password', { passwordProvenAt })
      return seeOther(request, response, goOn ? withWayBack(goOn, way) : afterForm(way, 'second-factor'))
    }
  }
}

export async function showSecondPassword(
  { screen }: Context,
  request: Request,
  response: Response,
  visit: Visit,
  visitor: Visitor,
  way: WayBack,
  { status = 200, problem, goOn = '' }: FactorState = {},
): Promise<void> {
  screen.show(
    request,
    response,
    visit,
    'second-password',
    {
      ...wayBackValues(way),
      problem,
      username: visitor.user.username,
      goOn,
      focusPassword: true,
      invalid: status === 400 || status === 401,
    },
    { status },
  )
}
