// Signing in, step by step: what each step came to and where it leads. It makes no session and writes no answer; it asks the policy and
// decides nothing about access itself.
import type { CookieDomain } from '../config/config.ts'
import type { User } from '../directory/directory.ts'
import type { Level, Requirement } from '../policy/model.ts'
import type { Attempt, Login, PasswordOutcome, RefusalReason, SecondFactorOutcome } from './login.ts'
import { type RedirectTarget, redirectTarget } from './redirect-target.ts'

export type SignIn =
  /** Nothing more is needed; `redirect` is safe, undefined: nowhere in particular. */
  | { readonly kind: 'signed-in'; readonly user: User; readonly redirect: string | undefined }
  /** The first factor is proven, and the target (`demanded`), or at least some rule, wants the second. */
  | { readonly kind: 'second-factor'; readonly user: User; readonly demanded: boolean }
  | { readonly kind: 'refused'; readonly reason: RefusalReason; readonly isLocked?: true }
  | { readonly kind: 'throttled'; readonly retryAfterSeconds: number }

/** What the flow reads of the running configuration. */
export interface FlowSettings {
  readonly cookies: readonly Pick<CookieDomain, 'domain'>[]
  readonly secondFactorEnabled: boolean
  policyOf(user: User, clientAddress: string, method: string, url: string): Requirement
}

/** Where somebody wants to go; all of it as the client sent it. */
export interface Destination {
  readonly targetUrl: string | undefined
  /** Compared in exact case by the policy; '' matches no rule about methods. */
  readonly requestMethod: string
  /** Of the cookie domain one signs in at. */
  readonly defaultRedirectionUrl: string | undefined
  readonly clientAddress: string
  readonly userAgent?: string | undefined
}

/**
 * What follows a password (spec 4.3) for somebody who now has `level`. An unsafe or unparsable target counts as none.
 * A target that the policy denies is returned like any other: there the gate says so.
 */
export function afterPassword(settings: FlowSettings, user: User, level: Level, destination: Destination): SignIn {
  const target = safe(settings, destination)
  if (target !== undefined) {
    const { clientAddress, requestMethod } = destination
    const demanded = settings.policyOf(user, clientAddress, requestMethod, target.url) === 'two_factor'
    return demanded && level < 2
      ? { kind: 'second-factor', user, demanded }
      : { kind: 'signed-in', user, redirect: target.url }
  }
  if (settings.secondFactorEnabled && level < 2) return { kind: 'second-factor', user, demanded: false }
  return { kind: 'signed-in', user, redirect: destination.defaultRedirectionUrl }
}

/** What follows a second factor (spec 4.4): the safe target, else the default place, else nowhere in particular. */
export function afterSecondFactor(settings: FlowSettings, user: User, destination: Destination): SignIn {
  return {
    kind: 'signed-in',
    user,
    redirect: safe(settings, destination)?.url ?? destination.defaultRedirectionUrl,
  }
}

const safe = (settings: FlowSettings, { targetUrl }: Destination): RedirectTarget | undefined =>
  redirectTarget(
    targetUrl,
    settings.cookies.map(({ domain }) => domain),
  )

/** The first factor at the portal: a new login, always at level 1. */
export async function signInByPassword(
  login: Login,
  settings: FlowSettings,
  credentials: { readonly username: string; readonly password: string },
  destination: Destination,
): Promise<SignIn> {
  const outcome = await login.password(credentials.username, credentials.password, attemptOf(destination))
  return outcome.kind === 'accepted' ? afterPassword(settings, outcome.user, 1, destination) : outcome
}

/** The password again, of somebody signed in at `level`, which stays. */
export async function proveAgain(
  login: Login,
  settings: FlowSettings,
  signedIn: { readonly username: string; readonly level: Level },
  password: string,
  destination: Destination,
): Promise<SignIn> {
  const outcome: PasswordOutcome = await login.reauthenticate(signedIn.username, password, attemptOf(destination))
  return outcome.kind === 'accepted' ? afterPassword(settings, outcome.user, signedIn.level, destination) : outcome
}

/** A one-time code of somebody signed in. */
export async function signInByCode(
  login: Login,
  settings: FlowSettings,
  user: User,
  code: string,
  destination: Destination,
): Promise<SignIn> {
  const outcome: SecondFactorOutcome = await login.totp(user.username, code, attemptOf(destination))
  return outcome.kind === 'accepted' ? afterSecondFactor(settings, user, destination) : outcome
}

/** A recovery code of somebody signed in. */
export async function signInByRecoveryCode(
  login: Login,
  settings: FlowSettings,
  user: User,
  typed: string,
  destination: Destination,
): Promise<SignIn> {
  const outcome = await login.recovery(user.username, typed, attemptOf(destination))
  return outcome.kind === 'accepted' ? afterSecondFactor(settings, user, destination) : outcome
}

const attemptOf = ({ clientAddress, userAgent, targetUrl, requestMethod }: Destination): Attempt => ({
  from: clientAddress,
  userAgent,
  requestUri: targetUrl,
  requestMethod: requestMethod === '' ? undefined : requestMethod,
})
