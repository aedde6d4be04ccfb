// HAProxy's configuration as sections of lines, and the lines that ask the gate. Judges nothing.
import { Fault } from '../../base/fault.ts'
import type { Place } from './finding.ts'
import { GATE_PATH } from './identity.ts'
import type { Source } from './source.ts'

export interface HaproxyLine extends Place {
  readonly words: readonly string[]
  readonly text: string
}
export interface Section extends Place {
  readonly kind: string
  readonly name: string
  readonly lines: readonly HaproxyLine[]
}
/** `http-request lua.… … if …`. */
export interface Question {
  readonly line: HaproxyLine
  readonly index: number
  readonly action: string
  /** haproxy-auth-request: says yes or no in a variable, or answers itself. */
  readonly kind: 'auth-request' | 'auth-intercept' | 'own'
  readonly condition: { readonly word: 'if' | 'unless'; readonly text: string } | undefined
}

const KINDS =
  /^(?:global|defaults|frontend|backend|listen|userlist|peers|resolvers|cache|program|http-errors|mailers|ring|log-forward|fcgi-app|crt-store|traces)$/

export function sectionsOf({ path, text }: Source): readonly Section[] {
  const sections: (Section & { lines: HaproxyLine[] })[] = []
  for (const [i, raw] of text.split('\n').entries()) {
    // A comment begins at a # that stands outside of quotes and isn't escaped.
    const line = raw.replace(/^((?:[^#"'\\]|\\.|"(?:\\.|[^"\\])*"|'[^']*')*)#.*$/, '$1')
    const words = (line.match(/(?:"(?:\\.|[^"\\])*"|'[^']*'|\\.|[^\s"'])+/g) ?? []).map((word) =>
      word.replace(/^(["'])([\s\S]*)\1$/, '$2'),
    )
    const [first = '', name = ''] = words
    if (first === '') continue
    const place = { file: path, line: i + 1 }
    if (KINDS.test(first) && !/^\s/.test(raw)) sections.push({ ...place, kind: first, name, lines: [] })
    else {
      const section = sections.at(-1)
      if (!section)
        throw new Fault(
          'proxy-file',
          `${path}:${i + 1}: this is not HAProxy’s language: ${JSON.stringify(first)} stands in no section.`,
          { hint: '`haproxy -c -f` says the same, if it is meant for HAProxy.' },
        )
      section.lines.push({ ...place, words, text: line })
    }
  }
  return sections
}

/** What stands behind `if` or `unless`. */
export function conditionOf(words: readonly string[]): Question['condition'] {
  const i = words.findLastIndex((word) => word === 'if' || word === 'unless')
  return i < 0 ? undefined : { word: words[i] as 'if' | 'unless', text: words.slice(i + 1).join(' ') }
}

export function questionsOf({ lines }: Section): readonly Question[] {
  return lines.flatMap((line, index): readonly Question[] => {
    const [directive, action = ''] = line.words
    if (directive !== 'http-request' || !action.startsWith('lua.') || !line.words.some((word) => GATE_PATH.test(word)))
      return []
    const kind =
      action === 'lua.auth-request' ? 'auth-request' : action === 'lua.auth-intercept' ? 'auth-intercept' : 'own'
    return [{ line, index, action, kind, condition: conditionOf(line.words) }]
  })
}
