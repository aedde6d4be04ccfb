// Rules, and entries of rules, that are never reached because earlier rules decide everything they match.
import type { RuleNumber } from '../model.ts'
import { type Combination, covers, type Scope } from './coverage.ts'
import { EarlierRules } from './earlier-rules.ts'
import type { Piece, Pieces } from './pieces.ts'

export interface Shadowed {
  readonly rule: RuleNumber
  /** Below the rule, as a JSON pointer; '' is the rule as a whole. */
  readonly at: string
  /** The earlier rules that decide instead, in file order. */
  readonly by: readonly RuleNumber[]
}

/** What is never reached among the requests in scope. A rule that is shadowed as a whole is told once, without its entries. */
export function findShadowed(rules: readonly Pieces[], scope: Scope): readonly Shadowed[] {
  const earlier = new EarlierRules()
  return rules.flatMap((rule) => {
    const shadows = shadowsOn(rule, earlier, scope)
    earlier.add(rule)
    return shadows
  })
}

function shadowsOn(rule: Pieces, earlier: EarlierRules, scope: Scope): readonly Shadowed[] {
  const combinations = combinationsOf(rule)
  if (combinations.length === 0) return []
  const candidates = new Map(rule.domain.map(({ value }) => [value, earlier.mayCover(value)]))
  const by = combinations.map((one) => {
    const domain = one.domain[0]?.value
    return domain && candidates.get(domain)?.find((other) => covers(other, one, scope))?.rule.number
  })
  const number = rule.rule.number
  if (by.every((one) => one !== undefined)) return [{ rule: number, at: '', by: inOrder(by) }]
  const entries = CRITERIA.flatMap((criterion) => {
    const pieces: readonly Piece<unknown>[] = rule[criterion] ?? []
    return pieces.length < 2 ? [] : pieces.map((piece) => ({ criterion, piece }))
  })
  return entries.flatMap(({ criterion, piece }) => {
    const found = by.filter((_, i) => combinations[i]?.[criterion]?.some((one) => one === piece))
    const decided = found.filter((one) => one !== undefined)
    return decided.length === found.length ? [{ rule: number, at: piece.at, by: inOrder(decided) }] : []
  })
}

const inOrder = (numbers: readonly RuleNumber[]): readonly RuleNumber[] => [...new Set(numbers)].sort((a, b) => a - b)

const CRITERIA = ['domain', 'methods', 'networks', 'subject', 'resources'] as const
/** Beyond this many a criterion is looked at as a whole. */
const MAX_COMBINATIONS = 256

function combinationsOf(rule: Pieces): readonly Combination[] {
  const choices: Record<keyof Combination, readonly Combination[keyof Combination][]> = {
    domain: [],
    methods: [],
    networks: [],
    subject: [],
    resources: [],
  }
  let count = 1
  for (const criterion of CRITERIA) {
    const pieces = rule[criterion] as readonly Piece<never>[] | undefined
    if (pieces === undefined) choices[criterion] = [undefined]
    else if (count * pieces.length > MAX_COMBINATIONS) choices[criterion] = [pieces]
    else choices[criterion] = pieces.map((piece) => [piece])
    count *= choices[criterion].length
  }
  let ways: Partial<Combination>[] = [{}]
  for (const criterion of CRITERIA)
    ways = ways.flatMap((way) => choices[criterion].map((choice) => ({ ...way, [criterion]: choice })))
  return ways as Combination[]
}
