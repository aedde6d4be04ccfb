// The portal's front door, `/`: signing in, and for whoever is signed in the next step, shown in place. Only this page sends people away.
import type { Request, Response } from 'express'
import { signInByPassword } from '../../login/flow.ts'
import { relyingPartyOf } from '../../login/webauthn/relying-party.ts'
import { destinationOf, nextStep } from '../next-step.ts'
import { raiseByTrust } from '../raise-session.ts'
import { recordEvent } from '../record-event.ts'
import { mayAskForReset } from '../reset-offer.ts'
import { baseOf } from '../view/screen.ts'
import { type Visit, visitOf } from '../visit.ts'
import { type WayBack, wayBackOf, wayBackValues, withWayBack } from '../way-back.ts'
import { SECURITY } from './account/frame.ts'
import { chooseFactor } from './choose-factor.ts'
import { type Context, field, formOf, seeOther, type Visitor, visitorOf } from './context.ts'
import { leave, wasSentBack } from './leave.ts'
import { showMessage, showTooMany } from './messages.ts'
import { showSecondFactor } from './second-factor.ts'
import { showSignedIn } from './signed-in.ts'

/** `/?done=sign-in`: whoever comes here by this address has just sent a form, and brings a session if his browser keeps cookies. */
const DONE = 'done'
const DONE_WORDS = ['sign-in', 'second-factor', 'registration', 'passkey'] as const
type Done = (typeof DONE_WORDS)[number]

export const afterForm = (way: WayBack, done: Done): string => withWayBack('/', way, { [DONE]: done })

/** Where somebody is led who has set up a factor: on to the place that asked for it, else to the page where he finds it. */
export const afterSetUp = (way: WayBack, done: 'registration' | 'passkey'): string =>
  way.target ? afterForm(way, done) : `${SECURITY}?done=${done === 'passkey' ? 'passkey-added' : 'totp-added'}`

export async function getHome(context: Context, request: Request, response: Response): Promise<void> {
  const visit = visitOf(request)
  const way = wayBackOf(visit, request.query)
  const done = request.query[DONE]
  const visitor = await visitorOf(context, request, visit)
  if (!visitor) {
    const lost = done === 'sign-in' || done === 'second-factor'
    const problem = lost
      ? context.screen.text(request, 'sign-in.cookie-lost', { domain: visit.domain.domain })
      : undefined
    return showSignIn(context, request, response, visit, way, { problem })
  }
  const { user, level, factors } = visitor
  const justSignedIn = DONE_WORDS.some((word) => word === done)
  const next = nextStep(visit, { user, level, factors, justSignedIn }, way)
  switch (next.kind) {
    case 'leave':
      if (wasSentBack(request, response, next.url))
        return showSignedIn(context, request, response, visit, visitor, { way, sentBack: next.url })
      return leave(context, request, response, visit, { url: next.url, afterForm: justSignedIn })
    case 'second-factor':
      return showSecondFactor(context, request, response, visit, visitor, way)
    case 'choose-factor':
      return chooseFactor(context, request, response, visit, visitor, way)
    case 'forbidden':
    case 'no-second-factor':
      return showMessage(context, request, response, visit, next.kind, nameOf(way, visitor))
    case 'passkey-elsewhere':
      return showMessage(context, request, response, visit, next.kind, { name: next.host, username: user.username })
    case 'home':
      return showSignedIn(context, request, response, visit, visitor, { way })
  }
}

const nameOf = (way: WayBack, visitor: Visitor) => ({
  name: way.target?.hostWithPort ?? '',
  username: visitor.user.username,
})

export async function postSignIn(context: Context, request: Request, response: Response): Promise<void> {
  const visit = visitOf(request)
  const way = wayBackOf(visit, formOf(request))
  const username = field(request, 'username')
  const password = field(request, 'password')
  const remember = field(request, 'remember') === 'yes' && visit.domain.rememberMe > 0
  const again = (status: number, text: string): void =>
    showSignIn(context, request, response, visit, way, {
      status,
      problem: context.screen.text(request, text),
      username,
      remember,
    })

  if (username === '' || password === '') return again(400, 'sign-in.incomplete')
  const { login, sessions } = context.deps
  const outcome = await signInByPassword(login, visit.settings, { username, password }, destinationOf(visit, way))
  switch (outcome.kind) {
    case 'throttled':
      return showTooMany(context, request, response, visit, outcome.retryAfterSeconds)
    case 'refused':
      return again(401, 'sign-in.refused')
    case 'signed-in':
    case 'second-factor': {
      const start = { username: outcome.user.username, remember, from: visit.clientAddress }
      const session = await sessions.begin(request, response, visit.domain, start)
      const { username: name, key } = session.record
      await recordEvent(context.deps, visit, { kind: 'sign-in', username: name, subject: '1fa', session: key })
      await raiseByTrust(context.deps, request, response, visit, session)
      return seeOther(request, response, afterForm(way, 'sign-in'))
    }
  }
}

interface SignInState {
  readonly status?: number
  readonly problem?: string | undefined
  readonly username?: string
  readonly remember?: boolean
}

export function showSignIn(
  { screen, deps }: Context,
  request: Request,
  response: Response,
  visit: Visit,
  way: WayBack,
  { status = 200, problem, username = '', remember = false }: SignInState,
): void {
  const { webauthn } = visit.settings
  const passkeys = webauthn.passkeyLogin && relyingPartyOf(visit.domain) !== undefined
  screen.show(
    request,
    response,
    visit,
    'sign-in',
    {
      ...wayBackValues(way),
      problem,
      username,
      remember,
      mayRemember: visit.domain.rememberMe > 0,
      focusPassword: username !== '',
      invalid: status !== 200,
      passwordResetUrl: mayAskForReset(deps, visit)
        ? `${baseOf(request)}/reset-password/step1`
        : visit.settings.passwordResetUrl,
      passkeys: passkeys ? { action: `${baseOf(request)}/passkey` } : undefined,
    },
    passkeys ? { status, script: 'webauthn.js' } : { status },
  )
}
