// Rules that decide nothing because of those before them, and rules that somebody anonymous never gets to.
import type { RuleConfig } from '../../config/config.ts'
import type { RuleNumber } from '../model.ts'
import type { Scope } from './coverage.ts'
import { type Finding, namesOf } from './finding.ts'
import type { LintedRule } from './lint.ts'
import { findShadowed } from './shadowing.ts'

export function lintReach(rules: readonly LintedRule[]): readonly Finding[] {
  const told = new Set<RuleNumber>()
  const wholeRule = (finding: Finding): readonly Finding[] => {
    if (told.has(finding.rule)) return []
    told.add(finding.rule)
    return [finding]
  }
  const pieces = rules.map((one) => one.pieces)
  const shadowed = (scope: Scope) =>
    findShadowed(pieces, scope).flatMap((shadow) => {
      const rule = rules[shadow.rule - 1]
      return rule === undefined ? [] : [{ ...shadow, ...rule }]
    })
  const never = shadowed({ odd: true, anonymousOnly: false })
  const ordinarily = shadowed({ odd: false, anonymousOnly: false })
  const anonymously = shadowed({ odd: false, anonymousOnly: true })
  const decide = (by: readonly RuleNumber[]): string =>
    `${namesOf(by)} before it ${by.length > 1 ? 'decide' : 'decides'}`

  const ofRules = [
    ...duplicates(rules).flatMap(wholeRule),
    ...never.flatMap(({ at, by, rule, find }) => {
      const message = `rule ${rule} is never reached: ${decide(by)} all that it is for`
      return at === '' ? wholeRule(find('unreachable-rule', at, message, MOVE)) : []
    }),
    ...ordinarily.flatMap(({ at, by, rule, find }) => {
      const message = `rule ${rule} is reached by ${ODD} only: ${decide(by)} the rest`
      return at === '' ? wholeRule(find('shadowed-rule', at, message, MOVE)) : []
    }),
    ...anonymously.flatMap(({ at, by, rule, config, find }) => {
      const message = `rule ${rule} opens nothing to somebody who hasn't signed in: ${namesOf(by)} before it ${by.length > 1 ? 'depend' : 'depends'} on who asks, so everybody is asked to sign in first`
      const hint = 'Move the bypass rule before, or narrow the rule that depends on who asks.'
      return at === '' && config.policy === 'bypass' ? wholeRule(find('bypass-behind-subject', at, message, hint)) : []
    }),
  ]
  const neverThere = new Set(never.map(({ rule, at }) => `${rule}${at}`))
  const ofEntries = [...never, ...ordinarily.filter(({ rule, at }) => !neverThere.has(`${rule}${at}`))].flatMap(
    ({ at, by, rule, find }) => {
      if (at === '' || told.has(rule)) return []
      return neverThere.has(`${rule}${at}`)
        ? [
            find(
              'unreachable-entry',
              at,
              `this entry of rule ${rule} never counts: ${decide(by)} all that it is for`,
              TAKE_AWAY,
            ),
          ]
        : [
            find(
              'shadowed-entry',
              at,
              `this entry of rule ${rule} counts for ${ODD} only: ${decide(by)} the rest`,
              TAKE_AWAY,
            ),
          ]
    },
  )
  return [...ofRules, ...ofEntries]
}

const ODD = 'odd requests (a host in capital letters, an empty path, a line break)'
const MOVE = 'Move the more special rule before the more general one, or remove it.'
const TAKE_AWAY = 'Remove it, or move the rule before.'

function duplicates(rules: readonly LintedRule[]): readonly Finding[] {
  const seen = new Map<string, LintedRule>()
  return rules.flatMap((rule) => {
    const key = criteriaOf(rule.config)
    const first = seen.get(key)
    if (first === undefined) {
      seen.set(key, rule)
      return []
    }
    const same = first.config.policy === rule.config.policy
    return rule.find(
      'duplicate-rule',
      '',
      `rule ${rule.pieces.rule.number} is for the same requests as rule ${first.pieces.rule.number}, which comes first and decides`,
      `Remove one of the two${same ? '' : '; they demand different things'}.`,
    )
  })
}

/** The same text for rules that are for the same requests by what is written, whatever the order within a list. */
function criteriaOf(rule: RuleConfig): string {
  const sorted = (list: readonly string[]): readonly string[] => [...new Set(list)].sort()
  return JSON.stringify([
    sorted(rule.domain),
    sorted(rule.domainRegex),
    sorted(rule.networks),
    sorted(rule.resources),
    sorted(rule.methods),
    sorted(rule.subject.map((all) => JSON.stringify(sorted(all)))),
    sorted(rule.query.map((all) => JSON.stringify(sorted(all.map((one) => JSON.stringify(one)))))),
  ])
}
