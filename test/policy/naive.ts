// The rules of access as the specification tells them, written for reading: no index, no shortcuts, every pattern run by re2js.
// Tests hold the real policy against it.
import { RE2JS } from 're2js'
import { networkContains, parseNetwork } from '../../src/base/ip-address.ts'
import type { AccessControlConfig, QueryCriterion, RuleConfig } from '../../src/config/config.ts'
import type { AccessRequest, Requirement, UserIdentity } from '../../src/policy/model.ts'

export interface NaiveVerdict {
  readonly requirement: Requirement
  readonly rule: number
  readonly hasSubject: boolean
}
type Asker = UserIdentity | undefined

/** Authelia's answer for one reading: `host` and `path` as they are to be read, the path without query. */
export function naiveVerdict(
  config: AccessControlConfig,
  request: AccessRequest,
  asker: Asker,
  host: string,
  path: string,
  patternsSeeQuery: (pattern: string) => boolean,
): NaiveVerdict {
  const query = request.target.query ? `?${request.target.query}` : ''
  for (const [i, rule] of config.rules.entries()) {
    const matches =
      (rule.domain.some((entry) => domainMatches(entry, host, asker)) ||
        rule.domainRegex.some((pattern) => patternMatches(pattern, host, asker))) &&
      (rule.methods.length === 0 || rule.methods.includes(request.method)) &&
      (rule.networks.length === 0 || rule.networks.some((entry) => networkMatches(entry, config, request))) &&
      (rule.subject.length === 0 ||
        asker === undefined ||
        rule.subject.some((all) => all.every((s) => isSubject(s, asker)))) &&
      (rule.resources.length === 0 ||
        rule.resources.some((pattern) =>
          patternMatches(pattern, path + (patternsSeeQuery(pattern) ? query : ''), asker),
        )) &&
      (rule.query.length === 0 ||
        rule.query.some((all) => all.every((one) => queryMatches(one, request.target.query ?? ''))))
    if (matches) return { requirement: rule.policy, rule: i + 1, hasSubject: dependsOnSubject(rule) }
  }
  return { requirement: config.defaultPolicy, rule: 0, hasSubject: false }
}

const fold = (text: string) => text.toLowerCase()

function dependsOnSubject(rule: RuleConfig): boolean {
  return (
    rule.subject.length > 0 ||
    rule.domain.some((entry) => /^\{(user|group)\}/.test(entry)) ||
    [...rule.domainRegex, ...rule.resources].some((pattern) => /\(\?P<(User|Group)>/.test(pattern))
  )
}

function domainMatches(written: string, host: string, asker: Asker): boolean {
  const entry = fold(written)
  if (entry.startsWith('*.')) return fold(host).endsWith(entry.slice(1))
  const placeholder = /^\{(user|group)\}/.exec(entry)
  if (!placeholder) return fold(host) === entry
  const rest = entry.slice(placeholder[0].length)
  if (asker === undefined) return fold(host).endsWith(rest) && host.length > rest.length
  if (placeholder[1] === 'user') return host === asker.username + rest
  const dot = host.indexOf('.')
  return dot >= 0 && host.slice(dot) === rest && asker.groups.some((group) => fold(group) === fold(host.slice(0, dot)))
}

const compiled = new Map<string, RE2JS>()
function patternMatches(pattern: string, text: string, asker: Asker): boolean {
  const re = compiled.get(pattern) ?? RE2JS.compile(pattern)
  compiled.set(pattern, re)
  const matcher = re.matcher(text)
  if (!matcher.find()) return false
  if (asker === undefined) return true
  const groups = matcher.getNamedGroups()
  if ('User' in groups && fold(groups['User'] ?? '') !== fold(asker.username)) return false
  return !('Group' in groups) || asker.groups.some((own) => fold(own) === fold(groups['Group'] ?? ''))
}

function networkMatches(entry: string, config: AccessControlConfig, request: AccessRequest): boolean {
  const named = config.networks[entry]
  const networks = named ?? [parseNetwork(entry)]
  return networks.some((network) => network !== undefined && networkContains(network, request.clientAddress))
}

function isSubject(text: string, asker: UserIdentity): boolean {
  const name = text.slice(text.indexOf(':') + 1).trim()
  return text.startsWith('user:') ? name === asker.username : text.startsWith('group:') && asker.groups.includes(name)
}

/** First value of the key, as Authelia takes it. */
function queryMatches(one: QueryCriterion, query: string): boolean {
  const pairs = query.split('&').filter((pair) => pair !== '' && !/;|%(?![0-9A-Fa-f]{2})/.test(pair))
  const values = new URLSearchParams(pairs.join('&')).getAll(one.key)
  const value = values[0] ?? ''
  switch (one.operator) {
    case 'present':
      return values.length > 0
    case 'absent':
      return values.length === 0
    case 'equal':
      return value === one.value
    case 'not equal':
      return value !== one.value
    case 'pattern':
      return RE2JS.compile(one.value).matcher(value).find()
    case 'not pattern':
      return !RE2JS.compile(one.value).matcher(value).find()
  }
}
