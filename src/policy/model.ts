// The vocabulary of the policy: what is asked, who asks, what is answered. Pure data; no clock, no I/O, no HTTP type.
import type { IpAddress } from '../base/ip-address.ts'

/** How surely we know who asks. */
export type Level = 0 | 1 | 2
export const LEVEL = { none: 0, one_factor: 1, two_factor: 2 } as const

/** What a rule demands. */
export type Requirement = 'bypass' | 'one_factor' | 'two_factor' | 'deny'

/** The address the visitor asked the application for, as the proxy told it. Nothing here is decoded or normalised. */
export interface Target {
  /** Lower case; ws and wss arrive as http and https. */
  readonly scheme: 'https' | 'http'
  /** Host name without port, brackets or trailing dot; letter case as sent. */
  readonly host: string
  /** Port as sent, without the colon; undefined when none was sent. */
  readonly port: string | undefined
  /** Raw path beginning with '/', or '' when the target has none. */
  readonly path: string
  /** Raw query without '?'; undefined when there is none. */
  readonly query: string | undefined
  /** The whole address for the way back (`rd`). */
  readonly url: string
}

export interface AccessRequest {
  readonly target: Target
  /** A-Z only. */
  readonly method: string
  readonly clientAddress: IpAddress
}

/** Who asks. Groups and names come from the directory of the running snapshot, never from the request. */
export type Identity = { readonly kind: 'anonymous' } | UserIdentity
export interface UserIdentity {
  readonly kind: 'user'
  /** Canonical name. */
  readonly username: string
  readonly groups: readonly string[]
  readonly displayName: string
  readonly emails: readonly string[]
  readonly level: Level
}
export const ANONYMOUS: Identity = { kind: 'anonymous' }

/** Number of the rule that decided, from 1 in file order; 0 is the default policy. */
export type RuleNumber = number

/** What the policy demands of this request, before anyone's level is looked at. */
export interface Verdict {
  readonly requirement: Requirement
  readonly rule: RuleNumber
  /** The rule depends on who asks (a subject, {user}/{group}, a named group User/Group): someone anonymous is asked to sign in rather than denied. */
  readonly hasSubject: boolean
}

/** The answer of `decide`. `reason` is stable and machine-readable. */
export type Decision =
  | { readonly kind: 'allow'; readonly reason: 'bypass' | 'level-sufficient'; readonly verdict: Verdict }
  | {
      readonly kind: 'challenge'
      readonly reason: 'level-insufficient' | 'subject-unknown'
      /** Level that would do. For 'subject-unknown' it is 1. */
      readonly neededLevel: 1 | 2
      readonly verdict: Verdict
    }
  | {
      readonly kind: 'deny'
      /** 'unreadable-path': rules look at the path, and it has no reading that could be trusted. */
      readonly reason: 'denied-by-rule' | 'denied-by-default' | 'unreadable-path'
      readonly verdict: Verdict
    }
