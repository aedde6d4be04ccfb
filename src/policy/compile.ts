// From the access rules of a validated configuration to a Policy. Nothing is dropped: what can't be understood here is a bug and throws.
import { type Network, parseNetwork } from '../base/ip-address.ts'
import { atOnce, mapInSteps, type Steps } from '../base/steps.ts'
import type { AccessControlConfig, QueryCriterion, RuleConfig } from '../config/config.ts'
import { type DomainEntry, domainEntry, domainPatternEntry } from './domain.ts'
import { buildHostIndex } from './host-index.ts'
import type { Decision, Level, Verdict } from './model.ts'
import { compilePattern, type Pattern } from './pattern.ts'
import type { Criteria, Policy, Rule, SubjectTerm } from './policy.ts'
import type { QueryCondition } from './query.ts'

/**
 * Compiles the rules once; the result is immutable and needs no closing.
 * @param cookieDomains what is found out about hosts within these is remembered
 */
export const compilePolicy = (accessControl: AccessControlConfig, cookieDomains: readonly string[]): Policy =>
  atOnce(compilingPolicy(accessControl, cookieDomains))

/** The same in steps. */
export function* compilingPolicy(accessControl: AccessControlConfig, cookieDomains: readonly string[]): Steps<Policy> {
  const parts = new Parts(accessControl.networks)
  const rules = yield* mapInSteps(accessControl.rules, (rule, i) => compileRule(rule, i + 1, parts))
  yield
  return Object.freeze({
    rules: Object.freeze(rules),
    fallback: ruleOf({ requirement: accessControl.defaultPolicy, rule: 0, hasSubject: false }, 'denied-by-default'),
    unreadable: ruleOf({ requirement: 'deny', rule: 0, hasSubject: false }, 'unreadable-path'),
    hosts: buildHostIndex(rules, cookieDomains),
  })
}

/** What rules are made of; of equal patterns and equal criteria there is one. */
class Parts {
  readonly #networks: AccessControlConfig['networks']
  readonly #patterns = new Map<string, Pattern>()
  readonly #criteria = new Map<string, Criteria>()

  constructor(networks: AccessControlConfig['networks']) {
    this.#networks = networks
  }

  readonly pattern = (source: string): Pattern => {
    const pattern = this.#patterns.get(source) ?? compilePattern(source)
    this.#patterns.set(source, pattern)
    return pattern
  }

  criteria({ subject, networks, methods, resources, query }: RuleConfig): Criteria {
    const written = JSON.stringify([subject, networks, methods, resources, query])
    const criteria =
      this.#criteria.get(written) ??
      Object.freeze({
        subject: orAbsent(subject.filter((all) => all.length > 0).map((all) => all.map(subjectTerm))),
        networks: orAbsent(networks)?.flatMap((entry) => resolveNetwork(entry, this.#networks)),
        methods: orAbsent(methods),
        resources: orAbsent(resources.map(this.pattern)),
        query: orAbsent(query.map((all) => all.map((one) => queryCondition(one, this.pattern)))),
      })
    this.#criteria.set(written, criteria)
    return criteria
  }
}

function compileRule(config: RuleConfig, number: number, parts: Parts): Rule {
  const domains = [
    ...config.domain.map(domainEntry),
    ...config.domainRegex.map((source) => domainPatternEntry(parts.pattern(source))),
  ]
  const criteria = parts.criteria(config)
  const hasSubject =
    criteria.subject !== undefined ||
    domains.some((entry) => entry.dependsOnIdentity) ||
    criteria.resources?.some((one) => one.namesIdentity) === true
  // a rule without any domain is refused by validation; as one criterion among others it would match everywhere
  const where = domains.length > 0 ? domains : [EVERYWHERE]
  return ruleOf({ requirement: config.policy, rule: number, hasSubject }, 'denied-by-rule', where, criteria)
}

const NO_CRITERIA: Criteria = Object.freeze({
  subject: undefined,
  networks: undefined,
  methods: undefined,
  resources: undefined,
  query: undefined,
})
const EVERYWHERE: DomainEntry = {
  text: '',
  kind: 'domain',
  reach: { kind: 'suffix', text: '' },
  dependsOnIdentity: false,
  match: () => 'anyone',
}

type DenyReason = Extract<Decision, { kind: 'deny' }>['reason']
function ruleOf(
  verdict: Verdict,
  denyReason: DenyReason,
  domains: readonly DomainEntry[] = [],
  criteria = NO_CRITERIA,
): Rule {
  return Object.freeze({
    number: verdict.rule,
    anonymously: decisionFor(verdict, 0, denyReason),
    withOneFactor: decisionFor(verdict, 1, denyReason),
    withTwoFactors: decisionFor(verdict, 2, denyReason),
    verdict: Object.freeze(verdict),
    domains,
    criteria,
  })
}

/** Somebody anonymous meets a denial that depends on who asks: he may not be the one who is meant, so he is asked to sign in. */
function decisionFor(verdict: Verdict, level: Level, denyReason: DenyReason): Decision {
  switch (verdict.requirement) {
    case 'bypass':
      return Object.freeze({ kind: 'allow', reason: 'bypass', verdict })
    case 'one_factor':
    case 'two_factor': {
      const neededLevel = verdict.requirement === 'one_factor' ? 1 : 2
      return level >= neededLevel
        ? Object.freeze({ kind: 'allow', reason: 'level-sufficient', verdict })
        : Object.freeze({ kind: 'challenge', reason: 'level-insufficient', neededLevel, verdict })
    }
    case 'deny':
      return verdict.hasSubject && level === 0
        ? Object.freeze({ kind: 'challenge', reason: 'subject-unknown', neededLevel: 1, verdict })
        : Object.freeze({ kind: 'deny', reason: denyReason, verdict })
  }
}

function orAbsent<T>(list: readonly T[]): readonly T[] | undefined {
  return list.length === 0 ? undefined : list
}

/** `user:NAME`, `group:NAME`, `oauth2:client:ID`; spaces around the name don't count, letter case does. */
function subjectTerm(written: string): SubjectTerm {
  const [, prefix, name] = /^(user|group|oauth2:client):(.*)$/s.exec(written) ?? []
  if (prefix === undefined || name === undefined) throw new Error(`not a subject: ${JSON.stringify(written)}`)
  return { kind: prefix === 'oauth2:client' ? 'client' : prefix === 'user' ? 'user' : 'group', name: name.trim() }
}

/** A name comes before an address; names are case-sensitive. */
function resolveNetwork(entry: string, named: AccessControlConfig['networks']): readonly Network[] {
  if (Object.hasOwn(named, entry)) return named[entry] ?? []
  const network = parseNetwork(entry)
  if (network === undefined) throw new Error(`not a network: ${JSON.stringify(entry)}`)
  return [network]
}

function queryCondition(
  { operator, key, value }: QueryCriterion,
  pattern: (source: string) => Pattern,
): QueryCondition {
  switch (operator) {
    case 'present':
    case 'absent':
      return { operator, key }
    case 'equal':
    case 'not equal':
      return { operator, key, value }
    case 'pattern':
    case 'not pattern':
      return { operator, key, value: pattern(value) }
  }
}
