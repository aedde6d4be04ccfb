// A passkey on the portal's pages: as the second factor, to sign in with, and set up anew. The browser's part is in static/webauthn.js, which puts the
// answer into the form of the page; a form without one says what went wrong there.
import type { Request, Response } from 'express'
import { afterPasskey } from '../account-change.ts'
import { takeTicket } from '../passkey-cookie.ts'
import { ceremonyAt, passkeysOf, tellingOfCopies } from '../passkeys.ts'
import { beginByPasskey, raiseSession } from '../raise-session.ts'
import { type Visit, visitOf } from '../visit.ts'
import { type WayBack, wayBackFields, wayBackOf, withWayBack } from '../way-back.ts'
import { type Context, field, formOf, seeOther, type Visitor } from './context.ts'
import { demandProof } from './demand-proof.ts'
import { afterFactor, type FactorState, factorValues, readFactorForm } from './factor-page.ts'
import { afterForm, afterSetUp, showSignIn } from './home.ts'
import { showMessage, showTooMany } from './messages.ts'
import { mayTrust, trustIfWished } from './trust.ts'

/** Where passkeys are set up. */
const PASSKEY_REGISTRATION = '/register/passkey'

const wishOf = (way: WayBack) => ({ targetURL: way.target?.url ?? '', requestMethod: way.target ? way.method : '' })

/** What the browser's authenticator answered; undefined for what isn't JSON. */
function answerIn(request: Request): unknown {
  try {
    return JSON.parse(field(request, 'response')) as unknown
  } catch {
    return undefined
  }
}

export async function showPasskey(
  context: Context,
  request: Request,
  response: Response,
  visit: Visit,
  visitor: Visitor,
  way: WayBack,
  { status = 200, problem, goOn = '' }: FactorState = {},
): Promise<void> {
  const { screen } = context
  screen.show(
    request,
    response,
    visit,
    'passkey',
    {
      ...factorValues(context, request, visitor, 'webauthn', way, { problem, goOn }),
      ...mayTrust(context, request, visit),
      lead: screen.text(request, goOn === '' ? 'passkey.lead' : 'passkey.lead-change'),
    },
    { status, script: 'webauthn.js' },
  )
}

export async function postPasskey(context: Context, request: Request, response: Response): Promise<void> {
  const form = await readFactorForm(context, request, response, showPasskey)
  if (!form) return
  const { visit, way, visitor, goOn, again } = form
  const place = ceremonyAt(visit, request, wishOf(way))
  // A passkey was the first factor: the front door says what to do.
  if (!place || visitor.session.begunWith === 'passkey') return seeOther(request, response, withWayBack('/', way))
  const { session, user } = visitor
  const failure = field(request, 'failure')
  if (failure !== '') return again(400, failureText(failure, 'passkey.refused'))
  const told = tellingOfCopies({ deps: context.deps, visit })
  const who = { ...place, ...told, user, session: session.record.key }
  const outcome = await context.webauthn.finishAssertion(who, answerIn(request))
  if (outcome.kind === 'throttled') return showTooMany(context, request, response, visit, outcome.retryAfterSeconds)
  if (outcome.kind === 'refused') return again(403, outcome.reason === 'cloned' ? 'passkey.cloned' : 'passkey.refused')
  if (await raiseSession(context.deps, request, response, visit, session, 'webauthn'))
    await trustIfWished(context, request, response, visit, user.username)
  return seeOther(request, response, afterFactor(goOn, way))
}

/** Signing in with nothing but a passkey. */
export async function postPasskeySignIn(context: Context, request: Request, response: Response): Promise<void> {
  const visit = visitOf(request)
  const way = wayBackOf(visit, formOf(request))
  const ticket = takeTicket(request, response)
  const place = visit.settings.webauthn.passkeyLogin ? ceremonyAt(visit, request, wishOf(way)) : undefined
  if (!place) return showMessage(context, request, response, visit, 'not-found')
  const again = (status: number, text: string): void =>
    showSignIn(context, request, response, visit, way, { status, problem: context.screen.text(request, text) })
  const failure = field(request, 'failure')
  if (failure !== '') return again(400, failureText(failure, 'passkey.sign-in-refused'))
  const { settings, domain } = visit
  const told = { ...place, ...tellingOfCopies({ deps: context.deps, visit }) }
  const outcome = await context.webauthn.finishPasskey(told, ticket, answerIn(request), settings.findUser)
  switch (outcome.kind) {
    case 'throttled':
      return showTooMany(context, request, response, visit, outcome.retryAfterSeconds)
    case 'refused':
      return again(403, 'passkey.sign-in-refused')
    case 'accepted': {
      const { user, level } = outcome
      const remember = field(request, 'remember') === 'yes' && domain.rememberMe > 0
      await beginByPasskey(context.deps, request, response, visit, { username: user.username, level, remember })
      return seeOther(request, response, afterForm(way, 'sign-in'))
    }
  }
}

export async function getPasskeyRegistration(context: Context, request: Request, response: Response): Promise<void> {
  const visit = visitOf(request)
  const way = wayBackOf(visit, request.query)
  const visitor = await admitted(context, request, response, visit, way)
  if (visitor) await showRegistration(context, request, response, visit, visitor, way)
}

export async function postPasskeyRegistration(context: Context, request: Request, response: Response): Promise<void> {
  const visit = visitOf(request)
  const way = wayBackOf(visit, formOf(request))
  const visitor = await admitted(context, request, response, visit, way)
  const place = ceremonyAt(visit, request)
  if (!visitor || !place) return
  const { session, user } = visitor
  const again = (status: number, text: string): Promise<void> =>
    showRegistration(context, request, response, visit, visitor, way, {
      status,
      problem: context.screen.text(request, text),
      description: field(request, 'description'),
    })
  const failure = field(request, 'failure')
  if (failure !== '') return again(400, failureText(failure, 'register-passkey.refused'))
  const who = { ...place, user, session: session.record.key }
  const outcome = await context.webauthn.finishRegistration(who, answerIn(request))
  if (outcome.kind === 'refused') return again(403, failureText(outcome.reason, 'register-passkey.refused'))
  const { deps } = context
  // Shown and touched just now; to ask for it again at once would prove nothing more.
  const raised = await deps.sessions.renew(request, response, visit.domain, session, { level: 2 })
  await afterPasskey({ deps, visit }, { session: raised ?? session, user }, 'factor-added', outcome.description)
  return seeOther(request, response, afterSetUp(way, 'passkey'))
}

/** Whoever may change his account, where passkeys are to be had; otherwise the request is answered. */
async function admitted(
  context: Context,
  request: Request,
  response: Response,
  visit: Visit,
  way: WayBack,
): Promise<Visitor | undefined> {
  if (!ceremonyAt(visit, request)) {
    showMessage(context, request, response, visit, 'not-found')
    return undefined
  }
  return demandProof(context, request, response, visit, PASSKEY_REGISTRATION, way)
}

async function showRegistration(
  context: Context,
  request: Request,
  response: Response,
  visit: Visit,
  visitor: Visitor,
  way: WayBack,
  state: { readonly status?: number; readonly problem?: string; readonly description?: string } = {},
): Promise<void> {
  const { screen } = context
  const destination = way.target?.hostWithPort
  screen.show(
    request,
    response,
    visit,
    'register-passkey',
    {
      ...wayBackFields(way),
      problem: state.problem,
      lead:
        destination === undefined ? undefined : screen.text(request, 'register-passkey.lead-needed', { destination }),
      description: state.description || (await freeName(context, request, visit, visitor)),
    },
    { status: state.status ?? 200, script: 'webauthn.js' },
  )
}

/** A name to begin with, that no passkey of this person has yet. */
async function freeName({ deps, screen }: Context, request: Request, visit: Visit, visitor: Visitor): Promise<string> {
  const taken = new Set((await passkeysOf({ deps, visit }, visitor.user.username)).map((key) => key.description))
  const name = screen.text(request, 'register-passkey.name')
  for (let number = 1; ; number++) {
    const candidate = number === 1 ? name : `${name} ${number}`
    if (!taken.has(candidate)) return candidate
  }
}

/** Names of the browser's errors (WebAuthn §5), statuses of the API, reasons of ours; whatever else was sent is `otherwise`. */
function failureText(failure: string, otherwise: string): string {
  switch (failure) {
    case 'NotAllowedError':
    case 'AbortError':
      return 'passkey.cancelled'
    case 'InvalidStateError':
    case 'kid-taken':
      return 'register-passkey.known'
    case '409':
    case 'description-taken':
      return 'register-passkey.name-taken'
    case '400':
      return 'register-passkey.name-wrong'
    case 'filtered':
      return 'register-passkey.filtered'
    case 'too-many':
      return 'register-passkey.too-many'
    default:
      return otherwise
  }
}
