// Why a request is answered as it is: every rule with every criterion, for every reading of host, path and query. For people, so it may be
// slow; it asks the same criteria as `decide`, and its decision is `decide`'s.
import { type Asker, domainMet, methodMet, networkMet, queryMet, resourcesMet, subjectMet } from './criteria.ts'
import { decide, firstMatch } from './decide.ts'
import type { Claim } from './domain.ts'
import { type AccessRequest, type Decision, type Identity, LEVEL, type Requirement, type RuleNumber } from './model.ts'
import type { Criteria, Policy, Rule } from './policy.ts'
import { type QueryValues, readQuery, type Truth } from './query.ts'
import { hostReadings, pathReadings } from './readings.ts'

export interface Explanation {
  readonly decision: Decision
  /**
   * One for every way in which host, path and query can be read; the strictest decided. A spelling of the host whose rules look at the path has none
   * when no reading of the path can be trusted: then the decision is that of an unreadable path, or another denial.
   */
  readonly readings: readonly ReadingExplanation[]
}

export interface ReadingExplanation {
  readonly host: string
  /** What patterns saw; those that name the '?' always see the query as well. */
  readonly path: string
  /** The rule that decides in this reading; 0 is the default policy. */
  readonly rule: RuleNumber
  readonly requirement: Requirement
  /** Every rule in file order, also those after the one that decides. */
  readonly rules: readonly RuleExplanation[]
}

export interface RuleExplanation {
  readonly rule: RuleNumber
  readonly requirement: Requirement
  /** 'may-be': it depends on who signs in, or on how a server reads the query. */
  readonly outcome: Truth
  /** Those that the rule has. */
  readonly criteria: readonly CriterionExplanation[]
}

export interface CriterionExplanation {
  readonly criterion: 'domain' | 'methods' | 'networks' | 'subject' | 'resources' | 'query'
  readonly outcome: Truth
  readonly why: string
}

/** The decision on a request, and what every rule had to do with it. */
export function explain(request: AccessRequest, identity: Identity, policy: Policy): Explanation {
  const { target } = request
  const asker = identity.kind === 'user' && identity.level !== LEVEL.none ? identity : undefined
  const values = readQuery(target.query)
  const query = target.query === undefined || target.query === '' ? '' : `?${target.query}`
  const readings: ReadingExplanation[] = []
  for (const host of hostReadings(target.host)) {
    const found = policy.hosts.rulesFor(host)
    const paths = pathReadings(target.path) ?? (found.readsPath ? [] : [target.path])
    for (const path of found.readsPath ? paths : paths.slice(0, 1))
      for (const seen of query !== '' && found.readsPath ? [path + query, path] : [path + query]) {
        const withQuery = path + query
        const rule = firstMatch(found, request, seen, withQuery, values, asker, policy.fallback)
        const rules = policy.rules.map((one) =>
          explainRule(one, host, { request, asker, path: seen, withQuery, values }),
        )
        readings.push({ host, path: seen, rule: rule.number, requirement: rule.verdict.requirement, rules })
      }
  }
  return { decision: decide(request, identity, policy), readings }
}

interface Situation {
  readonly request: AccessRequest
  readonly asker: Asker
  readonly path: string
  readonly withQuery: string
  readonly values: QueryValues
}

function explainRule(rule: Rule, host: string, situation: Situation): RuleExplanation {
  const demanded = rule.criteria
  const criteria = [
    explainDomain(rule, host, situation.asker),
    ...(demanded.methods ? [explainMethods(demanded, situation)] : []),
    ...(demanded.networks ? [explainNetworks(demanded, situation)] : []),
    ...(demanded.subject ? [explainSubject(demanded, situation)] : []),
    ...(demanded.resources ? [explainResources(demanded, situation)] : []),
    ...(demanded.query ? [explainQuery(demanded, situation)] : []),
  ]
  const worst = (outcome: Truth) => criteria.some((criterion) => criterion.outcome === outcome)
  const outcome = worst('miss') ? 'miss' : worst('may-be') ? 'may-be' : 'hit'
  return { rule: rule.number, requirement: rule.verdict.requirement, outcome, criteria }
}

function explainDomain(rule: Rule, host: string, asker: Asker): CriterionExplanation {
  const criterion = 'domain'
  const matches = rule.domains.map((entry) => ({ entry, match: entry.match(host) })).filter(({ match }) => match)
  if (matches.length === 0) {
    const entries = rule.domains.map((entry) => quote(entry.text)).join(', ')
    return { criterion, outcome: 'miss', why: `${quote(host)} is not covered by ${entries}` }
  }
  const forAnyone = matches.find(({ match }) => match === 'anyone')
  if (forAnyone)
    return { criterion, outcome: 'hit', why: `${quote(host)} is covered by ${quote(forAnyone.entry.text)}` }
  const claims = matches.flatMap(({ match }) => (match === undefined || match === 'anyone' ? [] : [match]))
  const wanted = claims.map(describeClaim).join(' or ')
  if (asker === undefined)
    return { criterion, outcome: 'may-be', why: `${quote(host)} is for ${wanted}; nobody has signed in` }
  const met = domainMet(claims, asker)
  return { criterion, outcome: met ? 'hit' : 'miss', why: `${quote(host)} is for ${wanted}` }
}

function describeClaim(claim: Claim): string {
  switch (claim.kind) {
    case 'user':
    case 'group':
      return `${claim.kind} ${quote(claim.name)}`
    case 'captures':
      return describeCaptures(claim)
    case 'nobody':
      return 'nobody, as letter case differs'
  }
}

function describeCaptures({ user, group }: { user: string | undefined; group: string | undefined }): string {
  return [user === undefined ? '' : `user ${quote(user)}`, group === undefined ? '' : `group ${quote(group)}`]
    .filter((text) => text !== '')
    .join(' in ')
}

function explainMethods(demanded: Criteria, { request }: Situation): CriterionExplanation {
  const met = methodMet(demanded, request.method)
  const why = `${request.method} is ${met ? '' : 'not '}among ${demanded.methods?.join(', ')}`
  return { criterion: 'methods', outcome: met ? 'hit' : 'miss', why }
}

function explainNetworks(demanded: Criteria, { request }: Situation): CriterionExplanation {
  const met = networkMet(demanded, request.clientAddress)
  const networks = demanded.networks?.map((network) => network.text).join(', ') ?? ''
  const why = `${request.clientAddress.text} is ${met ? '' : 'not '}in ${networks === '' ? 'a network without addresses' : networks}`
  return { criterion: 'networks', outcome: met ? 'hit' : 'miss', why }
}

function explainSubject(demanded: Criteria, { asker }: Situation): CriterionExplanation {
  const criterion = 'subject'
  const wanted = demanded.subject
    ?.map((all) => all.map((term) => `${term.kind} ${quote(term.name)}`).join(' and '))
    .join(', or ')
  if (asker === undefined) return { criterion, outcome: 'may-be', why: `it is for ${wanted}; nobody has signed in` }
  const met = subjectMet(demanded, asker)
  const who = asker.username === '' ? 'whoever asks' : quote(asker.username)
  return { criterion, outcome: met ? 'hit' : 'miss', why: `it is for ${wanted}, and ${who} is ${met ? '' : 'not '}one` }
}

function explainResources(demanded: Criteria, situation: Situation): CriterionExplanation {
  const criterion = 'resources'
  const { path, withQuery, asker } = situation
  const met = resourcesMet(demanded, path, withQuery, asker)
  const found = demanded.resources?.find((pattern) => pattern.test(pattern.namesQuery ? withQuery : path))
  if (found === undefined) {
    const patterns = demanded.resources?.map((pattern) => quote(pattern.source)).join(', ')
    return { criterion, outcome: 'miss', why: `${quote(path)} is not matched by ${patterns}` }
  }
  const why = `${quote(path)} is matched by ${quote(found.source)}`
  if (!met) return { criterion, outcome: 'miss', why: `${why}, but for somebody else` }
  if (
    asker === undefined &&
    demanded.resources?.every((one) => one.namesIdentity || !one.test(one.namesQuery ? withQuery : path))
  )
    return { criterion, outcome: 'may-be', why: `${why}, which is about who asks; nobody has signed in` }
  return { criterion, outcome: 'hit', why }
}

function explainQuery(demanded: Criteria, { values }: Situation): CriterionExplanation {
  const outcome = queryMet(demanded, values)
  const wanted = demanded.query
    ?.map((all) =>
      all
        .map((one) => `${one.key} ${one.operator}${'value' in one ? ` ${quote(textOf(one.value))}` : ''}`)
        .join(' and '),
    )
    .join(', or ')
  const why = {
    hit: `it holds: ${wanted}`,
    miss: `it doesn't hold: ${wanted}`,
    'may-be': `servers may read the query so that it holds or not: ${wanted}`,
  }
  return { criterion: 'query', outcome, why: why[outcome] }
}

function textOf(value: string | { readonly source: string }): string {
  return typeof value === 'string' ? value : value.source
}

/** Control characters of a request never reach a terminal or log as they are. */
function quote(text: string): string {
  return JSON.stringify(text)
}
