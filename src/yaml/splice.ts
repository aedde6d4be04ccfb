// From one edit to the stretches of text that have to be replaced. Proposes only: whether the result means what was meant is judged by whoever asked.
import type { YamlEdit, YamlPath } from './edit.ts'
import { addToFlow, removeFromFlow } from './flow-splice.ts'
import type { SourceItem, SourceMap, SourceNode, SourcePair } from './source-tree.ts'
import { behindComments, indentAt, isFirstOnLine, lineEnd, lineStart, nextLine, wholeLines } from './text-lines.ts'
import { type BlockStyle, below, flowText, itemLines, keyText, pairLines, type Quotes } from './value-text.ts'
import type { YamlValue } from './write.ts'

export interface Source {
  readonly text: string
  readonly root: SourceNode
  /** How the file ends its lines. */
  readonly eol: string
}
export interface Splice {
  readonly from: number
  readonly to: number
  readonly text: string
  /** Of several with the same name only one counts. */
  readonly once?: string
}
export type Spliced =
  | { readonly kind: 'ok'; readonly splices: readonly Splice[] }
  | { readonly kind: 'impossible'; readonly reason: string; readonly offset: number }

/** A place that a value stands in. */
interface Slot {
  readonly kind: 'root' | 'pair' | 'item'
  readonly node: SourceNode
  /** Behind which the value stands: colon or dash. */
  readonly after: number
  readonly hasColon: boolean
  /** In braces or brackets, where lines don't matter. */
  readonly inFlow: boolean
  /** What the line is indented by that the key or dash begins. */
  readonly indent: string
}

export function splicesFor(source: Source, edit: YamlEdit): Spliced {
  const { text, root } = source
  let slot: Slot = { kind: 'root', node: root, after: root.start, hasColon: true, inFlow: false, indent: '' }
  const last = edit.path.length - 1
  for (const [i, key] of edit.path.entries()) {
    const { node } = slot
    const rest = edit.path.slice(i + 1)
    if (node.kind === 'alias') {
      return i === last && edit.kind === 'set' && typeof key === 'string'
        ? ok({ from: node.start, to: node.end, text: `{<<: *${node.name}, ${keyText(key)}: ${flowText(edit.value)}}` })
        : impossible(`this is made elsewhere, at the anchor &${node.name}`, node.start)
    }
    const inFlow: boolean = slot.inFlow || ((node.kind === 'map' || node.kind === 'list') && node.style === 'flow')
    if (node.kind === 'list' && typeof key === 'number') {
      const item = node.items[key]
      if (!item) return impossible('the list has no such item', node.start)
      if (edit.kind === 'remove' && i === last) return removeItem(source, slot, node.style, node.items, item, '[]')
      const indent: string = inFlow ? slot.indent : indentAt(text, item.start)
      slot = { kind: 'item', node: item.value, after: item.start + 1, hasColon: true, inFlow, indent }
      continue
    }
    if (typeof key === 'number') return impossible('this is no list', node.start)
    const pair = node.kind === 'map' ? node.pairs.find((each) => isNamed(each, key)) : undefined
    if (pair && node.kind === 'map') {
      if (edit.kind === 'remove' && i === last) return removeItem(source, slot, node.style, node.pairs, pair, '{}')
      const indent: string = inFlow ? slot.indent : indentAt(text, pair.start)
      slot = { kind: 'pair', node: pair.value, after: pair.colonEnd, hasColon: pair.hasColon, inFlow, indent }
      continue
    }
    if (edit.kind === 'remove') return impossible(`${JSON.stringify(key)} is not written here`, node.start)
    const value = nested(rest, edit.kind === 'append' ? [edit.value] : edit.value)
    if (isEmpty(text, node)) return fill(source, slot, key, value)
    if (node.kind === 'map') return addPair(source, node, key, value)
    return impossible('this is no map', node.start)
  }
  if (edit.kind === 'remove') return impossible('the whole file can not be removed', 0)
  return edit.kind === 'append' ? append(source, slot, edit.value) : replace(source, slot, edit.value)
}

const ok = (...splices: Splice[]): Spliced => ({ kind: 'ok', splices })
const impossible = (reason: string, offset: number): Spliced => ({ kind: 'impossible', reason, offset })

const isNamed = ({ key }: SourcePair, name: string): boolean =>
  key.kind === 'scalar' && key.text === name && !(name === '<<' && key.style === 'plain')

function nested(path: YamlPath, value: YamlValue): YamlValue {
  return path.reduceRight<YamlValue>((inner, key) => new Map([[String(key), inner]]), value)
}

/** Nothing, null, or empty braces. */
function isEmpty(text: string, node: SourceNode): boolean {
  if (node.kind === 'scalar') return node.style === 'plain' && ['', '~', 'null', 'Null', 'NULL'].includes(node.text)
  return node.kind === 'map' && /^\{\s*\}$/.test(text.slice(node.contentStart, node.end))
}

/** Makes the first pair of a map that is empty or isn't there yet, in lines of its own. */
function fill(source: Source, slot: Slot, key: string, value: YamlValue): Spliced {
  const { text } = source
  const { node } = slot
  if (slot.inFlow || slot.kind === 'item') return replace(source, slot, new Map([[key, value]]))
  const style = blockStyle(source)
  const indent = slot.kind === 'root' ? '' : slot.indent + style.step
  const lines = pairLines(indent, key, value, style)
  const behind = node.propertiesEnd ?? slot.after
  const isWritten = node.contentStart < node.end
  const at =
    slot.kind === 'root' && !isWritten
      ? { from: text.length, to: text.length }
      : behindLine(text, slot.kind === 'root' ? node.end : behind, indent.length)
  if (!isWritten) return ok(...lineSplices(source, at.from, lines))
  const [from, to] = wholeLines(text, blanksBefore(text, node.contentStart, behind), node.end)
  if (slot.kind === 'root' && from <= at.from && at.from <= to && from < to) {
    return ok({ from, to, text: lines })
  }
  return ok(...lineSplices(source, Math.max(at.from, from === lineStart(text, from) ? from : 0), lines), {
    from,
    to,
    text: '',
    once: `cut ${from}`,
  })
}

/** The blanks between what stands before a value and the value go with it, as long as they are on its line. */
function blanksBefore(text: string, offset: number, behind: number): number {
  let start = offset
  while (start > behind && /[ \t]/.test(text[start - 1] ?? '')) start--
  return start === behind ? start : offset
}

function addPair(source: Source, map: SourceMap, key: string, value: YamlValue): Spliced {
  const first = map.pairs[0]
  if (map.style === 'flow' || !first) {
    const quotes = map.pairs.at(-1)?.key
    const style: Quotes = quotes?.kind === 'scalar' && quotes.style === 'double' ? 'double' : 'single'
    const put = `${keyText(key, style)}: ${flowText(value, style)}`
    return ok(...addToFlow(source, map, map.pairs, put))
  }
  const indent = indentAt(source.text, first.start)
  const lines = pairLines(indent, key, value, blockStyle(source))
  return ok(...lineSplices(source, behindComments(source.text, map.end, indent.length), lines))
}

function append(source: Source, slot: Slot, value: YamlValue): Spliced {
  const { text } = source
  const { node } = slot
  if (node.kind === 'alias') return impossible(`this is made elsewhere, at the anchor &${node.name}`, node.start)
  if (node.kind === 'scalar') {
    return isEmpty(text, node) ? replace(source, slot, [value]) : impossible('this is no list', node.start)
  }
  if (node.kind === 'map') return impossible('this is no list', node.start)
  const last = node.items.at(-1)
  const quotes = last?.value.kind === 'scalar' && last.value.style !== 'block' ? last.value.style : 'single'
  if (node.style === 'flow' || !last) return ok(...addToFlow(source, node, node.items, flowText(value, quotes)))
  const indent = indentAt(text, node.items[0]?.start ?? node.start)
  // A list may begin in the column of its key; comments there may be about the next key.
  const least = slot.kind === 'pair' && indent.length <= slot.indent.length ? indent.length + 1 : indent.length
  const at = behindComments(text, node.end, least)
  return ok(...lineSplices(source, at, itemLines(indent, value, blockStyle(source), quotes)))
}

function replace(source: Source, slot: Slot, value: YamlValue): Spliced {
  const { text } = source
  const { node } = slot
  if (slot.kind === 'root') return impossible('the whole file can not be replaced', 0)
  if (node.kind === 'alias') return ok({ from: node.start, to: node.end, text: flowText(value) })
  // The tag was the old value's.
  const untagged = node.tag ? [{ from: node.tag[0], to: blanksAfter(text, node.tag[1]), text: '' }] : []
  if (node.contentStart === node.end) {
    const at = node.end
    return ok(...untagged, { from: at, to: at, text: `${slot.hasColon ? '' : ':'} ${flowText(value)}` })
  }
  if (node.kind === 'scalar' && node.style === 'block') {
    const bodyStart = lineEnd(text, node.headerEnd)
    const header = { from: node.contentStart, to: node.headerEnd, text: flowText(value) }
    return ok(...untagged, header, ...(bodyStart < node.end ? [{ from: bodyStart, to: node.end, text: '' }] : []))
  }
  if (node.kind === 'scalar') {
    const quotes = node.style === 'block' ? 'single' : node.style
    return ok(...untagged, { from: node.contentStart, to: node.end, text: flowText(value, quotes) })
  }
  const end = node.style === 'flow' ? node.end : lineEnd(text, node.end)
  if (/(?:^|\s)#/.test(text.slice(node.contentStart, end))) {
    return impossible('there are comments in it that would be lost', node.start)
  }
  if (node.style === 'flow') return ok(...untagged, { from: node.contentStart, to: node.end, text: flowText(value) })
  if (!isFirstOnLine(text, node.contentStart) || slot.kind !== 'pair')
    return impossible('it begins within a line', node.start)
  const behind = node.propertiesEnd ?? slot.after
  const [from, to] = [lineStart(text, node.contentStart), nextLine(text, node.end)]
  const style = blockStyle(source)
  const lines = below(slot.indent, value, style)
  return lines.startsWith(style.eol)
    ? ok(...untagged, { from, to, text: lines.slice(style.eol.length) })
    : ok(...untagged, { from: behind, to: behind, text: lines.trimEnd() }, { from, to, text: '' })
}

const blanksAfter = (text: string, offset: number): number =>
  offset + (/^[ \t]*/.exec(text.slice(offset, offset + 100))?.[0].length ?? 0)

function removeItem(
  source: Source,
  slot: Slot,
  style: 'block' | 'flow',
  items: readonly (SourcePair | SourceItem)[],
  item: SourcePair | SourceItem,
  emptied: '{}' | '[]',
): Spliced {
  const { text } = source
  if (style === 'flow') return ok(...removeFromFlow(text, items, item))
  const next = items[items.indexOf(item) + 1]
  if (!isFirstOnLine(text, item.start)) {
    return next && /^\s*$/.test(text.slice(item.end, next.start))
      ? ok({ from: item.start, to: next.start, text: '' })
      : impossible('it begins within a line', item.start)
  }
  const from = lineStart(text, item.start)
  const to = behindComments(text, item.end, item.start - from + 1)
  if (items.length > 1) return ok({ from, to, text: '' })
  if (slot.kind === 'root') return ok({ from, to, text: emptied + source.eol })
  const at = slot.node.propertiesEnd ?? slot.after
  return ok({ from: at, to: at, text: ` ${emptied}` }, { from, to, text: '' })
}

const behindLine = (text: string, offset: number, least: number) => {
  const from = behindComments(text, offset, least)
  return { from, to: from }
}

/** Whole lines put in at the beginning of a line, or behind the last one, which may lack its end. */
function lineSplices({ text, eol }: Source, at: number, lines: string): Splice[] {
  const unended = at === text.length && at > 0 && !/[\r\n]/.test(text[at - 1] ?? '')
  const end: Splice[] = unended ? [{ from: at, to: at, text: eol, once: `end ${at}` }] : []
  return [...end, { from: at, to: at, text: lines }]
}

/** As the first map within a map is indented. */
function blockStyle({ text, root, eol }: Source): BlockStyle {
  const stack: SourceNode[] = [root]
  for (let node = stack.pop(); node; node = stack.pop()) {
    if (node.kind !== 'map' || node.style !== 'block') continue
    const outer = indentAt(text, node.contentStart).length
    for (const { value } of node.pairs) {
      if (value.kind !== 'map' || value.style !== 'block') continue
      const inner = indentAt(text, value.contentStart).length
      if (inner > outer) return { step: ' '.repeat(inner - outer), eol }
    }
  }
  return { step: '  ', eol }
}
