// Rules, people and requests as tests write them: the layout of the configuration file, one line a thing.
import { ok } from 'node:assert/strict'
import { parseIpAddress, parseNetwork } from '../../src/base/ip-address.ts'
import type { AccessControlConfig, QueryCriterion, RuleConfig } from '../../src/config/config.ts'
import { compilePolicy } from '../../src/policy/compile.ts'
import { type AccessRequest, ANONYMOUS, type Identity, type Level, type Requirement } from '../../src/policy/model.ts'
import type { Policy } from '../../src/policy/policy.ts'

type OneOrMany<T> = T | readonly T[]
export interface WrittenRule {
  readonly domain?: OneOrMany<string>
  readonly domain_regex?: OneOrMany<string>
  readonly policy: Requirement
  readonly subject?: OneOrMany<string | readonly string[]>
  readonly networks?: OneOrMany<string>
  readonly resources?: OneOrMany<string>
  readonly methods?: readonly string[]
  readonly query?: readonly (readonly Partial<QueryCriterion>[])[]
}

const list = <T>(value: OneOrMany<T> | undefined): readonly T[] =>
  value === undefined ? [] : Array.isArray(value) ? value : [value as T]

export function ruleConfig(rule: WrittenRule): RuleConfig {
  return {
    domain: list(rule.domain),
    domainRegex: list(rule.domain_regex),
    policy: rule.policy,
    subject: list(rule.subject).map((all) => list(all)),
    networks: list(rule.networks),
    resources: list(rule.resources),
    methods: list(rule.methods),
    query: (rule.query ?? []).map((all) =>
      all.map(({ key = '', value = '', operator = value === '' ? 'present' : 'equal' }) => ({ key, value, operator })),
    ),
    position: undefined,
  }
}

export function accessControl(
  rules: readonly WrittenRule[],
  defaultPolicy: Requirement = 'deny',
  networks: Readonly<Record<string, readonly string[]>> = {},
): AccessControlConfig {
  const named = Object.entries(networks).map(([name, entries]) => [name, entries.map(network)] as const)
  return { defaultPolicy, rules: rules.map(ruleConfig), networks: Object.fromEntries(named) }
}

export function policyOf(rules: readonly WrittenRule[], defaultPolicy: Requirement = 'deny'): Policy {
  return compilePolicy(accessControl(rules, defaultPolicy), ['example.com', 'example.org'])
}

export function user(username: string, groups: readonly string[] = [], level: Level = 2): Identity {
  return { kind: 'user', username, groups, displayName: username, emails: [], level }
}

/** 'anon', or a name of `people` and a level: `john1`. */
export function person(text: string, people: Readonly<Record<string, readonly string[]>>): Identity {
  if (text === 'anon') return ANONYMOUS
  const [, name = '', level = '2'] = /^(.*?)([012])?$/.exec(text) ?? []
  ok(people[name], `nobody is called ${name}`)
  return user(name, people[name], Number(level) as Level)
}

export function request(url: string, method = 'GET', ip = '203.0.113.9'): AccessRequest {
  const [, scheme, host = '', port, path = '', query] =
    /^(https?):\/\/([^/?:]*)(?::(\d+))?([^?]*)(?:\?(.*))?$/s.exec(url) ?? []
  ok(scheme === 'https' || scheme === 'http', url)
  const clientAddress = parseIpAddress(ip)
  ok(clientAddress, ip)
  return { target: { scheme, host, port, path, query, url }, method, clientAddress }
}

function network(text: string) {
  const parsed = parseNetwork(text)
  ok(parsed, text)
  return parsed
}
