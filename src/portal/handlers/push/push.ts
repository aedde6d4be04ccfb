// Asking for a push by Duo: the page with the button, and what becomes of pressing it. The answer is waited for on a page of its own.
import type { Request, Response } from 'express'
import type { DuoVisitor } from '../../../login/duo/duo.ts'
import { goOnOf, withGoOn } from '../../go-on.ts'
import { destinationOf } from '../../next-step.ts'
import { sendNotice } from '../../notice.ts'
import { hasOtherFactor, hasShownFactor } from '../../second-factors.ts'
import { baseOf } from '../../view/screen.ts'
import { type Visit, visitOf } from '../../visit.ts'
import { type WayBack, wayBackOf, withWayBack } from '../../way-back.ts'
import { type Context, field, formOf, seeOther, type Visitor, visitorOf } from '../context.ts'
import { afterFactor, type FactorState, factorValues } from '../factor-page.ts'
import { isTooOften, showTooMany } from '../messages.ts'
import { mayTrust, rememberWish, trustIfWished } from '../trust.ts'

export const PUSH_PAGE = '/2fa/push-notification'
export const WAIT_PAGE = `${PUSH_PAGE}/wait`
export const DEVICE_PAGE = `${PUSH_PAGE}/device`
export const PASSCODE_PAGE = `${PUSH_PAGE}/passcode`

export interface Asking {
  readonly visit: Visit
  readonly visitor: Visitor
  readonly way: WayBack
  readonly goOn: string
  readonly who: DuoVisitor
}

/** Who may be asked: signed in with the first factor only. Otherwise the request is answered. */
export async function askingOf(
  { deps, ...context }: Context,
  request: Request,
  response: Response,
  source: Readonly<Record<string, unknown>>,
): Promise<Asking | undefined> {
  const visit = visitOf(request)
  const way = wayBackOf(visit, source)
  const visitor = await visitorOf({ deps, ...context }, request, visit)
  const goOn = goOnOf(source['for'])
  if (!visitor || !visit.settings.hasDuo || hasShownFactor(visitor.session.record)) {
    seeOther(
      request,
      response,
      visitor && visit.settings.hasDuo && goOn ? withWayBack(goOn, way) : withWayBack('/', way),
    )
    return undefined
  }
  // Possessed, like the passkey it would be added to.
  if (visitor.session.begunWith === 'passkey') {
    seeOther(request, response, withWayBack('/2fa', way))
    return undefined
  }
  return { visit, visitor, way, goOn, who: duoVisitorOf(deps, visit, visitor, way) }
}

function duoVisitorOf(
  deps: Context['deps'],
  visit: Visit,
  { user, session, factors }: Visitor,
  way: WayBack,
): DuoVisitor {
  const { clientAddress, userAgent, targetUrl, requestMethod } = destinationOf(visit, way)
  return {
    user,
    session: session.record.key,
    level: hasShownFactor(session.record) ? 2 : 1,
    hasOtherFactor: hasOtherFactor(factors, 'mobile_push'),
    attempt: { from: clientAddress, userAgent, requestUri: targetUrl, requestMethod: requestMethod || undefined },
    onFraud: () => sendNotice({ deps, visit }, user, 'push-fraud', ''),
  }
}

/** Each question to Duo counts for the address that caused it. */
export const asksDuoTooOften = (context: Context, request: Request, response: Response, visit: Visit): boolean =>
  isTooOften(context, request, response, visit, 'second_factor_duo')

export async function getPush(context: Context, request: Request, response: Response): Promise<void> {
  const asking = await askingOf(context, request, response, request.query)
  if (!asking) return
  const { visit, visitor, way, goOn } = asking
  return showPush(context, request, response, visit, visitor, way, { goOn })
}

export async function postPush(context: Context, request: Request, response: Response): Promise<void> {
  const asking = await askingOf(context, request, response, formOf(request))
  if (!asking) return
  const { visit, visitor, way, goOn, who } = asking
  if (asksDuoTooOften(context, request, response, visit)) return
  const started = await context.deps.duo.push(who)
  switch (started.kind) {
    case 'sent':
      rememberWish(request, response)
      return seeOther(request, response, withGoOn(WAIT_PAGE, way, goOn))
    case 'choose':
      return seeOther(request, response, withGoOn(DEVICE_PAGE, way, goOn))
    case 'accepted':
      return accept(context, request, response, asking, 'nothing')
    case 'throttled':
      return showTooMany(context, request, response, visit, started.retryAfterSeconds)
    case 'enroll':
      return showPush(context, request, response, visit, visitor, way, {
        status: 403,
        goOn,
        problem: context.screen.text(request, started.url === undefined ? 'push.no-device' : 'push.enroll'),
        enrolUrl: started.url,
      })
    case 'refused':
    case 'unavailable':
      return showRefusedPush(
        context,
        request,
        response,
        asking,
        started.kind === 'refused' ? started.reason : 'unavailable',
      )
  }
}

/**
 * Two factors from now on, and on to where it was asked for.
 * @param given `nothing`: Duo lets him pass, which is no reason to trust his browser. What was wished with a push counts for that push only.
 */
export async function accept(
  context: Context,
  request: Request,
  response: Response,
  asking: Asking,
  given: 'push' | 'passcode' | 'nothing',
): Promise<void> {
  const { visit, visitor, way, goOn } = asking
  const raised = await context.deps.sessions.renew(request, response, visit.domain, visitor.session, { level: 2 })
  const mayBeRemembered = given === 'push'
  if (raised && given !== 'nothing')
    await trustIfWished(context, request, response, visit, visitor.user.username, { mayBeRemembered })
  seeOther(request, response, afterFactor(goOn, way))
}

/** What each refusal means for the person, and what to do; the others are told alike. */
const PROBLEMS: Readonly<Record<string, string>> = {
  unavailable: 'push.unavailable',
  'duo-denied': 'push.duo-denied',
  'duo-locked': 'push.duo-locked',
  'bypass-not-enough': 'push.bypass-not-enough',
  'push-denied': 'push.denied',
  'push-unanswered': 'push.unanswered',
  'push-not-sent': 'push.not-sent',
  'push-fraud': 'push.fraud',
  'no-second-factor': 'push.no-passcodes',
}

export function showRefusedPush(
  context: Context,
  request: Request,
  response: Response,
  { visit, visitor, way, goOn }: Asking,
  reason: string,
): Promise<void> {
  const problem = context.screen.text(request, PROBLEMS[reason] ?? 'push.denied')
  const status = reason === 'unavailable' ? 503 : 403
  return showPush(context, request, response, visit, visitor, way, { status, goOn, problem })
}

interface PushState extends FactorState {
  readonly enrolUrl?: string | undefined
}

export async function showPush(
  context: Context,
  request: Request,
  response: Response,
  visit: Visit,
  visitor: Visitor,
  way: WayBack,
  { status = 200, problem, goOn = '', enrolUrl }: PushState = {},
): Promise<void> {
  const at = (page: string): string => baseOf(request) + withGoOn(page, way, goOn)
  context.screen.show(
    request,
    response,
    visit,
    'push',
    {
      ...factorValues(context, request, visitor, 'mobile_push', way, { problem, goOn }),
      ...mayTrust(context, request, visit),
      enrolUrl,
      deviceUrl: at(DEVICE_PAGE),
      passcodeUrl: at(PASSCODE_PAGE),
    },
    { status },
  )
}

/** The field `name` of a form that is given once. */
export const typed = (request: Request, name: string): string => field(request, name).slice(0, 200)
