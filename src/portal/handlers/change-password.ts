// The page where somebody signed in gives himself another password.
import type { Request, Response } from 'express'
import { languageOf } from '../language.ts'
import { accountLink } from '../links.ts'
import { type Visit, visitOf } from '../visit.ts'
import { type Context, field, type Visitor } from './context.ts'
import { demandProof } from './demand-proof.ts'
import { showMessage, showTooMany } from './messages.ts'
import { aboutUser, requirementsOf, weaknessText } from './new-password.ts'

const CHANGE_PASSWORD = '/account/password'

export async function getChangePassword(context: Context, request: Request, response: Response): Promise<void> {
  const visit = visitOf(request)
  const visitor = await admitted(context, request, response, visit)
  if (visitor) showChange(context, request, response, visit, visitor)
}

export async function postChangePassword(context: Context, request: Request, response: Response): Promise<void> {
  const visit = visitOf(request)
  const visitor = await admitted(context, request, response, visit)
  if (!visitor) return
  const { deps, screen } = context
  const { session, user } = visitor
  const again = (status: number, problem: string): void =>
    showChange(context, request, response, visit, visitor, { status, problem })

  const [oldPassword, newPassword] = [field(request, 'password'), field(request, 'new')]
  if (oldPassword === '' || newPassword === '') return again(400, screen.text(request, 'new-password.incomplete'))
  if (newPassword !== field(request, 'again')) return again(400, screen.text(request, 'new-password.different'))
  const outcome = await deps.changePassword({
    user,
    oldPassword,
    newPassword,
    session: session.record.key,
    from: visit.clientAddress,
    userAgent: visit.userAgent,
    language: languageOf(request, visit.settings),
    portalUrl: accountLink(visit.domain),
  })
  switch (outcome.kind) {
    case 'weak':
      return again(400, weaknessText(screen, request, outcome.weaknesses))
    case 'same':
      return again(400, screen.text(request, 'new-password.same'))
    case 'wrong-password':
      return again(401, screen.text(request, 'change-password.refused'))
    case 'throttled':
      return showTooMany(context, request, response, visit, outcome.retryAfterSeconds)
    case 'failed':
      return showMessage(context, request, response, visit, 'passwords-fixed', { username: user.username })
    case 'set':
      await deps.sessions.renew(request, response, visit.domain, session, { passwordProvenAt: deps.clock.now() })
      return showMessage(context, request, response, visit, 'password-changed', { username: user.username })
  }
}

/** undefined: the request is answered. */
async function admitted(
  context: Context,
  request: Request,
  response: Response,
  visit: Visit,
): Promise<Visitor | undefined> {
  if (!visit.settings.passwordChangeDisabled) return demandProof(context, request, response, visit, CHANGE_PASSWORD)
  showMessage(context, request, response, visit, 'not-found')
  return undefined
}

function showChange(
  { screen }: Context,
  request: Request,
  response: Response,
  visit: Visit,
  { user }: Visitor,
  { status = 200, problem }: { readonly status?: number; readonly problem?: string } = {},
): void {
  const requirements = requirementsOf(screen, request, visit.settings)
  const values = {
    problem,
    invalid: status === 401,
    focusPassword: true,
    username: user.username,
    field: 'new',
    requirements,
    about: aboutUser(user),
  } as const
  screen.show(request, response, visit, 'change-password', values, { status, script: 'choose-password.js' })
}
