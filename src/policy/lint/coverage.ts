// Whether a rule decides everything that a combination of another rule's pieces would match. Only what is proven for every request is claimed.
import type { Network } from '../../base/ip-address.ts'
import type { SubjectTerm } from '../policy.ts'
import type { TextShape } from '../text-test.ts'
import type { DomainPiece, Piece, Pieces, ResourcePiece } from './pieces.ts'
import { ANY_TEXT, exactly, includesLanguage } from './text-language.ts'

/** Which requests are asked about. */
export interface Scope {
  /** Also hosts in capital letters, empty paths and line breaks in paths. */
  readonly odd: boolean
  /** Only people who haven't signed in: each of them may be whoever a rule means. */
  readonly anonymousOnly: boolean
}

/** One piece of each criterion that the rule has; several where they would be too many to look at one by one. */
export interface Combination {
  readonly domain: readonly Piece<DomainPiece>[]
  readonly methods: readonly Piece<string>[] | undefined
  readonly networks: readonly Piece<readonly Network[]>[] | undefined
  readonly subject: readonly Piece<readonly SubjectTerm[]>[] | undefined
  readonly resources: readonly Piece<ResourcePiece>[] | undefined
}

/** A rule with `query` covers nothing: where servers disagree on the query it may match or not. */
export function covers(rule: Pieces, one: Combination, scope: Scope): boolean {
  return (
    rule.rule.criteria.query === undefined &&
    coversMethods(rule, one) &&
    one.domain.every(({ value }) => rule.domain.some((own) => domainCovers(own.value, value, scope))) &&
    (scope.anonymousOnly || coversSubject(rule, one)) &&
    coversNetworks(rule, one) &&
    coversResources(rule, one, scope)
  )
}

function coversMethods({ methods }: Pieces, one: Combination): boolean {
  if (methods === undefined) return true
  return one.methods?.every(({ value }) => methods.some((own) => own.value === value)) === true
}

/** Of a list of terms all must be met, so the shorter list matches more. */
function coversSubject({ subject }: Pieces, one: Combination): boolean {
  if (subject === undefined) return true
  const has = (list: readonly SubjectTerm[], term: SubjectTerm) =>
    list.some(({ kind, name }) => kind === term.kind && name === term.name)
  return one.subject?.every(({ value }) => subject.some((own) => own.value.every((term) => has(value, term)))) === true
}

const EVERY_ADDRESS: readonly Pick<Network, 'family' | 'first' | 'last'>[] = [
  { family: 4, first: 0n, last: (1n << 32n) - 1n },
  { family: 6, first: 0n, last: (1n << 128n) - 1n },
]

function coversNetworks({ networks }: Pieces, one: Combination): boolean {
  if (networks === undefined) return true
  const own = networks.flatMap(({ value }) => value).toSorted((a, b) => (a.first < b.first ? -1 : 1))
  const wanted = one.networks?.flatMap(({ value }) => value) ?? EVERY_ADDRESS
  return wanted.every(({ family, first, last }) => {
    let next = first
    for (const network of own) {
      if (network.family !== family || network.last < next) continue
      if (network.first > next) return false
      next = network.last + 1n
      if (next > last) return true
    }
    return false
  })
}

function domainCovers(own: DomainPiece, other: DomainPiece, { odd, anonymousOnly }: Scope): boolean {
  if (own.key === other.key) return true
  if (own.entry.dependsOnIdentity && !anonymousOnly) return false
  if (own.entry.kind === 'domain')
    return (
      includesLanguage(own.language, other.lowerCase, false) && (!own.entry.dependsOnIdentity || leavesRoom(own, other))
    )
  // a pattern sees the letter case in which the host was sent, names don't
  const sees = other.entry.kind === 'domain_regex' || !odd ? undefined : withoutLetters
  return includesLanguage(own.language, other.language, false, sees)
}

/** A placeholder stands for one character at least. */
function leavesRoom(own: DomainPiece, other: DomainPiece): boolean {
  const rest = own.entry.reach.text
  return rest.startsWith('.') || other.language.exact?.every(({ text }) => text.length > rest.length) === true
}

const withoutLetters = ({ text }: TextShape): boolean => text.toLowerCase() === text.toUpperCase()

const EVERY_PATH = exactly(ANY_TEXT)
const EVERY_ORDINARY_PATH = exactly({ from: 'here', text: '/', to: 'open' })

function coversResources({ resources }: Pieces, one: Combination, { odd }: Scope): boolean {
  if (resources === undefined) return true
  if (one.resources === undefined) {
    const every = odd ? EVERY_PATH : EVERY_ORDINARY_PATH
    return resources.some(({ value }) => !value.pattern.namesIdentity && includesLanguage(value.language, every, odd))
  }
  return one.resources.every(({ value }) => resources.some((own) => resourceCovers(own.value, value, odd)))
}

/** Patterns that name the '?' see path and query, others also the path alone, which is the beginning of that. */
function resourceCovers(own: ResourcePiece, other: ResourcePiece, odd: boolean): boolean {
  if (own.pattern.source === other.pattern.source) return true
  if (own.pattern.namesIdentity) return false
  const sees =
    own.pattern.namesQuery === other.pattern.namesQuery
      ? undefined
      : own.pattern.namesQuery
        ? openEnded(odd)
        : isBeginning(odd)
  return includesLanguage(own.language, other.language, odd, sees)
}

/** Still fits when something is appended. */
const openEnded =
  (odd: boolean) =>
  ({ to }: TextShape): boolean =>
    to === 'open' || to === 'all' || (to === 'line' && !odd)
/** Fits by its beginning alone. Its text has no '?', so it lies before the query. */
const isBeginning =
  (odd: boolean) =>
  (shape: TextShape): boolean =>
    openEnded(odd)(shape) && (shape.from === 'here' || shape.text === '')
