// One function a criterion of a rule. `decide` and `explain` both ask here, so that they can't disagree. An absent criterion matches everything.
import { type IpAddress, networkContains } from '../base/ip-address.ts'
import { type Claim, capturesMet, claimMet } from './domain.ts'
import type { UserIdentity } from './model.ts'
import type { Pattern } from './pattern.ts'
import type { Rule, SubjectTerm } from './policy.ts'
import { type QueryValues, queryTruth, type Truth } from './query.ts'

/** Who asks; undefined is somebody anonymous, who may turn out to be whoever a rule means. */
export type Asker = UserIdentity | undefined

/** `domain` and `domain_regex`; undefined claims mean that the host matches for everyone. */
export function domainMet(claims: readonly Claim[] | undefined, asker: Asker): boolean {
  return claims === undefined || asker === undefined || claims.some((claim) => claimMet(claim, asker))
}

export function methodMet(rule: Rule, method: string): boolean {
  return rule.methods === undefined || rule.methods.includes(method)
}

export function networkMet(rule: Rule, address: IpAddress): boolean {
  if (rule.networks === undefined) return true
  for (const network of rule.networks) if (networkContains(network, address)) return true
  return false
}

/** OR of ANDs. */
export function subjectMet(rule: Rule, asker: Asker): boolean {
  if (rule.subject === undefined || asker === undefined) return true
  for (const all of rule.subject) if (all.every((term) => termMet(term, asker))) return true
  return false
}

function termMet(term: SubjectTerm, asker: UserIdentity): boolean {
  switch (term.kind) {
    case 'user':
      return term.name === asker.username
    case 'group':
      return asker.groups.includes(term.name)
    case 'client':
      return false
  }
}

export function resourcesMet(rule: Rule, path: string, withQuery: string, asker: Asker): boolean {
  if (rule.resources === undefined) return true
  for (const pattern of rule.resources)
    if (patternMet(pattern, pattern.namesQuery ? withQuery : path, asker)) return true
  return false
}

function patternMet(pattern: Pattern, text: string, asker: Asker): boolean {
  if (!pattern.namesIdentity || asker === undefined) return pattern.test(text)
  const captures = pattern.capture(text)
  return captures !== undefined && capturesMet(captures, asker)
}

export function queryMet(rule: Rule, values: QueryValues): Truth {
  return rule.query === undefined ? 'hit' : queryTruth(rule.query, values)
}
