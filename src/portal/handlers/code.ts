// The one-time code of somebody who gave the password already.
import type { Request, Response } from 'express'
import { signInByCode } from '../../login/flow.ts'
import { destinationOf } from '../next-step.ts'
import { type Visit, visitOf } from '../visit.ts'
import { type WayBack, wayBackFields, wayBackOf, withWayBack } from '../way-back.ts'
import { type Context, field, formOf, REGISTRATION, seeOther, type Visitor, visitorOf } from './context.ts'
import { afterForm } from './home.ts'
import { showTooMany } from './messages.ts'

/** In the address and form: the code isn't for a place, but for setting up new ones. */
export const FOR_REGISTRATION = { for: 'registration' } as const
type Purpose = '' | 'registration'
const purposeOf = (value: unknown): Purpose => (value === FOR_REGISTRATION.for ? value : '')

/** The address Authelia's pages link to as well; `/` shows the same page where it is the next step. */
export async function getCode(context: Context, request: Request, response: Response): Promise<void> {
  const visit = visitOf(request)
  const way = wayBackOf(visit, request.query)
  const visitor = await visitorOf(context, request, visit)
  if (!visitor || visitor.level >= 2 || visitor.codeDigits === undefined)
    return seeOther(request, response, withWayBack('/', way))
  showCode(context, request, response, visit, visitor, way, { purpose: purposeOf(request.query['for']) })
}

export async function postCode(context: Context, request: Request, response: Response): Promise<void> {
  const visit = visitOf(request)
  const way = wayBackOf(visit, formOf(request))
  const visitor = await visitorOf(context, request, visit)
  // Signed out meanwhile: the front door says what to do.
  if (!visitor) return seeOther(request, response, withWayBack('/', way))
  const purpose = purposeOf(field(request, 'for'))
  const again = (status: number, text: string): void =>
    showCode(context, request, response, visit, visitor, way, {
      status,
      purpose,
      problem: context.screen.text(request, text),
    })

  const { settings, clientAddress } = visit
  const until = context.limits.refusedUntil('second_factor_totp', settings.rateLimits.second_factor_totp, clientAddress)
  if (until !== undefined) {
    const seconds = (until - context.deps.clock.now()) / 1000
    return showTooMany(context, request, response, visit, seconds)
  }
  // People type the gap that their app shows between the digits.
  const code = field(request, 'code').replaceAll(' ', '')
  if (code === '') return again(400, 'code.incomplete')
  const { login, sessions } = context.deps
  const outcome = await signInByCode(login, visit.settings, visitor.user, code, destinationOf(visit, way))
  switch (outcome.kind) {
    case 'throttled':
      return showTooMany(context, request, response, visit, outcome.retryAfterSeconds)
    case 'refused':
      return again(403, 'code.refused')
    case 'signed-in':
    case 'second-factor':
      await sessions.renew(request, response, visit.domain, visitor.session, { level: 2 })
      return seeOther(request, response, purpose ? withWayBack(REGISTRATION, way) : afterForm(way, 'code'))
  }
}

interface CodeState {
  readonly status?: number
  readonly problem?: string
  readonly purpose?: Purpose
}

export function showCode(
  { screen }: Context,
  request: Request,
  response: Response,
  visit: Visit,
  visitor: Visitor,
  way: WayBack,
  { status = 200, problem, purpose = '' }: CodeState = {},
): void {
  screen.show(
    request,
    response,
    visit,
    'code',
    {
      ...wayBackFields(way),
      destination: way.target?.hostWithPort,
      refusedDestination: way.refused,
      problem,
      username: visitor.user.username,
      digits: visitor.codeDigits ?? 6,
      purpose,
      focusCode: true,
      lead: screen.text(request, purpose ? 'code.lead-registration' : 'code.lead'),
    },
    { status },
  )
}
