// Which rules concern a host, in file order: exact names by a map, endings by a map of endings, patterns by the ending they demand.
// What was found for a host is remembered (bounded, only for hosts within a cookie domain): the same rules, never a decision.
import { Generations } from '../base/generations.ts'
import type { Claim, DomainEntry } from './domain.ts'
import type { Criteria, Rule } from './policy.ts'

/** The rules that can match on a host. */
export interface HostRules {
  readonly first: HostRule | undefined
  readonly count: number
  /** Some rule has `resources`, so that the path matters. */
  readonly readsPath: boolean
  readonly readsQuery: boolean
}

/** One of them, a list in file order. All that is asked first lies in one place: a rule that isn't met costs no look at the rule itself. */
export interface HostRule {
  readonly criteria: Criteria
  /** Who must be asking, any of these; undefined when the host matches for everyone. */
  readonly claims: readonly Claim[] | undefined
  readonly rule: Rule
  readonly next: HostRule | undefined
}

export interface HostIndex {
  /** `host` in the letter case in which it is to be read. */
  readonly rulesFor: (host: string) => HostRules
}

/** Of what is remembered: some 16,000 hosts with a few rules each, or fewer with many. */
const MAX_WEIGHT = 524_288
const WEIGHT_OF_HOST = 32
/** Hosts that were asked for once lately: fewer than a flood asks for, and so many in each row that hosts asked for in turn don't drive each other out. */
const SEEN = 4096
const IN_ROW = 4

interface Indexed {
  readonly rule: Rule
  readonly entry: DomainEntry
}

export function buildHostIndex(rules: readonly Rule[], cookieDomains: readonly string[]): HostIndex {
  const hosts = new Map<string, Indexed[]>()
  const endings = new Map<string, Indexed[]>()
  for (const rule of rules)
    for (const entry of rule.domains) {
      const map = entry.reach.kind === 'host' ? hosts : endings
      const known = map.get(entry.reach.text)
      if (known) known.push({ rule, entry })
      else map.set(entry.reach.text, [{ rule, entry }])
    }
  const lengths = [...new Set([...endings.keys()].map((text) => text.length))]
  const remembered = new Generations<string, HostRules>({
    capacity: MAX_WEIGHT,
    weigh: (found) => found.count + WEIGHT_OF_HOST,
  })
  const seen = new Uint32Array(SEEN)
  /**
   * A host that is asked for once, as in a flood of made-up names, isn't worth remembering: it would only drive others out, and leave garbage among
   * what is old, where it is collected late. Equal hashes do no harm.
   */
  const isSeenAgain = (host: string): boolean => {
    const hash = hashOf(host)
    const row = (hash % (SEEN / IN_ROW)) * IN_ROW
    for (let place = row; place < row + IN_ROW; place++) if (seen[place] === hash) return true
    seen.copyWithin(row + 1, row, row + IN_ROW - 1)
    seen[row] = hash
    return false
  }
  const domains = cookieDomains.map((domain) => domain.toLowerCase())

  const search = (host: string): HostRules => {
    const lower = host.toLowerCase()
    const found: Indexed[][] = []
    const exact = hosts.get(lower)
    if (exact) found.push(exact)
    for (const length of lengths) {
      const ending = length <= lower.length ? endings.get(lower.slice(lower.length - length)) : undefined
      if (ending) found.push(ending)
    }
    const claims = new Map<Rule, Claim[] | undefined>()
    for (const list of found)
      for (const { rule, entry } of list) {
        const known = claims.get(rule)
        if (known === undefined && claims.has(rule)) continue
        const match = entry.match(host)
        if (match === 'anyone') claims.set(rule, undefined)
        else if (match !== undefined) claims.set(rule, known ? [...known, match] : [match])
      }
    return hostRules(claims)
  }

  return {
    rulesFor: (host) => {
      const known = remembered.get(host)
      if (known !== undefined) return known
      const found = search(host)
      // A string of its own: a slice would keep the whole header that it was cut from.
      if (isWithin(host, domains) && isSeenAgain(host)) remembered.set(Buffer.from(host).toString(), found)
      return found
    },
  }
}

/** The rules of a list, in file order. */
export function* rulesOf({ first }: HostRules): Generator<Rule> {
  for (let one = first; one !== undefined; one = one.next) yield one.rule
}

/** FNV-1a, 32 bits. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return hash >>> 0
}

/** In file order, up to the first rule that every request to this host matches. */
function hostRules(claims: ReadonlyMap<Rule, readonly Claim[] | undefined>): HostRules {
  const found = [...claims.keys()].sort((a, b) => a.number - b.number)
  const last = found.findIndex((rule) => claims.get(rule) === undefined && matchesAlways(rule.criteria))
  const rules = last < 0 ? found : found.slice(0, last + 1)
  return {
    first: rules.reduceRight<HostRule | undefined>(
      (next, rule) => ({ criteria: rule.criteria, claims: claims.get(rule), rule, next }),
      undefined,
    ),
    count: rules.length,
    readsPath: rules.some(({ criteria }) => criteria.resources !== undefined),
    readsQuery: rules.some(({ criteria }) => criteria.query !== undefined),
  }
}

/** Once the host has matched. */
function matchesAlways({ subject, networks, methods, resources, query }: Criteria): boolean {
  return (subject ?? networks ?? methods ?? resources ?? query) === undefined
}

function isWithin(host: string, domains: readonly string[]): boolean {
  return domains.some(
    (domain) => host === domain || (host.endsWith(domain) && host[host.length - domain.length - 1] === '.'),
  )
}
