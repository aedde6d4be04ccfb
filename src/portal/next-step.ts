// What comes next for somebody who is signed in and wants to go somewhere: the login flow's answer, in terms of pages.
import type { User } from '../directory/directory.ts'
import { afterPassword, type Destination } from '../login/flow.ts'
import type { Level } from '../policy/model.ts'
import { type UserFactors, usable } from './second-factors.ts'
import type { Visit } from './visit.ts'
import type { WayBack } from './way-back.ts'

export type NextStep =
  /** Nowhere to go: the page that says who is signed in. */
  | { readonly kind: 'home' }
  | { readonly kind: 'leave'; readonly url: string }
  | { readonly kind: 'second-factor' }
  /** A second factor is needed and this user has none yet. */
  | { readonly kind: 'choose-factor' }
  /** A second factor is needed, and there is none to be had. */
  | { readonly kind: 'no-second-factor' }
  /** A second factor is needed, and the only one he has is a passkey of another portal. */
  | { readonly kind: 'passkey-elsewhere'; readonly host: string }
  | { readonly kind: 'forbidden' }

export interface Standing {
  readonly user: User
  readonly level: Level
  readonly factors: UserFactors
  /** He has just signed in, rather than come by a link. */
  readonly justSignedIn: boolean
}

export function nextStep(visit: Visit, { user, level, factors, justSignedIn }: Standing, way: WayBack): NextStep {
  const { settings, clientAddress } = visit
  // Who only looks in is shown where he is; the default place is for those who finished signing in without a target.
  if (!way.target && !justSignedIn) return { kind: 'home' }
  // The flow sends people to denied targets, since there the gate says no; a page of ours can say it better.
  if (way.target && settings.policyOf(user, clientAddress, way.method, way.target.url) === 'deny')
    return { kind: 'forbidden' }
  const next = afterPassword(settings, user, level, destinationOf(visit, way))
  if (next.kind === 'signed-in')
    return next.redirect === undefined ? { kind: 'home' } : { kind: 'leave', url: next.redirect }
  if (next.kind !== 'second-factor' || !next.demanded) return { kind: 'home' }
  if (factors.registered.length > 0) return { kind: 'second-factor' }
  if (factors.elsewhere !== undefined && usable(factors).length === 0)
    return { kind: 'passkey-elsewhere', host: factors.elsewhere }
  return { kind: factors.available.some(({ setUpPage }) => setUpPage) ? 'choose-factor' : 'no-second-factor' }
}

/** The way back as the login flow takes it. */
export const destinationOf = (visit: Visit, way: WayBack): Destination => ({
  targetUrl: way.target?.url,
  requestMethod: way.target ? way.method : '',
  defaultRedirectionUrl: visit.domain.defaultRedirectionUrl,
  clientAddress: visit.clientAddress,
  userAgent: visit.userAgent,
})
