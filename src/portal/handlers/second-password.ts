// The password as the second factor of somebody who signed in with a passkey.
import type { Request, Response } from 'express'
import { proveAgain } from '../../login/flow.ts'
import { destinationOf } from '../next-step.ts'
import { raiseSession } from '../raise-session.ts'
import type { Visit } from '../visit.ts'
import { type WayBack, wayBackValues, withWayBack } from '../way-back.ts'
import { type Context, field, seeOther, type Visitor } from './context.ts'
import { afterFactor, type FactorState, readFactorForm } from './factor-page.ts'
import { showTooMany } from './messages.ts'

export async function postSecondPassword(context: Context, request: Request, response: Response): Promise<void> {
  const form = await readFactorForm(context, request, response, showSecondPassword)
  if (!form) return
  const { visit, way, visitor, goOn, again } = form
  // After a password, the password is no second factor.
  if (visitor.session.begunWith !== 'passkey') return seeOther(request, response, withWayBack('/', way))
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
      return seeOther(request, response, afterFactor(goOn, way))
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
