// Rules that open more to everybody than their author may think.
import type { DomainEntry } from '../domain.ts'
import { anyNode, parseRe2, type Syntax } from '../re2-syntax.ts'
import { type Finding, quoted } from './finding.ts'
import type { LintedRule } from './lint.ts'
import type { TextLanguage } from './text-language.ts'

export function lintBypass(rule: LintedRule): readonly Finding[] {
  const { config, pieces, find } = rule
  if (config.policy !== 'bypass') return []
  const { methods, networks, resources } = config
  if (config.query.length > 0 && resources.length === 0)
    return [
      find(
        'bypass-by-query',
        '/query',
        'everybody can write a query, so this opens every path of the host to whoever adds it',
        'Name the paths in `resources` as well.',
      ),
    ]
  if (methods.length + networks.length + resources.length === 0)
    return pieces.domain.flatMap(({ at, value }) =>
      !isOpenEnded(value.entry)
        ? []
        : [
            find(
              'bypass-every-host',
              at,
              `${quoted(value.entry.text)} opens every host that fits, also those that are yet to come`,
              'Name the hosts that are to be open.',
            ),
          ],
    )
  return (pieces.resources ?? []).flatMap(({ at, value }) =>
    lintOpenPattern(rule, value.pattern.source, value.language, at),
  )
}

/** No end of names fits. */
function isOpenEnded({ kind, text }: DomainEntry): boolean {
  if (kind === 'domain') return text.startsWith('*.')
  const tree = parseRe2(text)
  return tree === undefined || anyNode(tree, (node) => node.kind === 'repeat' && node.max === Number.POSITIVE_INFINITY)
}

function lintOpenPattern({ find }: LintedRule, source: string, language: TextLanguage, at: string): readonly Finding[] {
  const cut = language.exact?.find(
    ({ from, text, to }) => from === 'here' && to !== 'here' && /[A-Za-z0-9]$/.test(text),
  )
  if (cut !== undefined)
    return [
      find(
        'bypass-prefix',
        at,
        `${quoted(source)} opens every path that begins so, ${quoted(`${cut.text}-private`)} as well`,
        `Write "${`^${cut.text}`}(/.*)?$", or end it with "/" or "$".`,
      ),
    ]
  const tree = parseRe2(source)
  if (tree !== undefined && anyNode(tree, hasAnythingBeforeText))
    return [
      find(
        'bypass-any-path',
        at,
        `.* in ${quoted(source)} matches slashes too, so that any path with this ending is open`,
        'Write [^/]+ for one part of a path, and more of the beginning.',
      ),
    ]
  return []
}

function hasAnythingBeforeText(node: Syntax): boolean {
  if (node.kind !== 'sequence') return false
  const open = node.parts.findIndex(
    (part) => part.kind === 'repeat' && part.max === Number.POSITIVE_INFINITY && part.body.kind === 'any',
  )
  return open >= 0 && node.parts.slice(open + 1).some((part) => part.kind !== 'end')
}
