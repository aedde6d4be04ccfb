// Setting up one-time codes: a secret to scan, then a first code as proof. Nothing is stored before that proof.
import type { Request, Response } from 'express'
import type { PendingCode } from '../../login/totp-enrolment.ts'
import { qrSvg } from '../../login/totp-registration.ts'
import { afterChange } from '../account-change.ts'
import { Html } from '../view/html.ts'
import { type Visit, visitOf } from '../visit.ts'
import { type WayBack, wayBackFields, wayBackOf, withWayBack } from '../way-back.ts'
import { type Context, field, formOf, REGISTRATION, seeOther, type Visitor } from './context.ts'
import { demandProof } from './demand-proof.ts'
import { afterSetUp } from './home.ts'
import { showMessage } from './messages.ts'

export async function getRegistration(context: Context, request: Request, response: Response): Promise<void> {
  const visit = visitOf(request)
  const way = wayBackOf(visit, request.query)
  const visitor = await admitted(context, request, response, visit, way)
  if (!visitor) return
  const kept = context.enrolment.read(visitor.session.pending, visitor.user.username)
  const pending = kept ?? (await begin(context, visit, visitor))
  if (!pending) return seeOther(request, response, withWayBack('/', way))
  await showRegistration(context, request, response, visit, way, pending)
}

export async function postFirstCode(context: Context, request: Request, response: Response): Promise<void> {
  const visit = visitOf(request)
  const way = wayBackOf(visit, formOf(request))
  const visitor = await admitted(context, request, response, visit, way)
  if (!visitor) return
  const { enrolment, deps, screen } = context
  const { session, user } = visitor
  const again = (pending: PendingCode, problem: string): Promise<void> =>
    showRegistration(context, request, response, visit, way, pending, {
      status: 403,
      problem: screen.text(request, problem),
    })

  const pending = enrolment.read(session.pending, user.username)
  if (!pending) {
    const begun = await begin(context, visit, visitor)
    return begun ? again(begun, 'register.expired') : seeOther(request, response, withWayBack('/', way))
  }
  const code = field(request, 'code').replaceAll(' ', '')
  if ((await enrolment.confirm(user.username, pending, code)) !== 'accepted')
    return again(pending, code === '' ? 'code.incomplete' : 'register.refused')
  // Who he is and that the code arrived have both been proven just now; to ask for the next code at once would prove nothing more.
  const raised = await deps.sessions.renew(request, response, visit.domain, session, { level: 2 })
  if (raised) await deps.sessions.setPending(visit.domain, raised, undefined)
  await afterChange({ deps, visit }, { session: raised ?? session, user }, { kind: 'factor-added', subject: 'totp' })
  return seeOther(request, response, afterSetUp(way, 'registration'))
}

/** A new secret, kept with the session; undefined when that was ended meanwhile. */
async function begin({ enrolment, deps }: Context, visit: Visit, { session, user }: Visitor) {
  const begun = enrolment.begin(user.username, visit.settings.totp)
  return (await deps.sessions.setPending(visit.domain, session, begun.text)) ? begun.code : undefined
}

/** One-time codes are to be had, and everything that it takes to change an account is proven. undefined: the request is answered. */
async function admitted(
  context: Context,
  request: Request,
  response: Response,
  visit: Visit,
  way: WayBack,
): Promise<Visitor | undefined> {
  if (!visit.settings.totpDisabled) return demandProof(context, request, response, visit, REGISTRATION, way)
  showMessage(context, request, response, visit, 'not-found')
  return undefined
}

async function showRegistration(
  { screen }: Context,
  request: Request,
  response: Response,
  visit: Visit,
  way: WayBack,
  { otpauthUrl, secret, digits }: PendingCode,
  { status = 200, problem }: { readonly status?: number; readonly problem?: string } = {},
): Promise<void> {
  // In groups of four, as people read and type such things.
  const destination = way.target?.hostWithPort
  const grouped = secret.replace(/.{4}(?=.)/g, '$& ')
  screen.show(
    request,
    response,
    visit,
    'register',
    {
      ...wayBackFields(way),
      problem,
      // Before the first try the focus would scroll the QR code out of a phone's sight.
      focusCode: problem !== undefined,
      lead: destination === undefined ? undefined : screen.text(request, 'register.lead-needed', { destination }),
      otpauthUrl,
      qr: new Html(await qrSvg(otpauthUrl)),
      secret: grouped,
      digits,
    },
    { status },
  )
}
