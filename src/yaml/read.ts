// Reads one YAML file into a tree with positions, with the verdicts of Authelia's reader. Only the first document counts. Nothing here knows what
// the keys mean.
import { atOnce, type Steps } from '../base/steps.ts'
import { Composer } from './compose.ts'
import { decodeText } from './decode-text.ts'
import { firstDocument } from './first-document.ts'
import { LineIndex } from './line-index.ts'
import type { Node } from './node.ts'
import { parseIndulgently } from './parse-indulgently.ts'
import type { Problem } from './problem.ts'

export type YamlResult =
  /** `root` is a null scalar when the file holds nothing. */
  { readonly kind: 'ok'; readonly root: Node } | { readonly kind: 'invalid'; readonly problems: readonly Problem[] }

export interface YamlOptions {
  /** Where a line of the text came from, when a filter has changed the file before; from 1. */
  readonly sourceLine?: (line: number) => number
}

/** @param input the bytes of a file, or text that was decoded before
 *  @param file the path as it shall stand in positions */
export const readYaml = (input: Uint8Array | string, file: string, options: YamlOptions = {}): YamlResult =>
  atOnce(readingYaml(input, file, options))

/** The same in steps. */
export function* readingYaml(input: Uint8Array | string, file: string, options: YamlOptions = {}): Steps<YamlResult> {
  const decoded = typeof input === 'string' ? ({ kind: 'ok', text: input } as const) : decodeText(input, file)
  if (decoded.kind === 'invalid') return decoded
  const text = decoded.text.replace(/^\ufeff/, '')
  const lines = new LineIndex(text, file, options.sourceLine)
  const refuse = (offset: number, code: string, message: string, hint?: string): YamlResult => ({
    kind: 'invalid',
    problems: [{ severity: 'error', code, message, ...(hint && { hint }), position: lines.position(offset) }],
  })
  const control = UNPRINTABLE.exec(text)
  if (control) {
    const code = control[0].codePointAt(0) ?? 0
    const name = `U+${code.toString(16).toUpperCase().padStart(4, '0')}`
    return refuse(control.index, 'control-character', `The control character ${name} is not allowed in YAML.`)
  }
  const document = firstDocument(text)
  if (document.kind === 'invalid') return refuse(document.offset, 'invalid-yaml', document.message, document.hint)
  yield
  const parsed = parseIndulgently(document.text, file)
  yield
  const shiftedLines = new LineIndex(parsed.text, file, options.sourceLine, parsed.shifted)
  if (parsed.kind === 'invalid') {
    const { reason, mark } = parsed.error
    const position = shiftedLines.position(mark?.position ?? 0)
    const hint = hintFor(reason)
    const message = `This is not valid YAML: ${withoutQuotations(reason)}.`
    return {
      kind: 'invalid',
      problems: [{ severity: 'error', code: 'invalid-yaml', message, ...(hint && { hint }), position }],
    }
  }
  const composer = new Composer(parsed.text, parsed.events, shiftedLines)
  const root = composer.compose()
  return composer.problems.length > 0 ? { kind: 'invalid', problems: composer.problems } : { kind: 'ok', root }
}

/** What YAML calls printable, YAML 1.1 section 5.1. */
const UNPRINTABLE =
  /[^\t\n\r\u0020-\u007e\u0085\u00a0-\ufffd]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/

/** js-yaml quotes parts of tags, which may be a password that begins with `!`. */
function withoutQuotations(reason: string): string {
  return reason.replace(/such characters: .*$/s, 'such characters').replace(/\s*"[^"]*"/g, '')
}

function hintFor(reason: string): string | undefined {
  if (/\btag\b/.test(reason)) return 'A value that begins with ! needs quotes.'
  if (/\btabs?\b/.test(reason)) return 'Indent with spaces, never with tabs.'
  if (reason === 'deficient indentation') return 'Indent the lines within brackets and quotes.'
  if (reason.includes('indentation')) return 'Keys of the same section must begin in the same column.'
  if (reason.includes('single line') || reason.includes('mapping')) {
    return 'Check the lines just above too: a value with ": " or " #" in it needs quotes.'
  }
  return undefined
}
