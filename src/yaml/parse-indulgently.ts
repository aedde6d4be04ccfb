// js-yaml demands that lines within brackets and quotes are indented (YAML 1.2), Authelia's reader doesn't look (YAML 1.1). There leading blanks mean
// nothing, so a line that js-yaml finds too far left is moved to the right and the text parsed again.
import { type Event, parseEvents, YAMLException } from 'js-yaml'

export type Parsed = {
  /** What was parsed in the end. */
  readonly text: string
  /** By line (from 1), how far it was moved. */
  readonly shifted: ReadonlyMap<number, number>
} & (
  | { readonly kind: 'ok'; readonly events: readonly Event[] }
  | { readonly kind: 'invalid'; readonly error: YAMLException }
)

/** Collections within collections. Authelia's reader allows ten thousand; no configuration comes near either. */
const MAX_DEPTH = 1000
/** Each costs parsing anew. */
const MAX_SHIFTS = 500

export function parseIndulgently(original: string, file: string): Parsed {
  const shifted = new Map<number, number>()
  let deepest: number | undefined
  let text = original
  for (;;) {
    try {
      return { kind: 'ok', text, shifted, events: parseEvents(text, { filename: file, maxDepth: MAX_DEPTH }) }
    } catch (error) {
      if (!(error instanceof YAMLException)) throw error
      const mark = error.mark
      const line = (mark?.line ?? 0) + 1
      if (error.reason !== 'deficient indentation' || !mark || shifted.has(line) || shifted.size >= MAX_SHIFTS) {
        return { kind: 'invalid', text, shifted, error }
      }
      deepest ??= 1 + [...indentations(original)].reduce((a, b) => Math.max(a, b), 0)
      shifted.set(line, deepest)
      const start = mark.position - mark.column
      text = text.slice(0, start) + ' '.repeat(deepest) + text.slice(start)
    }
  }
}

function* indentations(text: string): Iterable<number> {
  yield 0
  for (const match of text.matchAll(/^ +/gm)) yield match[0].length
}
