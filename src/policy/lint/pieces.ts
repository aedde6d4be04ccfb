// A rule taken apart: of each criterion the entries of which one must be met. A combination of one piece a criterion is what an earlier rule can
// decide as a whole.
import { type Network, parseNetwork } from '../../base/ip-address.ts'
import type { AccessControlConfig, RuleConfig } from '../../config/config.ts'
import type { DomainEntry } from '../domain.ts'
import type { Pattern } from '../pattern.ts'
import type { Rule, SubjectTerm } from '../policy.ts'
import type { TextShape } from '../text-test.ts'
import { ANY_TEXT, exactly, languageOf, type TextLanguage } from './text-language.ts'

export interface Piece<T> {
  /** Below the rule, as a JSON pointer: `/domain/0`. */
  readonly at: string
  readonly value: T
}

export interface DomainPiece {
  /** The same for entries that mean the same. */
  readonly key: string
  readonly entry: DomainEntry
  /** Hosts in lower case for a `domain`, in the pattern's own letter case for a `domain_regex`. */
  readonly language: TextLanguage
  readonly lowerCase: TextLanguage
}
export interface ResourcePiece {
  readonly pattern: Pattern
  readonly language: TextLanguage
}

/** An undefined criterion is met by everything; one without pieces by nothing. */
export interface Pieces {
  readonly rule: Rule
  readonly domain: readonly Piece<DomainPiece>[]
  readonly methods: readonly Piece<string>[] | undefined
  readonly networks: readonly Piece<readonly Network[]>[] | undefined
  readonly subject: readonly Piece<readonly SubjectTerm[]>[] | undefined
  readonly resources: readonly Piece<ResourcePiece>[] | undefined
}

export function piecesOf(rule: Rule, config: RuleConfig, named: AccessControlConfig['networks']): Pieces {
  const { methods, networks, subject, resources } = rule.criteria
  const names = config.domain.length
  return {
    rule,
    domain: rule.domains.map((entry, i) => ({
      at: i < names ? `/domain/${i}` : `/domain_regex/${i - names}`,
      value: domainPiece(entry),
    })),
    methods: methods && at('methods', methods),
    networks:
      networks &&
      at(
        'networks',
        config.networks.map((entry) => resolve(entry, named)),
      ).filter(({ value }) => value.length > 0),
    subject: subject && at('subject', subject),
    resources:
      resources &&
      at(
        'resources',
        resources.map((pattern) => ({ pattern, language: languageOf(pattern.source) })),
      ),
  }
}

const at = <T>(key: string, values: readonly T[]): readonly Piece<T>[] =>
  values.map((value, i) => ({ at: `/${key}/${i}`, value }))

function domainPiece(entry: DomainEntry): DomainPiece {
  const language = hostsOf(entry)
  const lower = (shape: TextShape): TextShape => ({ ...shape, text: shape.text.toLowerCase() })
  const lowerCase = { exact: language.exact?.map(lower), hulls: language.hulls.map(lower) }
  const { kind, text } = entry
  const key = `${kind} ${kind === 'domain' ? text.toLowerCase() : text}`
  return { key, entry, language, lowerCase }
}

function hostsOf({ kind, text, reach }: DomainEntry): TextLanguage {
  if (kind === 'domain_regex') return languageOf(text)
  return exactly(
    reach.kind === 'host'
      ? { from: 'here', text: reach.text, to: 'here' }
      : { ...ANY_TEXT, text: reach.text, to: 'here' },
  )
}

function resolve(entry: string, named: AccessControlConfig['networks']): readonly Network[] {
  if (Object.hasOwn(named, entry)) return named[entry] ?? []
  const network = parseNetwork(entry)
  return network ? [network] : []
}
