// The page where somebody signed in shows afresh who he is: a code by mail, or the password where that is what it takes. The second factor has a
// page of its own. Nothing is mailed before he asks for it, and the mail's link takes the code back only when its button is pressed.
import type { Request, Response } from 'express'
import type { Asker } from '../../login/elevation-codes.ts'
import { proveAgain } from '../../login/flow.ts'
import { goOnOf } from '../go-on.ts'
import { languageOf } from '../language.ts'
import { portalLink, revokeCodePath } from '../links.ts'
import { maskEmail } from '../mask-email.ts'
import { destinationOf } from '../next-step.ts'
import { askerOf, canMail, missingProof } from '../proof.ts'
import { recordEvent } from '../record-event.ts'
import { type Visit, visitOf } from '../visit.ts'
import { type WayBack, wayBackOf, wayBackValues, withWayBack } from '../way-back.ts'
import { askForFactor } from './ask-for-factor.ts'
import { type Context, field, formOf, seeOther, type Visitor, visitorOf } from './context.ts'
import { CONFIRM } from './demand-proof.ts'
import { isTooOften, showMessage, showTooMany } from './messages.ts'

/** Somebody from whom nothing but the fresh proof is missing. */
interface Confirmation {
  readonly visit: Visit
  readonly visitor: Visitor
  readonly way: WayBack
  readonly goOn: string
  readonly asker: Asker
}

export async function getConfirm(context: Context, request: Request, response: Response): Promise<void> {
  const confirmation = await begun(context, request, response, request.query)
  if (confirmation) await showConfirm(context, request, response, confirmation)
}

export async function postConfirm(context: Context, request: Request, response: Response): Promise<void> {
  const confirmation = await begun(context, request, response, formOf(request))
  if (!confirmation) return
  if (field(request, 'send') !== '') return sendCode(context, request, response, confirmation)
  if (formOf(request)['code'] !== undefined) return redeemCode(context, request, response, confirmation)
  return checkPassword(context, request, response, confirmation)
}

/** undefined: the request is answered. */
async function begun(
  context: Context,
  request: Request,
  response: Response,
  source: Readonly<Record<string, unknown>>,
): Promise<Confirmation | undefined> {
  const visit = visitOf(request)
  const way = wayBackOf(visit, source)
  const goOn = goOnOf(source['for'])
  const visitor = await visitorOf(context, request, visit)
  const missing = await missingProof({ deps: context.deps, visit }, visitor)
  if (!visitor || missing !== 'elevation') {
    if (visitor && missing === 'second_factor') askForFactor(context, request, response, visit, visitor, way, goOn)
    else seeOther(request, response, withWayBack(missing ? '/' : goOn || '/', way))
    return undefined
  }
  return { visit, visitor, way, goOn, asker: askerOf(visit, visitor) }
}

async function sendCode(
  context: Context,
  request: Request,
  response: Response,
  confirmation: Confirmation,
): Promise<void> {
  const { visit, visitor, way, goOn, asker } = confirmation
  const { deps } = context
  const { settings, domain } = visit
  if (!canMail(deps, visit, visitor.user)) return showConfirm(context, request, response, confirmation)
  if (isTooOften(context, request, response, visit, 'session_elevation_start')) return
  const sent = await deps.elevation.send(asker, settings.elevatedSession, {
    language: languageOf(request, settings),
    revokeUrl: (id) => portalLink(domain, revokeCodePath, { id }),
  })
  if (sent.kind === 'throttled') return showTooMany(context, request, response, visit, sent.retryAfterSeconds)
  seeOther(request, response, withWayBack(CONFIRM, way, goOn === '' ? {} : { for: goOn }))
}

async function redeemCode(
  context: Context,
  request: Request,
  response: Response,
  confirmation: Confirmation,
): Promise<void> {
  const { visit, visitor, way, goOn, asker } = confirmation
  const { deps } = context
  const { settings, domain, clientAddress } = visit
  const code = field(request, 'code')
  if (code.trim() === '') return again(context, request, response, confirmation, 400, 'confirm.incomplete-code')
  if (isTooOften(context, request, response, visit, 'session_elevation_finish')) return
  const outcome = await deps.elevation.redeem(asker, code)
  if (outcome.kind === 'throttled') return showTooMany(context, request, response, visit, outcome.retryAfterSeconds)
  if (outcome.kind === 'refused') return again(context, request, response, confirmation, 403, 'confirm.refused-code')
  await deps.sessions.renew(request, response, domain, visitor.session, {
    elevation: { until: deps.clock.now() + settings.elevatedSession.elevationLifespan, from: clientAddress },
  })
  seeOther(request, response, withWayBack(goOn || '/', way))
}

async function checkPassword(
  context: Context,
  request: Request,
  response: Response,
  confirmation: Confirmation,
): Promise<void> {
  const { visit, visitor, way, goOn } = confirmation
  const password = field(request, 'password')
  if (password === '') return again(context, request, response, confirmation, 400, 'confirm.incomplete-password')
  const { login, sessions, clock } = context.deps
  const signedIn = { username: visitor.user.username, level: visitor.level }
  const outcome = await proveAgain(login, visit.settings, signedIn, password, destinationOf(visit, way))
  switch (outcome.kind) {
    case 'throttled':
      return showTooMany(context, request, response, visit, outcome.retryAfterSeconds)
    case 'refused':
      return again(context, request, response, confirmation, 401, 'confirm.refused-password')
    case 'signed-in':
    case 'second-factor': {
      const change = { passwordProvenAt: clock.now() }
      const renewed = await sessions.renew(request, response, visit.domain, visitor.session, change)
      const { username, key } = (renewed ?? visitor.session).record
      await recordEvent(context.deps, visit, { kind: 'elevation', username, subject: '1fa', session: key })
      return seeOther(request, response, withWayBack(goOn || '/', way))
    }
  }
}

const again = (
  context: Context,
  request: Request,
  response: Response,
  confirmation: Confirmation,
  status: number,
  problem: string,
): Promise<void> =>
  showConfirm(context, request, response, confirmation, { status, problem: context.screen.text(request, problem) })

async function showConfirm(
  context: Context,
  request: Request,
  response: Response,
  { visit, visitor, way, goOn, asker }: Confirmation,
  { status = 200, problem }: { readonly status?: number; readonly problem?: string } = {},
): Promise<void> {
  const { deps, screen } = context
  const { elevatedSession } = visit.settings
  const { user, level } = visitor
  const mayMail = canMail(deps, visit, user)
  const askCode = mayMail && (await deps.elevation.isSent(asker))
  const askPassword = !mayMail || (elevatedSession.skipSecondFactor && level >= 2)
  const address = maskEmail(user.emails[0] ?? '')
  const lead = askCode ? 'confirm.lead-code' : mayMail && !askPassword ? 'confirm.lead-mail' : 'confirm.lead-password'
  screen.show(
    request,
    response,
    visit,
    'confirm',
    {
      ...wayBackValues(way),
      goOn,
      problem,
      username: user.username,
      why: goOn.startsWith('/register/') && way.target ? screen.text(request, 'confirm.why-needed') : undefined,
      lead: screen.text(request, lead, { address }),
      askCode,
      askPassword,
      mayMail,
      mailsFirst: mayMail && !askCode && !askPassword,
      sendLabel: screen.text(request, askCode ? 'confirm.send-again' : 'confirm.send'),
      focusPassword: !askCode,
      invalid: problem !== undefined,
    },
    { status },
  )
}

/** Reached from a mail, by whoever reads it: no session is asked for, and looking at the page does nothing. */
export async function getRevokeCode(context: Context, request: Request, response: Response): Promise<void> {
  const id = request.query['id']
  context.screen.show(request, response, visitOf(request), 'revoke', {
    action: revokeCodePath,
    name: 'id',
    value: typeof id === 'string' ? id : '',
    lead: context.screen.text(request, 'revoke.lead-code'),
  })
}

export async function postRevokeCode(context: Context, request: Request, response: Response): Promise<void> {
  const visit = visitOf(request)
  const isRevoked = await context.deps.elevation.revoke(field(request, 'id'), visit.clientAddress)
  showMessage(context, request, response, visit, isRevoked ? 'code-revoked' : 'code-gone')
}
