// One thing that looks like a mistake in the access rules: where, what it leads to, what to do. Rules with findings are valid and served.
import type { RuleNumber } from '../model.ts'

/** Stable; explained in docs/reference/rules-lint.md. */
export type LintCode =
  | 'unreachable-rule'
  | 'duplicate-rule'
  | 'unreachable-entry'
  | 'shadowed-rule'
  | 'shadowed-entry'
  | 'bypass-behind-subject'
  | 'never-matches'
  | 'unknown-user'
  | 'unknown-group'
  | 'impossible-subject'
  | 'group-not-a-label'
  | 'literal-placeholder'
  | 'portal-rule'
  | 'unanchored-pattern'
  | 'unescaped-dot'
  | 'capital-letters'
  | 'query-without-mark'
  | 'bypass-prefix'
  | 'bypass-any-path'
  | 'bypass-every-host'
  | 'bypass-by-query'
  | 'network-everywhere'
  | 'network-host-bits'
  | 'default-policy-open'

export interface Finding {
  readonly code: LintCode
  /** 0 is the default policy. */
  readonly rule: RuleNumber
  /** JSON pointer into the configuration: `/access_control/rules/0/domain/1`. */
  readonly at: string
  readonly message: string
  readonly hint: string
}

export const quoted = (text: string): string => JSON.stringify(text)

/** `rule 3`, `rules 3 and 5`, `rules 3, 4 and 5`. */
export function namesOf(rules: readonly RuleNumber[]): string {
  const last = rules.at(-1)
  return rules.length < 2 ? `rule ${last}` : `rules ${rules.slice(0, -1).join(', ')} and ${last}`
}
