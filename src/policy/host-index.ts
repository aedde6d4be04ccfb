// Which rules concern a host, in file order: exact names by a map, endings by a map of endings, patterns by the ending they demand.
// What was found for a host is remembered (bounded, only for hosts within a cookie domain): the same rules, never a decision.
import { LRUCache } from 'lru-cache'
import type { Claim, DomainEntry } from './domain.ts'
import type { Rule } from './policy.ts'

export interface Candidate {
  readonly rule: Rule
  /** Who must be asking, any of these; undefined when the host matches for everyone. */
  readonly claims: readonly Claim[] | undefined
}

export interface HostRules {
  readonly candidates: readonly Candidate[]
  /** Some candidate has `resources`, so that the path matters. */
  readonly readsPath: boolean
  readonly readsQuery: boolean
}

export interface HostIndex {
  /** `host` in the letter case in which it is to be read. */
  readonly rulesFor: (host: string) => HostRules
}

interface Indexed {
  readonly rule: Rule
  readonly entry: DomainEntry
}

/** Bounds what is remembered: some 16,000 hosts with a few candidates each, or fewer with many. */
const MAX_REMEMBERED = 524_288
const WEIGHT_OF_HOST = 32

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
  const shared = new Map(rules.map((rule) => [rule, { rule, claims: undefined }]))
  const remembered = new LRUCache<string, HostRules>({
    maxSize: MAX_REMEMBERED,
    sizeCalculation: (found) => found.candidates.length + WEIGHT_OF_HOST,
  })
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
    return hostRules(
      [...claims].map(([rule, who]) =>
        who === undefined ? (shared.get(rule) ?? { rule, claims: who }) : { rule, claims: who },
      ),
    )
  }

  return {
    rulesFor: (host) => {
      const known = remembered.get(host)
      if (known !== undefined) return known
      const found = search(host)
      // only in lower case: one host has millions of spellings
      if (isWithin(host, domains)) remembered.set(copy(host), found)
      return found
    },
  }
}

/** In file order, up to the first rule that every request to this host matches. */
function hostRules(found: Candidate[]): HostRules {
  found.sort((a, b) => a.rule.number - b.rule.number)
  const last = found.findIndex(matchesAlways)
  const candidates = last < 0 ? found : found.slice(0, last + 1)
  return {
    candidates,
    readsPath: candidates.some(({ rule }) => rule.resources !== undefined),
    readsQuery: candidates.some(({ rule }) => rule.query !== undefined),
  }
}

function matchesAlways({ rule, claims }: Candidate): boolean {
  return (
    claims === undefined &&
    rule.subject === undefined &&
    rule.networks === undefined &&
    rule.methods === undefined &&
    rule.resources === undefined &&
    rule.query === undefined
  )
}

function isWithin(host: string, domains: readonly string[]): boolean {
  if (host !== host.toLowerCase()) return false
  return domains.some(
    (domain) => host === domain || (host.endsWith(domain) && host[host.length - domain.length - 1] === '.'),
  )
}

/** A string of its own: a slice would keep the whole header that it was cut from. */
function copy(text: string): string {
  return Buffer.from(text).toString()
}
