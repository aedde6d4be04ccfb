// The compiled policy: what `decide` works on. Immutable but for the memory of host lookups, which belongs to it and goes with it.
import type { Network } from '../base/ip-address.ts'
import type { DomainEntry } from './domain.ts'
import type { HostIndex } from './host-index.ts'
import type { Decision, RuleNumber, Verdict } from './model.ts'
import type { Pattern } from './pattern.ts'
import type { QueryCondition } from './query.ts'

export interface Policy {
  /** In file order. */
  readonly rules: readonly Rule[]
  /** The default policy as a rule that matches everything; its number is 0. */
  readonly fallback: Rule
  /** What is answered when rules look at the path and it has no reading that could be trusted: a denial. Its number is 0. */
  readonly unreadable: Rule
  readonly hosts: HostIndex
}

export interface Rule {
  readonly number: RuleNumber
  readonly verdict: Verdict
  /** The answer to somebody anonymous, and to who has proven one factor, or two. */
  readonly anonymously: Decision
  readonly withOneFactor: Decision
  readonly withTwoFactors: Decision
  readonly domains: readonly DomainEntry[]
  readonly criteria: Criteria
}

/**
 * What a rule demands besides the host; one that it doesn't have is undefined and matches everything. Rules that demand the same share one
 * object: those about a thousand applications mostly differ in the host only, and what they share stays in the processor's caches.
 */
export interface Criteria {
  readonly subject: readonly (readonly SubjectTerm[])[] | undefined
  readonly networks: readonly Network[] | undefined
  readonly methods: readonly string[] | undefined
  readonly resources: readonly Pattern[] | undefined
  readonly query: readonly (readonly QueryCondition[])[] | undefined
}

export interface SubjectTerm {
  /** OAuth 2.0 clients never come as users, so that a term about one matches nobody who signed in. */
  readonly kind: 'user' | 'group' | 'client'
  readonly name: string
}
