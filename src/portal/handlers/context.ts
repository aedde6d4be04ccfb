// What every page handler is given, and who is asking. Signed in at the portal is whoever brings both cookies: the one of the cookie domain and
// the portal's own, which no application under the domain can set.
import type { Request, Response } from 'express'
import type { TotpEnrolment } from '../../login/totp-enrolment.ts'
import type { Webauthn } from '../../login/webauthn/webauthn.ts'
import type { Level } from '../../policy/model.ts'
import type { PortalDeps } from '../portal.ts'
import type { RateLimits } from '../rate-limits.ts'
import { factorsOf, type UserFactors } from '../second-factors.ts'
import type { SignedIn } from '../signed-in.ts'
import type { Screen } from '../view/screen.ts'
import { baseOf } from '../view/screen.ts'
import type { Visit } from '../visit.ts'

export interface Context {
  readonly deps: PortalDeps
  readonly screen: Screen
  readonly enrolment: TotpEnrolment
  readonly webauthn: Webauthn
  readonly limits: RateLimits
}

/** Path of the page where one-time codes are set up. */
export const REGISTRATION = '/register/one-time-code'

export interface Visitor extends SignedIn {
  readonly level: Level
  readonly factors: UserFactors
}

export async function visitorOf({ deps }: Context, request: Request, visit: Visit): Promise<Visitor | undefined> {
  const session = await deps.sessions.current(request, visit.domain)
  // A cookie tossed by an application under the same domain has no partner at the portal.
  if (!session?.hasPortalCookie) return undefined
  const user = await visit.settings.findUser(session.record.username)
  if (!user) return undefined
  // What the session may still rise by; once it has, what the person has.
  const begunWith = session.record.level >= 2 ? 'password' : session.begunWith
  const factors = await factorsOf({ deps, visit }, user.username, begunWith)
  return { session, user, level: session.record.level, factors }
}

/** A field of a form: text, or '' when it is missing or was sent more than once. */
export function field(request: Request, name: string): string {
  const body: unknown = request.body
  if (typeof body !== 'object' || body === null || !Object.hasOwn(body, name)) return ''
  const value = (body as Record<string, unknown>)[name]
  return typeof value === 'string' ? value : ''
}

export const formOf = (request: Request): Readonly<Record<string, unknown>> =>
  typeof request.body === 'object' && request.body !== null ? (request.body as Record<string, unknown>) : {}

/** After a form: 303, so that a reload sends nothing twice. `path` is one of our own. */
export function seeOther(request: Request, response: Response, path: string): void {
  response.statusCode = 303
  response.setHeader('Location', baseOf(request) + path)
  response.end()
}
