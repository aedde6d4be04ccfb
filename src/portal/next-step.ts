// What comes next for somebody who is signed in and wants to go somewhere. Asks the policy, decides nothing about access itself.
import type { User } from '../directory/directory.ts'
import type { Level } from '../policy/model.ts'
import type { Visit } from './visit.ts'
import type { WayBack } from './way-back.ts'

export type NextStep =
  /** Nowhere to go: the page that says who is signed in. */
  | { readonly kind: 'home' }
  | { readonly kind: 'leave'; readonly url: string }
  | { readonly kind: 'code' }
  /** A second factor is needed and this user has none yet. */
  | { readonly kind: 'register' }
  /** A second factor is needed, and there is none to be had. */
  | { readonly kind: 'no-second-factor' }
  | { readonly kind: 'forbidden' }

export interface Standing {
  readonly user: User
  readonly level: Level
  /** The user has registered one-time codes. */
  readonly hasCode: boolean
  /** He has just signed in, rather than come by a link. */
  readonly justSignedIn: boolean
}

export function nextStep(visit: Visit, { user, level, hasCode, justSignedIn }: Standing, way: WayBack): NextStep {
  const { settings, domain, clientAddress } = visit
  if (!way.target) {
    const place = domain.defaultRedirectionUrl
    // As Authelia: the default place is for those who finished signing in without a target, not for whoever looks in.
    const finished = level >= 2 || !settings.secondFactorEnabled
    return place !== undefined && justSignedIn && finished ? { kind: 'leave', url: place } : { kind: 'home' }
  }
  const requirement = settings.policyOf(user, clientAddress, way.method, way.target.url)
  switch (requirement) {
    case 'deny':
      return { kind: 'forbidden' }
    case 'bypass':
    case 'one_factor':
      return { kind: 'leave', url: way.target.url }
    case 'two_factor':
      if (level >= 2) return { kind: 'leave', url: way.target.url }
      if (settings.totpDisabled) return { kind: 'no-second-factor' }
      return { kind: hasCode ? 'code' : 'register' }
  }
}
