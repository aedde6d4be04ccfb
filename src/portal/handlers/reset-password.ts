// A forgotten password: asking for a link, choosing a new password behind it, taking it back. The link's page uses nothing up when it is looked at,
// by a person or by a scanner of mails; the form on it does.
import type { Request, Response } from 'express'
import type { User } from '../../directory/directory.ts'
import type { Brought, ResetPlace } from '../../login/password-reset.ts'
import { languageOf } from '../language.ts'
import { resetLinksOf, revokeResetPath } from '../links.ts'
import { isResetHere, mayAskForReset } from '../reset-offer.ts'
import { type Visit, visitOf } from '../visit.ts'
import { type Context, field, visitorOf } from './context.ts'
import { isTooOften, type Message, showMessage, showTooMany } from './messages.ts'
import { aboutUser, requirementsOf, weaknessText } from './new-password.ts'

export async function getAskForReset(context: Context, request: Request, response: Response): Promise<void> {
  const visit = visitOf(request)
  if (!mayAskForReset(context.deps, visit)) return showMessage(context, request, response, visit, 'not-found')
  showAsk(context, request, response, visit)
}

export async function postAskForReset(context: Context, request: Request, response: Response): Promise<void> {
  const visit = visitOf(request)
  const { deps, screen } = context
  if (!mayAskForReset(deps, visit)) return showMessage(context, request, response, visit, 'not-found')
  if (isTooOften(context, request, response, visit, 'reset_password_start')) return
  const username = field(request, 'username')
  if (username === '') {
    const problem = screen.text(request, 'ask-reset.incomplete')
    return showAsk(context, request, response, visit, { status: 400, problem })
  }
  // The same for everybody: it depends on the users file as a whole.
  if (!deps.resets.isPossible()) return showMessage(context, request, response, visit, 'passwords-fixed')
  await deps.resets.ask(username, placeOf(request, visit), resetLinksOf(visit.domain))
  showMessage(context, request, response, visit, 'reset-asked')
}

export async function getReset(context: Context, request: Request, response: Response): Promise<void> {
  const visit = visitOf(request)
  const { token } = request.query
  const user = await meant(context, request, response, visit, typeof token === 'string' ? token : '')
  if (user) showReset(context, request, response, visit, user, String(token))
}

export async function postReset(context: Context, request: Request, response: Response): Promise<void> {
  const visit = visitOf(request)
  const { deps, screen } = context
  const token = field(request, 'token')
  const user = await meant(context, request, response, visit, token)
  if (!user || isTooOften(context, request, response, visit, 'reset_password_finish')) return
  const again = (status: number, problem: string): void =>
    showReset(context, request, response, visit, user, token, { status, problem })

  const password = field(request, 'password')
  if (password === '') return again(400, screen.text(request, 'new-password.incomplete'))
  if (password !== field(request, 'again')) return again(400, screen.text(request, 'new-password.different'))
  const outcome = await deps.resets.set(broughtBy(token), password, placeOf(request, visit))
  if (typeof outcome === 'string') return showMessage(context, request, response, visit, 'reset-gone')
  switch (outcome.kind) {
    case 'weak':
      return again(400, weaknessText(screen, request, outcome.weaknesses))
    case 'throttled':
      return showTooMany(context, request, response, visit, outcome.retryAfterSeconds)
    case 'failed':
      return showMessage(context, request, response, visit, 'passwords-fixed')
    case 'set':
      // The session of this browser, if it had one, has ended with the others of that user.
      return showMessage(context, request, response, visit, 'password-reset')
  }
}

export async function getRevokeReset(context: Context, request: Request, response: Response): Promise<void> {
  const visit = visitOf(request)
  if (!isResetHere(visit.settings)) return showMessage(context, request, response, visit, 'not-found')
  const { token } = request.query
  context.screen.show(request, response, visit, 'revoke', {
    action: revokeResetPath,
    name: 'token',
    value: typeof token === 'string' ? token : '',
    lead: context.screen.text(request, 'revoke.lead-reset'),
  })
}

export async function postRevokeReset(context: Context, request: Request, response: Response): Promise<void> {
  const visit = visitOf(request)
  if (!isResetHere(visit.settings)) return showMessage(context, request, response, visit, 'not-found')
  if (isTooOften(context, request, response, visit, 'reset_password_finish')) return
  const isRevoked = await context.deps.resets.revoke(field(request, 'token'), placeOf(request, visit))
  showMessage(context, request, response, visit, isRevoked ? 'reset-revoked' : 'reset-gone')
}

/** Whose password the token may set; undefined: the request is answered. */
async function meant(
  context: Context,
  request: Request,
  response: Response,
  visit: Visit,
  token: string,
): Promise<User | undefined> {
  const say = (message: Message): undefined => showMessage(context, request, response, visit, message) as undefined
  if (!isResetHere(visit.settings) || visit.domain.portalUrl === undefined) return say('not-found')
  const user = await context.deps.resets.find(broughtBy(token), placeOf(request, visit))
  if (typeof user === 'string') return say('reset-gone')
  // A link that somebody sent him sets nobody else's password in his browser.
  const visitor = await visitorOf(context, request, visit)
  return visitor && visitor.user.username !== user.username ? say('reset-gone') : user
}

const broughtBy = (token: string): Brought => ({ kind: 'token', text: token })

export const placeOf = (request: Request, visit: Visit): ResetPlace => ({
  portalUrl: visit.domain.portalUrl ?? '',
  from: visit.clientAddress,
  userAgent: visit.userAgent,
  language: languageOf(request, visit.settings),
})

interface State {
  readonly status?: number
  readonly problem?: string
}

function showAsk(
  { screen }: Context,
  request: Request,
  response: Response,
  visit: Visit,
  { status = 200, problem }: State = {},
): void {
  screen.show(request, response, visit, 'ask-reset', { problem, invalid: problem !== undefined }, { status })
}

function showReset(
  { screen }: Context,
  request: Request,
  response: Response,
  visit: Visit,
  user: User,
  token: string,
  { status = 200, problem }: State = {},
): void {
  const requirements = requirementsOf(screen, request, visit.settings)
  const values = {
    problem,
    username: user.username,
    token,
    field: 'password',
    requirements,
    about: aboutUser(user),
  }
  screen.show(request, response, visit, 'reset-password', values, { status, script: 'choose-password.js' })
}
