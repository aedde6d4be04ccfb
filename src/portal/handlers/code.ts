// The one-time code of somebody who gave the password already.
import type { Request, Response } from 'express'
import { signInByCode } from '../../login/flow.ts'
import { goOnOf } from '../go-on.ts'
import { destinationOf } from '../next-step.ts'
import { sendNotice } from '../notice.ts'
import { raiseSession } from '../raise-session.ts'
import { type Visit, visitOf } from '../visit.ts'
import { type WayBack, wayBackOf, withWayBack } from '../way-back.ts'
import { type Context, field, formOf, REGISTRATION, seeOther, type Visitor, visitorOf } from './context.ts'
import { type FactorState, factorValues } from './factor-page.ts'
import { afterForm } from './home.ts'
import { isTooOften, showTooMany } from './messages.ts'
import { mayTrust, trustIfWished } from './trust.ts'

export async function postCode(context: Context, request: Request, response: Response): Promise<void> {
  const visit = visitOf(request)
  const way = wayBackOf(visit, formOf(request))
  const visitor = await visitorOf(context, request, visit)
  // Signed out meanwhile: the front door says what to do.
  if (!visitor) return seeOther(request, response, withWayBack('/', way))
  // Possessed, like the passkey it would be added to.
  if (visitor.session.begunWith === 'passkey') return seeOther(request, response, withWayBack('/2fa', way))
  const goOn = goOnOf(field(request, 'for'))
  const again = (status: number, text: string): Promise<void> =>
    showCode(context, request, response, visit, visitor, way, {
      status,
      goOn,
      problem: context.screen.text(request, text),
    })

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
      return seeOther(request, response, goOn ? withWayBack(goOn, way) : afterForm(way, 'second-factor'))
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
