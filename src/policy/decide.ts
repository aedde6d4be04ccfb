// The answer to one request: the first rule that matches, for every reading of host (as sent, and in lower case: patterns see letter case and
// proxies don't), path and query; the strictest of these counts.
import { type Asker, domainMet, methodMet, networkMet, queryMet, resourcesMet, subjectMet } from './criteria.ts'
import type { HostRules } from './host-index.ts'
import { type AccessRequest, type Decision, type Identity, LEVEL, type Requirement, type Verdict } from './model.ts'
import type { Policy, Rule } from './policy.ts'
import { NO_QUERY, type QueryValues, readQuery } from './query.ts'
import { isOrdinaryPath, pathReadings } from './readings.ts'

/** May this request pass? Who has proven nothing yet (level none) counts as anonymous. */
export function decide(request: AccessRequest, identity: Identity, policy: Policy): Decision {
  const known = identity.kind === 'user' && identity.level !== LEVEL.none ? identity : undefined
  const rule = strictestRule(request, known, policy)
  if (known === undefined) return rule.anonymously
  return known.level === LEVEL.two_factor ? rule.withTwoFactors : rule.withOneFactor
}

/** What the policy demands of this request if `identity` asks; nobody's level is looked at. */
export function verdictFor(request: AccessRequest, identity: Identity, policy: Policy): Verdict {
  return strictestRule(request, identity.kind === 'user' ? identity : undefined, policy).verdict
}

/** Whether any rule, or the default, demands a second factor. */
export function secondFactorEnabled(policy: Policy): boolean {
  return [policy.fallback, ...policy.rules].some(({ verdict }) => verdict.requirement === 'two_factor')
}

function strictestRule(request: AccessRequest, asker: Asker, policy: Policy): Rule {
  const { host } = request.target
  const rule = ruleForHost(policy.hosts.rulesFor(host), request, asker, policy)
  const lower = host.toLowerCase()
  return lower === host ? rule : stricter(rule, ruleForHost(policy.hosts.rulesFor(lower), request, asker, policy))
}

function ruleForHost(rules: HostRules, request: AccessRequest, asker: Asker, policy: Policy): Rule {
  const { path, query } = request.target
  const values = rules.readsQuery ? readQuery(query) : NO_QUERY
  if (!rules.readsPath || isOrdinaryPath(path)) return ruleForPath(path, rules, request, values, asker, policy)
  const readings = pathReadings(path)
  if (readings === undefined) return policy.unreadable
  let strictest: Rule | undefined
  for (const reading of readings) {
    const rule = ruleForPath(reading, rules, request, values, asker, policy)
    strictest = strictest === undefined ? rule : stricter(strictest, rule)
  }
  return strictest ?? policy.unreadable
}

/** Authelia's way, where every pattern sees the query, and one where only those do that name the '?': a grant doesn't rest on the query. */
function ruleForPath(
  path: string,
  rules: HostRules,
  request: AccessRequest,
  values: QueryValues,
  asker: Asker,
  policy: Policy,
): Rule {
  const { query } = request.target
  if (query === undefined || query === '' || !rules.readsPath)
    return firstMatch(rules, request, path, path, values, asker, policy.fallback)
  const withQuery = `${path}?${query}`
  const rule = firstMatch(rules, request, withQuery, withQuery, values, asker, policy.fallback)
  return stricter(rule, firstMatch(rules, request, path, withQuery, values, asker, policy.fallback))
}

/** First match wins. A rule that may match or not, by how a server reads the query, is kept beside the one that follows. */
export function firstMatch(
  found: HostRules,
  request: AccessRequest,
  path: string,
  withQuery: string,
  values: QueryValues,
  asker: Asker,
  fallback: Rule,
): Rule {
  let uncertain: Rule | undefined
  for (let one = found.first; one !== undefined; one = one.next) {
    const { criteria } = one
    if (
      (one.claims !== undefined && !domainMet(one.claims, asker)) ||
      !methodMet(criteria, request.method) ||
      !networkMet(criteria, request.clientAddress) ||
      !subjectMet(criteria, asker) ||
      !resourcesMet(criteria, path, withQuery, asker)
    )
      continue
    const query = queryMet(criteria, values)
    if (query === 'miss') continue
    const strictest = uncertain === undefined ? one.rule : stricter(uncertain, one.rule)
    if (query === 'hit') return strictest
    uncertain = strictest
  }
  return uncertain === undefined ? fallback : stricter(uncertain, fallback)
}

const STRICTNESS: Readonly<Record<Requirement, number>> = { bypass: 0, one_factor: 1, two_factor: 2, deny: 3 }

/** The stricter of two rules; of equally strict ones the first, but a denial that signing in can't lift before one that it might. */
function stricter(a: Rule, b: Rule): Rule {
  if (a === b) return a
  const difference = STRICTNESS[b.verdict.requirement] - STRICTNESS[a.verdict.requirement]
  if (difference !== 0) return difference > 0 ? b : a
  return a.verdict.requirement === 'deny' && a.verdict.hasSubject && !b.verdict.hasSubject ? b : a
}
