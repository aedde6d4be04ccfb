// Problems as a compiler prints them: `file:line:column  error  message`, the hint below. Knows no terminal and no colours.
import type { Problem } from '../yaml/problem.ts'

/** Errors and warnings in the order of where they stand; one problem a line, hints indented. No newline at the end. */
export function formatProblems(problems: readonly Problem[]): string {
  return inOrder(problems).map(formatProblem).join('\n')
}

export function formatProblem({ severity, message, hint, position }: Problem): string {
  const place = position
    ? `${position.file}${position.file.startsWith('$') ? '' : `:${position.line}:${position.column}`}  `
    : ''
  return `${place}${severity}  ${message}${hint === undefined ? '' : `\n    ${hint}`}`
}

/** By file in order of appearance, then line and column; what has no place comes first. */
export function inOrder(problems: readonly Problem[]): Problem[] {
  const files = [...new Set(problems.map((problem) => problem.position?.file ?? ''))]
  const rank = (problem: Problem): number => (problem.position ? files.indexOf(problem.position.file) + 1 : 0)
  return problems.toSorted(
    (a, b) =>
      rank(a) - rank(b) ||
      (a.position?.line ?? 0) - (b.position?.line ?? 0) ||
      (a.position?.column ?? 0) - (b.position?.column ?? 0),
  )
}
