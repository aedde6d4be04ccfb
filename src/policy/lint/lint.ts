// Everything in the access rules that is allowed and probably a mistake. Pure: what it must know of the rest of the configuration it is told.
import type { AccessControlConfig, RuleConfig } from '../../config/config.ts'
import { compilePolicy } from '../compile.ts'
import { lintBypass } from './bypass.ts'
import { lintDomains } from './domains.ts'
import type { Finding } from './finding.ts'
import { lintNetworks } from './networks.ts'
import { lintPatterns } from './patterns.ts'
import { type Pieces, piecesOf } from './pieces.ts'
import { lintReach } from './reach.ts'
import { lintSubjects } from './subjects.ts'

export interface LintFacts {
  /** Hosts of the portals, lower case. */
  readonly portalHosts: readonly string[]
  /** Who may sign in; undefined when that isn't known, and then subjects aren't looked up. */
  readonly people: { readonly users: ReadonlySet<string>; readonly groups: ReadonlySet<string> } | undefined
}

/** What the checks of one rule look at. */
export interface LintedRule {
  readonly pieces: Pieces
  readonly config: RuleConfig
  readonly networks: AccessControlConfig['networks']
  readonly facts: LintFacts
  /** @param at below the rule: `/domain/0` */
  readonly find: (code: Finding['code'], at: string, message: string, hint: string) => Finding
}

/** In the order of the rules; nothing for rules that are as they should be. */
export function lintRules(accessControl: AccessControlConfig, facts: LintFacts): readonly Finding[] {
  const { rules } = compilePolicy(accessControl, [])
  const linted = rules.map((rule, i): LintedRule => {
    const config = accessControl.rules[i]
    if (config === undefined) throw new Error('a compiled rule that nobody wrote')
    return {
      config,
      networks: accessControl.networks,
      facts,
      pieces: piecesOf(rule, config, accessControl.networks),
      find: (code, at, message, hint) => ({
        code,
        rule: rule.number,
        at: `/access_control/rules/${i}${at}`,
        message,
        hint,
      }),
    }
  })
  const checks = [lintDomains, lintPatterns, lintNetworks, lintSubjects, lintBypass]
  const findings = [...lintReach(linted), ...linted.flatMap((rule) => checks.flatMap((check) => check(rule)))]
  return [...lintDefault(accessControl), ...findings.sort((a, b) => a.rule - b.rule)]
}

function lintDefault({ defaultPolicy, rules }: AccessControlConfig): readonly Finding[] {
  if (rules.length === 0 || (defaultPolicy !== 'bypass' && defaultPolicy !== 'one_factor')) return []
  const whom = defaultPolicy === 'bypass' ? 'everybody' : 'everybody with a password'
  return [
    {
      code: 'default-policy-open',
      rule: 0,
      at: '/access_control/default_policy',
      message: `default_policy ${defaultPolicy} lets ${whom} into every host that no rule is for`,
      hint: 'Set default_policy to deny and write a rule for each host.',
    },
  ]
}
