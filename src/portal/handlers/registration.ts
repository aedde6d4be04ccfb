// Setting up one-time codes: the password anew, then a secret to scan, then a first code as proof. Nothing is stored before that proof.
import type { Request, Response } from 'express'
import { proveAgain } from '../../login/flow.ts'
import type { PendingCode } from '../../login/totp-enrolment.ts'
import { qrSvg } from '../../login/totp-registration.ts'
import { missingProof } from '../api/proof.ts'
import { withGoOn } from '../go-on.ts'
import { destinationOf } from '../next-step.ts'
import { Html } from '../view/html.ts'
import { type Visit, visitOf } from '../visit.ts'
import { type WayBack, wayBackFields, wayBackOf, withWayBack } from '../way-back.ts'
import { type Context, field, formOf, REGISTRATION, seeOther, type Visitor, visitorOf } from './context.ts'
import { afterForm } from './home.ts'
import { showMessage, showTooMany } from './messages.ts'

export async function getRegistration(context: Context, request: Request, response: Response): Promise<void> {
  const visit = visitOf(request)
  const way = wayBackOf(visit, request.query)
  const who = await admitted(context, request, response, visit, way)
  if (!who) return
  const { visitor, missing } = who
  if (missing === 'elevation') return showConfirmPassword(context, request, response, visit, visitor, way)
  const { enrolment, deps } = context
  let pending = enrolment.read(visitor.session.pending, visitor.user.username)
  if (!pending) {
    const begun = enrolment.begin(visitor.user.username, visit.settings.totp)
    if (!(await deps.sessions.setPending(visit.domain, visitor.session, begun.text)))
      return seeOther(request, response, withWayBack('/', way))
    pending = begun.code
  }
  await showRegistration(context, request, response, visit, way, pending)
}

/** The password anew; whatever changes an account asks for it. */
export async function postPassword(context: Context, request: Request, response: Response): Promise<void> {
  const visit = visitOf(request)
  const way = wayBackOf(visit, formOf(request))
  const who = await admitted(context, request, response, visit, way)
  if (!who) return
  const { visitor } = who
  const again = (status: number, text: string): void =>
    showConfirmPassword(context, request, response, visit, visitor, way, {
      status,
      problem: context.screen.text(request, text),
    })

  const password = field(request, 'password')
  if (password === '') return again(400, 'confirm-password.incomplete')
  const { login, sessions, clock } = context.deps
  const signedIn = { username: visitor.user.username, level: visitor.level }
  const outcome = await proveAgain(login, visit.settings, signedIn, password, destinationOf(visit, way))
  switch (outcome.kind) {
    case 'throttled':
      return showTooMany(context, request, response, visit, outcome.retryAfterSeconds)
    case 'refused':
      return again(401, 'confirm-password.refused')
    case 'signed-in':
    case 'second-factor':
      await sessions.renew(request, response, visit.domain, visitor.session, { passwordProvenAt: clock.now() })
      return seeOther(request, response, withWayBack(REGISTRATION, way))
  }
}

export async function postFirstCode(context: Context, request: Request, response: Response): Promise<void> {
  const visit = visitOf(request)
  const way = wayBackOf(visit, formOf(request))
  const who = await admitted(context, request, response, visit, way)
  if (!who) return
  const { visitor, missing } = who
  const { enrolment, deps, screen } = context
  const { session, user } = visitor
  const pending = enrolment.read(session.pending, user.username)
  if (!pending || missing === 'elevation') {
    const problem = screen.text(request, 'confirm-password.expired')
    return showConfirmPassword(context, request, response, visit, visitor, way, { status: 403, problem })
  }
  const code = field(request, 'code').replaceAll(' ', '')
  if ((await enrolment.confirm(user.username, pending, code)) !== 'accepted')
    return showRegistration(context, request, response, visit, way, pending, {
      status: 403,
      problem: screen.text(request, code === '' ? 'code.incomplete' : 'register.refused'),
    })
  deps.log.warn({ username: user.username, from: visit.clientAddress }, 'one-time codes were set up')
  // Password and code have both been proven just now; to ask for the next code at once would prove nothing more.
  const raised = await deps.sessions.renew(request, response, visit.domain, session, { level: 2 })
  if (raised) await deps.sessions.setPending(visit.domain, raised, undefined)
  return seeOther(request, response, afterForm(way, 'registration'))
}

interface Admitted {
  readonly visitor: Visitor
  /** The password must be given anew first. */
  readonly missing: 'elevation' | undefined
}

/** Signed in, one-time codes to be had, and whoever has them already has shown one. Otherwise the request is answered and nobody comes back. */
async function admitted(
  context: Context,
  request: Request,
  response: Response,
  visit: Visit,
  way: WayBack,
): Promise<Admitted | undefined> {
  if (visit.settings.totpDisabled) {
    showMessage(context, request, response, visit, 'not-found')
    return undefined
  }
  const visitor = await visitorOf(context, request, visit)
  const missing = await missingProof({ deps: context.deps, visit }, visitor)
  if (visitor && (missing === undefined || missing === 'elevation')) return { visitor, missing }
  // A password alone must not be enough to replace the factor that is to guard against a stolen password.
  seeOther(request, response, missing === 'second_factor' ? withGoOn('/2fa', way, REGISTRATION) : withWayBack('/', way))
  return undefined
}

interface ConfirmState {
  readonly status?: number
  readonly problem?: string
  /** The place one wants to go to is why this is asked. */
  readonly needed?: boolean
}

export function showConfirmPassword(
  { screen }: Context,
  request: Request,
  response: Response,
  visit: Visit,
  visitor: Visitor,
  way: WayBack,
  { status = 200, problem, needed = false }: ConfirmState = {},
): void {
  screen.show(
    request,
    response,
    visit,
    'confirm-password',
    {
      ...wayBackFields(way),
      destination: way.target?.hostWithPort,
      refusedDestination: way.refused,
      problem,
      username: visitor.user.username,
      heading: screen.text(request, needed ? 'confirm-password.heading-needed' : 'confirm-password.heading'),
      lead: screen.text(request, needed ? 'confirm-password.lead-needed' : 'confirm-password.lead'),
      focusPassword: true,
      invalid: status === 400 || status === 401,
    },
    { status },
  )
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
