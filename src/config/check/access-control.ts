// Checks of access_control and the named networks: what a rule must say, and what it may not combine.
import { parseNetwork } from '../../base/ip-address.ts'
import { mapInSteps, type Steps } from '../../base/steps.ts'
import type { CompleteConfig } from '../complete.generated.ts'
import { regexError } from '../format/formats.ts'
import { type Pointer, step } from '../places.ts'
import type { Report } from '../report.ts'
import type { CheckContext } from './context.ts'
import { warnAboutRules } from './rule-warnings.ts'

export type Rule = CompleteConfig['access_control']['rules'][number]
type Query = NonNullable<Rule['query']>[number][number]

const RULES = '/access_control/rules'

export function* checkAccessControl(context: CheckContext): Steps<void> {
  const { config, report } = context
  const { rules, default_policy: defaultPolicy } = config.access_control
  if (rules.length === 0 && !report.isSpoiled(RULES) && !report.isSpoiled('/access_control/default_policy')) {
    if (defaultPolicy === 'deny' || defaultPolicy === 'bypass') {
      report.error(
        'no-rules',
        '/access_control',
        `has no rules, so default_policy must be one_factor or two_factor, not ${defaultPolicy}`,
        'Write access_control.rules, or set default_policy.',
      )
    } else {
      report.warning('no-rules', '/access_control', `has no rules; default_policy ${defaultPolicy} applies everywhere`)
    }
  }
  if (rules.length > 0 && defaultPolicy === 'bypass') {
    const hint = 'Set it to deny and write rules for what is to be open.'
    report.warning('open-by-default', '/access_control/default_policy', 'bypass opens everything no rule is for', hint)
  }
  const names = checkNetworks(context)
  yield* mapInSteps(rules, (rule, index) => checkRule(rule, step(RULES, index), names, report))
  yield* warnAboutRules(context)
}

const NAME = /^[a-zA-Z0-9](?:[a-zA-Z0-9/_.:~-]*[a-zA-Z0-9])?$/

/** Returns the names that rules may use. */
function checkNetworks({ config, report }: CheckContext): ReadonlySet<string> {
  const names = new Set(Object.keys(config.definitions.network ?? {}))
  for (const name of names) {
    if (NAME.test(name)) continue
    const at = step('/definitions/network', name)
    report.error(
      'wrong-name',
      at,
      'must be a name of letters, digits and /_.:~-, beginning and ending with a letter or digit',
    )
  }
  for (const [index, network] of (config.access_control.networks ?? []).entries()) {
    const at = step('/access_control/networks', index)
    if (network.name === undefined) continue
    if (names.has(network.name)) report.error('duplicate', at, `defines the network ${network.name} a second time`)
    names.add(network.name)
  }
  return names
}

function checkRule(rule: Rule, at: Pointer, networks: ReadonlySet<string>, report: Report): void {
  const domains = [...(rule.domain ?? []), ...(rule.domain_regex ?? [])]
  if (domains.length === 0 && !report.isSpoiled(`${at}/domain`) && !report.isSpoiled(`${at}/domain_regex`)) {
    report.missing(at, 'needs a domain or domain_regex')
  }
  if (rule.policy === 'bypass') checkBypass(rule, at, report)
  checkSubjects(rule, at, report)
  for (const [index, network] of (rule.networks ?? []).entries()) {
    if (networks.has(network) || parseNetwork(network)) continue
    report.error(
      'wrong-format',
      step(`${at}/networks`, index),
      `${JSON.stringify(network)} is neither an address, a network nor a name of definitions.network`,
      networks.size > 0 ? `Names are: ${[...networks].join(', ')}.` : 'Networks look like 10.0.0.0/8.',
    )
  }
  const methods = new Set<string>()
  for (const [index, method] of (rule.methods ?? []).entries()) {
    if (methods.has(method)) report.error('duplicate', step(`${at}/methods`, index), `repeats ${method}`)
    methods.add(method)
  }
  for (const [outer, list] of (rule.query ?? []).entries()) {
    for (const [inner, query] of list.entries()) checkQuery(query, step(step(`${at}/query`, outer), inner), report)
  }
}

/** Nobody is asked who he is under bypass, so nothing that depends on it can be demanded. */
function checkBypass(rule: Rule, at: Pointer, report: Report): void {
  if ((rule.subject ?? []).some((list) => list.length > 0)) {
    report.error(
      'bypass-with-identity',
      `${at}/policy`,
      'must not be bypass in a rule with a subject',
      'Without signing in there is no user. Use one_factor, or remove the subject.',
    )
  }
  if ((rule.domain_regex ?? []).some((pattern) => /\(\?P?<(?:User|Group)>/.test(pattern))) {
    report.error(
      'bypass-with-identity',
      `${at}/policy`,
      'must not be bypass in a rule whose domain_regex has a group named User or Group',
      'Without signing in there is no user. Use one_factor.',
    )
  }
}

function checkSubjects(rule: Rule, at: Pointer, report: Report): void {
  for (const [outer, list] of (rule.subject ?? []).entries()) {
    for (const [inner, subject] of list.entries()) {
      if (/^(?:user|group):/.test(subject)) continue
      const here = step(step(`${at}/subject`, outer), inner)
      if (subject.startsWith('oauth2:client:')) {
        report.error('not-built-yet', here, 'names an OAuth 2.0 client; there are none yet')
      } else {
        report.error('wrong-value', here, `must begin with user: or group:, not ${JSON.stringify(subject)}`)
      }
    }
  }
}

function checkQuery(query: Query, at: Pointer, report: Report): void {
  const operator = query.operator ?? (query.value === undefined ? 'present' : 'equal')
  if (report.isSpoiled(at)) return
  if (operator === 'present' || operator === 'absent') {
    if (query.value) report.error('wrong-value', `${at}/value`, `must not be there with the operator ${operator}`)
  } else if (query.value === undefined) {
    report.missing(`${at}/value`, `is required with the operator ${operator}`)
  } else if (operator === 'pattern' || operator === 'not pattern') {
    const wrong = regexError(query.value)
    if (wrong !== undefined) report.error('wrong-format', `${at}/value`, `is ${wrong}`)
  }
}
