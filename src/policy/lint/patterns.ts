// Patterns that match more than they seem to, or nothing.
import { anyNode, mentions, parseRe2, requiredPrefix, type Syntax } from '../re2-syntax.ts'
import { type Finding, quoted } from './finding.ts'
import type { LintedRule } from './lint.ts'

export function lintPatterns(rule: LintedRule): readonly Finding[] {
  const { domainRegex, resources } = rule.config
  return [
    ...domainRegex.flatMap((source, i) => lintHostPattern(rule, source, `/domain_regex/${i}`)),
    ...resources.flatMap((source, i) => lintResource(rule, source, `/resources/${i}`)),
  ]
}

function lintHostPattern({ find }: LintedRule, source: string, at: string): readonly Finding[] {
  const tree = parseRe2(source)
  if (tree === undefined) return []
  if (anyNode(tree, (node) => node.kind === 'text' && /[/:]/.test(node.text)))
    return [
      find(
        'never-matches',
        at,
        `${quoted(source)} fits no host: it is held against the name only`,
        'Leave out scheme, port and path; `resources` is for paths.',
      ),
    ]
  const findings: Finding[] = []
  const open = [beginsAnchored(tree) ? [] : '^ at the beginning', endsAnchored(tree) ? [] : '$ at the end'].flat()
  if (open.length > 0)
    findings.push(
      find(
        'unanchored-pattern',
        at,
        `${quoted(source)} is found anywhere in a host, so it matches longer names as well`,
        `Write ${open.join(' and ')}.`,
      ),
    )
  if (hasBareDot(tree, 'either'))
    findings.push(
      find('unescaped-dot', at, `a dot in ${quoted(source)} stands for any character`, String.raw`Write \. for a dot.`),
    )
  if (anyNode(tree, (node) => node.kind === 'text' && /[A-Z]/.test(node.text)))
    findings.push(
      find(
        'capital-letters',
        at,
        `${quoted(source)} has capital letters, and browsers send hosts in lower case`,
        'Write lower case, or (?i) before it.',
      ),
    )
  return findings
}

function lintResource({ find }: LintedRule, source: string, at: string): readonly Finding[] {
  const tree = parseRe2(source)
  if (tree === undefined) return []
  const prefix = requiredPrefix(tree)
  if (/^[^/.]/.test(prefix)) {
    const hint = /^https?:/.test(prefix)
      ? 'Leave out scheme and host; `domain` is for hosts.'
      : 'Write ^/ at the beginning.'
    return [find('never-matches', at, `${quoted(source)} matches nothing: every path begins with "/"`, hint)]
  }
  const findings: Finding[] = []
  if (!beginsAnchored(tree))
    findings.push(
      find(
        'unanchored-pattern',
        at,
        `${quoted(source)} is found anywhere in a path, not only at its beginning`,
        'Write ^ at the beginning, or ^.* when anywhere is meant.',
      ),
    )
  if (hasBareDot(tree, 'both'))
    findings.push(
      find('unescaped-dot', at, `a dot in ${quoted(source)} stands for any character`, String.raw`Write \. for a dot.`),
    )
  if (!mentions(tree, '?') && (mentions(tree, '=') || mentions(tree, '&')))
    findings.push(
      find(
        'query-without-mark',
        at,
        `${quoted(source)} speaks of a query but doesn't name its "?", so it is held against the path alone as well`,
        String.raw`Write \? where the query begins, or use the criterion query.`,
      ),
    )
  return findings
}

/** `.*` says that what stands beside it is meant to be open. */
const isAnything = (node: Syntax | undefined): boolean =>
  node?.kind === 'repeat' && node.min === 0 && node.max === Number.POSITIVE_INFINITY && node.body.kind === 'any'

const beginsAnchored = (tree: Syntax): boolean => isAnchored(tree, 'begin', (parts) => parts[0])
const endsAnchored = (tree: Syntax): boolean => isAnchored(tree, 'end', (parts) => parts.at(-1))

function isAnchored(
  tree: Syntax,
  anchor: 'begin' | 'end',
  side: (parts: readonly Syntax[]) => Syntax | undefined,
): boolean {
  switch (tree.kind) {
    case 'sequence': {
      const outermost = side(tree.parts)
      return outermost !== undefined && isAnchored(outermost, anchor, side)
    }
    case 'group':
      return isAnchored(tree.body, anchor, side)
    case 'either':
      return tree.branches.every((branch) => isAnchored(branch, anchor, side))
    default:
      return tree.kind === anchor || isAnything(tree)
  }
}

/** A dot on its own beside literal text. */
function hasBareDot(tree: Syntax, beside: 'either' | 'both'): boolean {
  const isText = (node: Syntax | undefined): boolean => node?.kind === 'text' || node?.kind === 'folded-text'
  return anyNode(
    tree,
    (node) =>
      node.kind === 'sequence' &&
      node.parts.some((part, i) => {
        if (part.kind !== 'any') return false
        const [before, after] = [isText(node.parts[i - 1]), isText(node.parts[i + 1])]
        return beside === 'both' ? before && after : before || after
      }),
  )
}
