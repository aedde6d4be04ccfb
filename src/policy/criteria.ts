// One function a criterion of a rule. `decide` and `explain` both ask here, so that they can't disagree. An absent criterion matches everything.
import { type IpAddress, networkContains } from '../base/ip-address.ts'
import { type Claim, capturesMet, claimMet } from './domain.ts'
import type { UserIdentity } from './model.ts'
import type { Pattern } from './pattern.ts'
import type { Criteria, SubjectTerm } from './policy.ts'
import { type QueryValues, queryTruth, type Truth } from './query.ts'

/** Who asks; undefined is somebody anonymous, who may turn out to be whoever a rule means. */
export type Asker = UserIdentity | undefined

/** `domain` and `domain_regex`; undefined claims mean that the host matches for everyone. */
export function domainMet(claims: readonly Claim[] | undefined, asker: Asker): boolean {
  return claims === undefined || asker === undefined || claims.some((claim) => claimMet(claim, asker))
}

export function methodMet({ methods }: Criteria, method: string): boolean {
  return methods === undefined || methods.includes(method)
}

export function networkMet({ networks }: Criteria, address: IpAddress): boolean {
  if (networks === undefined) return true
  for (const network of networks) if (networkContains(network, address)) return true
  return false
}

/** OR of ANDs. */
export function subjectMet({ subject }: Criteria, asker: Asker): boolean {
  if (subject === undefined || asker === undefined) return true
  for (const all of subject) if (all.every((term) => termMet(term, asker))) return true
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

export function resourcesMet({ resources }: Criteria, path: string, withQuery: string, asker: Asker): boolean {
  if (resources === undefined) return true
  for (const pattern of resources) if (patternMet(pattern, pattern.namesQuery ? withQuery : path, asker)) return true
  return false
}

function patternMet(pattern: Pattern, text: string, asker: Asker): boolean {
  if (!pattern.namesIdentity || asker === undefined) return pattern.test(text)
  const captures = pattern.capture(text)
  return captures !== undefined && capturesMet(captures, asker)
}

export function queryMet({ query }: Criteria, values: QueryValues): Truth {
  return query === undefined ? 'hit' : queryTruth(query, values)
}
