// All that is to be said about the access rules of a configuration that is valid: what loading it warned of, and what the lint finds.
import type { Loaded } from '../../config/load.ts'
import { pathOf } from '../../config/places.ts'
import { inOrder } from '../../config/problem-text.ts'
import { lintRules } from '../../policy/lint/lint.ts'
import type { Problem } from '../../yaml/problem.ts'
import type { People } from './rules-command.ts'

/** Warnings for which the lint has a finding of its own that knows more. */
const LINT_KNOWS_BETTER = new Set(['unreachable-rule', 'open-by-default'])

/** @param people undefined: the users aren't known, and subjects are not looked up */
export function lintConfiguration(
  { config, warnings, placeOf }: Extract<Loaded, { kind: 'ok' }>,
  people: People | undefined,
): readonly Problem[] {
  const findings = lintRules(config.accessControl, {
    portalHosts: config.session.cookies.flatMap(({ portalUrl }) => (portalUrl ? [new URL(portalUrl).hostname] : [])),
    people: people && { users: new Set(people.keys()), groups: new Set([...people.values()].flat()) },
  })
  const told = warnings.filter(({ path, code }) => path?.startsWith('access_control') && !LINT_KNOWS_BETTER.has(code))
  return inOrder([
    ...told,
    ...findings.map(({ code, at, message, hint }): Problem => {
      const position = placeOf(at)
      return { severity: 'warning', code, message, hint, path: pathOf(at), ...(position && { position }) }
    }),
  ])
}
