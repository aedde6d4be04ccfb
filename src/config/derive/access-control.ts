// From what is written under `access_control` to rules with plain lists and networks by name.
import { type Network, parseNetwork } from '../../base/ip-address.ts'
import type { Position } from '../../yaml/problem.ts'
import type { CompleteConfig } from '../complete.generated.ts'
import type { AccessControlConfig, QueryCriterion, RuleConfig } from '../config.ts'

type Rule = CompleteConfig['access_control']['rules'][number]
type Query = NonNullable<Rule['query']>[number][number]

/** @param position where the rule of that index stands */
export function deriveAccessControl(
  { access_control: written, definitions }: CompleteConfig,
  position: (index: number) => Position | undefined,
): AccessControlConfig {
  const named = [
    ...Object.entries(definitions.network ?? {}),
    ...(written.networks ?? []).map(({ name, networks }) => [name ?? '', networks ?? []] as const),
  ]
  const networks: Record<string, readonly Network[]> = Object.create(null)
  for (const [name, list] of named) networks[name] = list.map(network)
  return {
    defaultPolicy: written.default_policy,
    rules: written.rules.map((rule, index) => deriveRule(rule, position(index))),
    networks,
  }
}

function deriveRule(rule: Rule, position: Position | undefined): RuleConfig {
  return {
    domain: (rule.domain ?? []).map((domain) => domain.toLowerCase()),
    domainRegex: rule.domain_regex ?? [],
    policy: rule.policy,
    subject: (rule.subject ?? []).filter((list) => list.length > 0),
    networks: rule.networks ?? [],
    resources: rule.resources ?? [],
    methods: rule.methods ?? [],
    query: (rule.query ?? []).filter((list) => list.length > 0).map((list) => list.map(criterion)),
    position,
  }
}

function criterion({ key, operator, value }: Query): QueryCriterion {
  return { key, operator: operator ?? (value === undefined ? 'present' : 'equal'), value: value ?? '' }
}

function network(text: string): Network {
  const parsed = parseNetwork(text)
  if (!parsed) throw new Error('unvalidated network')
  return parsed
}
