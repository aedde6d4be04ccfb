// A recovery code of somebody who gave the password and has lost his other factor. It counts as a fresh proof, too, so that he can set up a new
// one at once: the page he is led to says so.
import type { Request, Response } from 'express'
import { signInByRecoveryCode } from '../../login/flow.ts'
import { destinationOf } from '../next-step.ts'
import { sendNotice } from '../notice.ts'
import { raiseSession } from '../raise-session.ts'
import type { Visit } from '../visit.ts'
import { type WayBack, withWayBack } from '../way-back.ts'
import { SECURITY } from './account/frame.ts'
import { type Context, field, seeOther, type Visitor } from './context.ts'
import { type FactorState, factorValues, readFactorForm } from './factor-page.ts'
import { isTooOften, showTooMany } from './messages.ts'

export async function postRecovery(context: Context, request: Request, response: Response): Promise<void> {
  const form = await readFactorForm(context, request, response, showRecovery)
  if (!form) return
  const { visit, way, visitor, goOn, again } = form
  // Possessed, like the passkey it would be added to.
  if (visitor.session.begunWith === 'passkey') return seeOther(request, response, withWayBack('/2fa', way))

  const { settings, clientAddress } = visit
  const { deps } = context
  const { clock, login } = deps
  if (isTooOften(context, request, response, visit, 'second_factor_totp')) return
  const typed = field(request, 'code')
  if (typed.trim() === '') return again(400, 'recovery.incomplete')
  const { user, session } = visitor
  const outcome = await signInByRecoveryCode(login, settings, user, typed, destinationOf(visit, way))
  switch (outcome.kind) {
    case 'throttled':
      return showTooMany(context, request, response, visit, outcome.retryAfterSeconds)
    case 'refused':
      if (outcome.isLocked) sendNotice({ deps, visit }, user, 'second-factor-locked', '')
      return again(403, 'recovery.refused')
    case 'signed-in':
    case 'second-factor': {
      const now = clock.now()
      await raiseSession(deps, request, response, visit, session, 'recovery', {
        elevation: { until: now + settings.elevatedSession.elevationLifespan, from: clientAddress },
        // Where nothing can be mailed, it is the password that would be asked for anew; the code stands for it.
        passwordProvenAt: now,
      })
      sendNotice({ deps, visit }, user, 'recovery-code-used', '')
      return seeOther(
        request,
        response,
        goOn === '' ? withWayBack(SECURITY, way, { done: 'recovered' }) : withWayBack(goOn, way),
      )
    }
  }
}

export async function showRecovery(
  context: Context,
  request: Request,
  response: Response,
  visit: Visit,
  visitor: Visitor,
  way: WayBack,
  { status = 200, problem, goOn = '' }: FactorState = {},
): Promise<void> {
  context.screen.show(
    request,
    response,
    visit,
    'recovery',
    factorValues(context, request, visitor, 'recovery', way, { problem, goOn }),
    { status },
  )
}
