// Edits a YAML file by splicing its text: comments, order, layout and everything that isn't meant stay byte for byte. Each result is parsed again and
// compared with what was meant; what can't be edited so is refused. Reads and writes no file.
import { decodeText } from './decode-text.ts'
import { editedTree, sameTree } from './edited-tree.ts'
import { firstDocument } from './first-document.ts'
import { LineIndex } from './line-index.ts'
import { parseIndulgently } from './parse-indulgently.ts'
import type { Position, Problem } from './problem.ts'
import { readYaml } from './read.ts'
import { sourceTree } from './source-tree.ts'
import { type Source, type Splice, splicesFor } from './splice.ts'
import type { YamlValue } from './write.ts'

/** Keys of maps and, from 0, places in lists. */
export type YamlPath = readonly (string | number)[]

export type YamlEdit =
  /** Replaces what is there, or adds it behind its neighbours; maps on the way are made. */
  | { readonly kind: 'set'; readonly path: YamlPath; readonly value: YamlValue }
  /** Behind the last item of the list, which is made where there is none. */
  | { readonly kind: 'append'; readonly path: YamlPath; readonly value: YamlValue }
  /** With the comments in its lines and those below it that are indented deeper. */
  | { readonly kind: 'remove'; readonly path: YamlPath }

export type EditedYaml =
  | { readonly kind: 'ok'; readonly bytes: Uint8Array }
  /** The file wasn't valid before. */
  | { readonly kind: 'invalid'; readonly problems: readonly Problem[] }
  /** It would change more than was meant (anchors), or nothing is there; a person has to do it. */
  | { readonly kind: 'impossible'; readonly reason: string; readonly position: Position | undefined }

/**
 * @param bytes the file as it is
 * @param file the path as it shall stand in positions
 * @param edits one after the other; all or none
 */
export function editYaml(bytes: Uint8Array, file: string, edits: readonly YamlEdit[]): EditedYaml {
  const decoded = decodeText(bytes, file)
  if (decoded.kind === 'invalid') return decoded
  const encoding = encodingOf(bytes)
  // TextDecoder takes one byte order mark away.
  if (!Buffer.from(bytes).equals(encode(decoded.text, encoding))) {
    return { kind: 'impossible', reason: 'its characters would not be written back as they are', position: undefined }
  }
  const inner = decoded.text.startsWith(BOM) ? BOM : ''
  let text = decoded.text.slice(inner.length)
  const together = editText(text, file, edits)
  if (together.kind === 'invalid') return together
  if (together.kind === 'ok') text = together.text
  else {
    // Edits that stand in each other's way as splices of one text are made one by one.
    for (const edit of edits) {
      const edited = editText(text, file, [edit])
      if (edited.kind !== 'ok') return edited
      text = edited.text
    }
  }
  return { kind: 'ok', bytes: encode(inner + text, encoding) }
}

type EditedText = Exclude<EditedYaml, { kind: 'ok' }> | { readonly kind: 'ok'; readonly text: string }

function editText(text: string, file: string, edits: readonly YamlEdit[]): EditedText {
  const before = readYaml(text, file)
  if (before.kind === 'invalid') return before
  const impossible = (reason: string, position?: Position): EditedText => ({ kind: 'impossible', reason, position })
  const document = firstDocument(text)
  if (document.kind === 'invalid') throw new Error('the reader took a document that has no end')
  const parsed = parseIndulgently(document.text, file)
  if (parsed.kind === 'invalid') throw new Error('the reader took a text that is not YAML')
  const lines = new LineIndex(parsed.text, file, undefined, parsed.shifted)
  const source: Source = { text: parsed.text, root: sourceTree(parsed.text, parsed.events), eol: lineEndOf(text) }
  let expected = before.root
  const splices: Splice[] = []
  for (const edit of edits) {
    const next = editedTree(expected, edit)
    if (!next) return impossible('there is nothing of this name, or something of another kind')
    expected = next
    const made = splicesFor(source, edit)
    if (made.kind === 'impossible') return impossible(made.reason, lines.position(made.offset))
    splices.push(...made.splices)
  }
  const unshifted = parsed.shifted.size === 0 ? splices : splices.map(unshift(parsed.text, parsed.shifted))
  const spliced = applySplices(text, unshifted)
  const after = spliced === undefined ? undefined : readYaml(spliced, file)
  if (spliced === undefined || after?.kind !== 'ok' || !sameTree(expected, after.root)) {
    return impossible('the file is written in such a way (anchors, aliases) that more than this would change')
  }
  return { kind: 'ok', text: spliced }
}

/** undefined when two of them touch the same text. */
function applySplices(text: string, splices: readonly Splice[]): string | undefined {
  const isEmpty = ({ from, to }: Splice): number => (from === to ? 0 : 1)
  const seen = new Set<string>()
  const isNew = ({ once }: Splice): boolean => {
    if (once === undefined) return true
    if (seen.has(once)) return false
    seen.add(once)
    return true
  }
  const ordered = splices.filter(isNew).toSorted((a, b) => a.from - b.from || isEmpty(a) - isEmpty(b))
  const parts: string[] = []
  let done = 0
  for (const { from, to, text: put } of ordered) {
    if (from < done) return undefined
    parts.push(text.slice(done, from), put)
    done = to
  }
  return parts.join('') + text.slice(done)
}

/** From offsets in the text that lines were moved in to the text as it is. */
function unshift(text: string, shifted: ReadonlyMap<number, number>): (splice: Splice) => Splice {
  const starts = [0, ...[...text.matchAll(/\r\n?|\n/g)].map((match) => match.index + match[0].length)]
  const original = (offset: number): number => {
    let moved = 0
    for (const [line, by] of shifted) {
      const start = starts[line - 1] ?? 0
      if (start < offset) moved += Math.min(by, offset - start)
    }
    return offset - moved
  }
  return (splice) => ({ ...splice, from: original(splice.from), to: original(splice.to) })
}

const lineEndOf = (text: string): string => /\r\n?|\n/.exec(text)?.[0] ?? '\n'

const BOM = '\ufeff'
type Encoding = 'utf-8' | 'utf-8-bom' | 'utf-16le' | 'utf-16be'

function encodingOf(bytes: Uint8Array): Encoding {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le'
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be'
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 'utf-8-bom' : 'utf-8'
}

function encode(text: string, encoding: Encoding): Buffer {
  switch (encoding) {
    case 'utf-8':
      return Buffer.from(text)
    case 'utf-8-bom':
      return Buffer.from(BOM + text)
    case 'utf-16le':
      return Buffer.from(BOM + text, 'utf16le')
    case 'utf-16be':
      return Buffer.from(BOM + text, 'utf16le').swap16()
  }
}
