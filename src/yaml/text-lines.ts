// Lines of a text around an offset: where they begin and end, how far they are indented, and what may be cut out with one.

export const lineStart = (text: string, offset: number): number => {
  let start = offset
  while (start > 0 && !/[\r\n]/.test(text[start - 1] ?? '')) start--
  return start
}

/** Before the line end. */
export const lineEnd = (text: string, offset: number): number => {
  let end = offset
  while (end < text.length && !/[\r\n]/.test(text[end] ?? '')) end++
  return end
}

/** Behind the line end; the end of the text in its last line. */
export function nextLine(text: string, offset: number): number {
  const end = lineEnd(text, offset)
  return end + (text.startsWith('\r\n', end) ? 2 : end < text.length ? 1 : 0)
}

export const isFirstOnLine = (text: string, offset: number): boolean =>
  /^[ \t]*$/.test(text.slice(lineStart(text, offset), offset))

/** What lines that begin in the column of `offset` are indented by. */
export function indentAt(text: string, offset: number): string {
  const before = text.slice(lineStart(text, offset), offset)
  return /^[ \t]*$/.test(before) ? before : ' '.repeat(before.length)
}

/** Behind the line of `offset` and the comments below it that are indented by `least` columns or more. */
export function behindComments(text: string, offset: number, least: number): number {
  let reached = nextLine(text, offset)
  for (let line = reached; line < text.length; ) {
    const next = nextLine(text, line)
    const found = /^([ \t]*)(#?)/.exec(text.slice(line, lineEnd(text, line)))
    const [blanks = '', hash = ''] = found?.slice(1) ?? []
    if (hash === '#') {
      if (blanks.length < least) break
      reached = next
    } else if (blanks.length < lineEnd(text, line) - line) break
    line = next
  }
  return reached
}

/** Widens a stretch that is all there is on its lines to whole lines. */
export function wholeLines(text: string, from: number, to: number): readonly [from: number, to: number] {
  const alone = isFirstOnLine(text, from) && /^[ \t]*$/.test(text.slice(to, lineEnd(text, to)))
  return alone ? [lineStart(text, from), nextLine(text, to)] : [from, to]
}
