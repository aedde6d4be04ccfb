// From the access rules of a validated configuration to a Policy. Nothing is dropped: what can't be understood here is a bug and throws.
import { type Network, parseNetwork } from '../base/ip-address.ts'
import { atOnce, mapInSteps, type Steps } from '../base/steps.ts'
import type { AccessControlConfig, QueryCriterion, RuleConfig } from '../config/config.ts'
import { type DomainEntry, domainEntry, domainPatternEntry } from './domain.ts'
import { buildHostIndex } from './host-index.ts'
import type { Decision, Level, Verdict } from './model.ts'
import { compilePattern, type Pattern } from './pattern.ts'
import type { Policy, Rule, SubjectTerm } from './policy.ts'
import type { QueryCondition } from './query.ts'

/**
 * Compiles the rules once; the result is immutable and needs no closing.
 * @param cookieDomains what is found out about hosts within these is remembered
 */
export const compilePolicy = (accessControl: AccessControlConfig, cookieDomains: readonly string[]): Policy =>
  atOnce(compilingPolicy(accessControl, cookieDomains))

/** The same in steps. */
export function* compilingPolicy(accessControl: AccessControlConfig, cookieDomains: readonly string[]): Steps<Policy> {
  const known = new Map<string, Pattern>()
  const pattern = (source: string): Pattern => {
    const compiled = known.get(source) ?? compilePattern(source)
    known.set(source, compiled)
    return compiled
  }
  const rules = yield* mapInSteps(accessControl.rules, (rule, i) => compileRule(rule, i + 1, accessControl, pattern))
  yield
  return Object.freeze({
    rules: Object.freeze(rules),
    fallback: ruleOf({ requirement: accessControl.defaultPolicy, rule: 0, hasSubject: false }, 'denied-by-default', {}),
    unreadable: ruleOf({ requirement: 'deny', rule: 0, hasSubject: false }, 'unreadable-path', {}),
    hosts: buildHostIndex(rules, cookieDomains),
  })
}

function compileRule(
  config: RuleConfig,
  number: number,
  { networks }: AccessControlConfig,
  pattern: (source: string) => Pattern,
): Rule {
  const domains = [
    ...config.domain.map(domainEntry),
    ...config.domainRegex.map((source) => domainPatternEntry(pattern(source))),
  ]
  const resources = orAbsent(config.resources.map(pattern))
  const subject = orAbsent(config.subject.filter((all) => all.length > 0).map((all) => all.map(subjectTerm)))
  const hasSubject =
    subject !== undefined ||
    domains.some((entry) => entry.dependsOnIdentity) ||
    resources?.some((one) => one.namesIdentity) === true
  return ruleOf({ requirement: config.policy, rule: number, hasSubject }, 'denied-by-rule', {
    // a rule without any domain is refused by validation; as one criterion among others it would match everywhere
    domains: domains.length > 0 ? domains : [EVERYWHERE],
    subject,
    networks: orAbsent(config.networks)?.flatMap((entry) => resolveNetwork(entry, networks)),
    methods: orAbsent(config.methods),
    resources,
    query: orAbsent(config.query.map((all) => all.map((one) => queryCondition(one, pattern)))),
  })
}

type Criteria = Pick<Rule, 'domains' | 'subject' | 'networks' | 'methods' | 'resources' | 'query'>
const NO_CRITERIA: Criteria = {
  domains: [],
  subject: undefined,
  networks: undefined,
  methods: undefined,
  resources: undefined,
  query: undefined,
}
const EVERYWHERE: DomainEntry = {
  text: '',
  kind: 'domain',
  reach: { kind: 'suffix', text: '' },
  dependsOnIdentity: false,
  match: () => 'anyone',
}

type DenyReason = Extract<Decision, { kind: 'deny' }>['reason']
function ruleOf(verdict: Verdict, denyReason: DenyReason, criteria: Partial<Criteria>): Rule {
  const decisions = {
    0: decisionFor(verdict, 0, denyReason),
    1: decisionFor(verdict, 1, denyReason),
    2: decisionFor(verdict, 2, denyReason),
  }
  return Object.freeze({
    number: verdict.rule,
    verdict: Object.freeze(verdict),
    decisions,
    ...NO_CRITERIA,
    ...criteria,
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
