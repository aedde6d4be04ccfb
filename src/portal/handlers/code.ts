// The one-time code of somebody who gave the password already.
import type { Request, Response } from 'express'
import { signInByCode } from '../../login/flow.ts'
import { destinationOf } from '../next-step.ts'
import { sendNotice } from '../notice.ts'
import { raiseSession } from '../raise-session.ts'
import type { Visit } from '../visit.ts'
import { type WayBack, withWayBack } from '../way-back.ts'
import { type Context, field, REGISTRATION, seeOther, type Visitor } from './context.ts'
import { afterFactor, type FactorState, factorValues, readFactorForm } from './factor-page.ts'
import { isTooOften, showTooMany } from './messages.ts'
import { mayTrust, trustIfWished } from './trust.ts'

export async function postCode(context: Context, request: Request, response: Response): Promise<void> {
  const form = await readFactorForm(context, request, response, showCode)
  if (!form) return
  const { visit, way, visitor, goOn, again } = form
  // Possessed, like the passkey it would be added to.
  if (visitor.session.begunWith === 'passkey') return seeOther(request, response, withWayBack('/2fa', way))

  if (isTooOften(context, request, response, visit, 'second_factor_totp')) return
  // People type the gap that their app shows between the digits.
  const code = field(request, 'code').replaceAll(' ', '')
  if (code === '') return again(400, 'code.incomplete')
  const { deps } = context
  const outcome = await signInByCode(deps.login, visit.settings, visitor.user, code, destinationOf(visit, way))
  switch (outcome.kind) {
    case 'throttled':
      return showTooMany(context, request, response, visit, outcome.retryAfterSeconds)
    case 'refused':
      if (outcome.isLocked) sendNotice({ deps, visit }, visitor.user, 'second-factor-locked', '')
      return again(403, 'code.refused')
    case 'signed-in':
    case 'second-factor':
      // Not when the session was ended meanwhile: its owner may have ended it because of whoever is here.
      if (await raiseSession(deps, request, response, visit, visitor.session, 'totp'))
        await trustIfWished(context, request, response, visit, visitor.user.username)
      return seeOther(request, response, afterFactor(goOn, way))
  }
}

export async function showCode(
  context: Context,
  request: Request,
  response: Response,
  visit: Visit,
  visitor: Visitor,
  way: WayBack,
  { status = 200, problem, goOn = '' }: FactorState = {},
): Promise<void> {
  const { deps, screen } = context
  const registered = await deps.storage.totp.find(visitor.user.username)
  screen.show(
    request,
    response,
    visit,
    'code',
    {
      ...factorValues(context, request, visitor, 'totp', way, { problem, goOn }),
      ...mayTrust(context, request, visit),
      digits: registered?.digits ?? 6,
      focusCode: true,
      lead: screen.text(request, leadOf(goOn)),
    },
    { status },
  )
}

const leadOf = (goOn: string): string =>
  goOn === REGISTRATION ? 'code.lead-registration' : goOn === '' ? 'code.lead' : 'code.lead-change'
