// Which texts a pattern or a name may match, as far as that can be proven: enough to tell that everything the one matches is matched by the other.
// What isn't understood is never claimed.
import { parseRe2, requiredPrefix, requiredSuffix } from '../re2-syntax.ts'
import { type Side, type TextShape, textShapes } from '../text-test.ts'

export interface TextLanguage {
  /** Its texts exactly, as a union; undefined when they aren't known exactly. */
  readonly exact: readonly TextShape[] | undefined
  /** Each of these has room for all of its texts. */
  readonly hulls: readonly TextShape[]
}

export const ANY_TEXT: TextShape = { from: 'open', text: '', to: 'open' }

export function languageOf(pattern: string): TextLanguage {
  const tree = parseRe2(pattern)
  if (tree === undefined) return { exact: undefined, hulls: [ANY_TEXT] }
  const prefix = requiredPrefix(tree)
  const suffix = requiredSuffix(tree)
  return {
    exact: textShapes(tree),
    hulls: [
      ANY_TEXT,
      ...(prefix === '' ? [] : [{ from: 'here', text: prefix, to: 'open' } as const]),
      ...(suffix === '' ? [] : [{ from: 'open', text: suffix, to: 'here' } as const]),
    ],
  }
}

export function exactly(...shapes: readonly TextShape[]): TextLanguage {
  return { exact: shapes, hulls: [] }
}

/**
 * Whether every text of `inner` is one of `outer`.
 * @param lineBreaks false: only texts without line breaks are asked about
 * @param usable which shapes of `outer` may be relied on
 */
export function includesLanguage(
  outer: TextLanguage,
  inner: TextLanguage,
  lineBreaks: boolean,
  usable?: (shape: TextShape) => boolean,
): boolean {
  const { exact } = outer
  if (exact === undefined) return false
  const covers = (shape: TextShape): boolean => {
    for (const one of exact) if (includesShape(one, shape, lineBreaks) && usable?.(one) !== false) return true
    return false
  }
  return inner.exact === undefined ? inner.hulls.some(covers) : inner.exact.every(covers)
}

function includesShape(outer: TextShape, inner: TextShape, lineBreaks: boolean): boolean {
  return (
    textIncludes(outer, inner) &&
    sideIncludes(sideOf(outer.from, lineBreaks), sideOf(inner.from, lineBreaks)) &&
    sideIncludes(sideOf(outer.to, lineBreaks), sideOf(inner.to, lineBreaks))
  )
}

function textIncludes(outer: TextShape, inner: TextShape): boolean {
  if (outer.from === 'here' && outer.to === 'here') return inner.text === outer.text
  if (outer.from === 'here') return inner.text.startsWith(outer.text)
  if (outer.to === 'here') return inner.text.endsWith(outer.text)
  return inner.text.includes(outer.text)
}

type PlainSide = 'open' | 'line' | 'here'
const sideOf = (side: Side, lineBreaks: boolean): PlainSide =>
  side === 'all' || (side === 'line' && !lineBreaks) ? 'open' : side

function sideIncludes(outer: PlainSide, inner: PlainSide): boolean {
  return outer === 'open' || outer === inner || (outer === 'line' && inner === 'here')
}
