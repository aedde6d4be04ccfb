// Adding to and taking from what stands in braces or brackets, on one line or spread over several.
import type { SourceItem, SourceList, SourceMap, SourcePair } from './source-tree.ts'
import { skipBlank } from './source-tree.ts'
import type { Source, Splice } from './splice.ts'
import { indentAt, isFirstOnLine, lineEnd, wholeLines } from './text-lines.ts'

type Member = SourcePair | SourceItem

/** @param put the text of the new member */
export function addToFlow(
  { text, eol }: Source,
  node: SourceMap | SourceList,
  members: readonly Member[],
  put: string,
): readonly Splice[] {
  const last = members.at(-1)
  if (!last) {
    const at = node.contentStart + 1
    return [{ from: at, to: at, text: put }]
  }
  const comma = commaBehind(text, last)
  const spread = isFirstOnLine(text, last.start) && lineEnd(text, last.end) < node.end - 1
  if (!spread) return [{ from: last.end, to: last.end, text: `, ${put}` }]
  const line = eol + indentAt(text, last.start) + put
  if (comma !== undefined) {
    const at = lineEnd(text, comma)
    return [{ from: at, to: at, text: `${line},` }]
  }
  const at = lineEnd(text, last.end)
  return [
    { from: last.end, to: last.end, text: ',' },
    { from: at, to: at, text: line },
  ]
}

export function removeFromFlow(text: string, members: readonly Member[], member: Member): readonly Splice[] {
  const cut = (from: number, to: number): Splice => {
    const [start, end] = wholeLines(text, from, to)
    return { from: start, to: end, text: '' }
  }
  const comma = commaBehind(text, member)
  if (comma !== undefined) {
    if (!/^[ \t]*$/.test(text.slice(member.end, comma))) return [cut(member.start, member.end), cut(comma, comma + 1)]
    const blanks = /^[ \t]*/.exec(text.slice(comma + 1))?.[0].length ?? 0
    return [cut(member.start, comma + 1 + blanks)]
  }
  const before = members[members.indexOf(member) - 1]
  const earlier = before && commaBehind(text, before)
  if (earlier === undefined) return [cut(member.start, member.end)]
  return /^[ \t]*$/.test(text.slice(earlier + 1, member.start))
    ? [{ from: earlier, to: member.end, text: '' }]
    : [{ from: earlier, to: earlier + 1, text: '' }, cut(member.start, member.end)]
}

function commaBehind(text: string, member: Member): number | undefined {
  const offset = skipBlank(text, member.end)
  return text[offset] === ',' ? offset : undefined
}
