// An explanation of the policy as lines for people: the rules with their criteria, and the answer in a sentence.
import type { Explanation, ReadingExplanation, RuleExplanation } from '../../policy/explain.ts'
import type { Decision, Level, RuleNumber } from '../../policy/model.ts'
import { count } from '../terminal/table.ts'

export interface ExplanationTextOptions {
  /** Also rules about other hosts, rules behind the one that decides, and every reading in full. */
  readonly verbose: boolean
  /** Where a rule stands; '' when nobody knows. */
  readonly placeOf: (rule: RuleNumber) => string
  /** Who asks, as in `john has signed in with two_factor`. */
  readonly who: { readonly name: string | undefined; readonly level: Level }
}

export const LEVEL_NAMES = ['none', 'one_factor', 'two_factor'] as const

/** Without a newline at the end. */
export function explanationText(explanation: Explanation, options: ExplanationTextOptions): string {
  const { decision, readings } = explanation
  const deciding = readings.find(({ rule }) => rule === decision.verdict.rule) ?? readings[0]
  const shown = options.verbose ? readings : deciding ? [deciding] : []
  const several = readings.length > 1
  return [
    ...(several ? [readingsText(readings), ''] : []),
    ...shown.flatMap((reading) => [
      ...(several ? [`Read as ${JSON.stringify(reading.host + reading.path)}:`] : []),
      ...rulesText(reading, options),
      '',
    ]),
    decisionText(decision, options),
  ].join('\n')
}

function readingsText(readings: readonly ReadingExplanation[]): string {
  const lines = readings.map(
    ({ host, path, rule, requirement }) => `  ${JSON.stringify(host + path)}  ${requirement} ${byRule(rule)}`,
  )
  return [`The address can be read in ${readings.length} ways; the strictest counts:`, ...lines].join('\n')
}

function rulesText(reading: ReadingExplanation, options: ExplanationTextOptions): readonly string[] {
  const lines: string[] = []
  let elsewhere = 0
  let behind = 0
  for (const rule of reading.rules) {
    if (!options.verbose && rule.criteria[0]?.outcome === 'miss') elsewhere++
    else if (!options.verbose && reading.rule !== 0 && rule.rule > reading.rule) behind++
    else lines.push(...ruleText(rule, reading.rule, options))
  }
  if (elsewhere > 0) lines.push(`  ${count(elsewhere, 'rule')} for other hosts, not shown`)
  if (behind > 0) lines.push(`  ${count(behind, 'rule')} behind it, not asked`)
  return lines
}

function ruleText(
  { rule, requirement, outcome, criteria }: RuleExplanation,
  deciding: RuleNumber,
  options: ExplanationTextOptions,
): readonly string[] {
  const mark = rule === deciding ? '*' : outcome === 'may-be' ? '~' : ' '
  return [
    `${mark} ${String(rule).padStart(3)}  ${requirement.padEnd(10)}  ${outcome.padEnd(6)}  ${options.placeOf(rule)}`.trimEnd(),
    ...criteria.map((one) => `         ${one.criterion.padEnd(9)}  ${one.outcome.padEnd(6)}  ${one.why}`),
  ]
}

function decisionText(decision: Decision, { placeOf, who }: ExplanationTextOptions): string {
  const { verdict } = decision
  const place = placeOf(verdict.rule)
  const by = verdict.rule === 0 ? 'default_policy' : `rule ${verdict.rule}${place === '' ? '' : ` (${place})`}`
  const known =
    who.name === undefined ? 'nobody has signed in' : `${who.name} has signed in with ${LEVEL_NAMES[who.level]}`
  switch (decision.reason) {
    case 'bypass':
      return `allow: ${by} opens it to everybody.`
    case 'level-sufficient':
      return `allow: ${by} demands ${verdict.requirement}, and ${known}.`
    case 'level-insufficient':
      return `challenge: ${by} demands ${verdict.requirement}, and ${known}.`
    case 'subject-unknown':
      return `challenge: ${by} denies it depending on who asks, and ${known}.`
    case 'denied-by-rule':
      return `deny: ${by} denies it.`
    case 'denied-by-default':
      return 'deny: no rule matches, and default_policy is deny.'
    case 'unreadable-path':
      return 'deny: rules look at the path, and it has no reading that could be trusted.'
  }
}

const byRule = (rule: RuleNumber): string => (rule === 0 ? 'by default' : `by rule ${rule}`)
