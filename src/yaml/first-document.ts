// Cuts a YAML stream after its first document, so that what follows isn't even parsed, and judges the directives before it.

export type FirstDocument =
  | { readonly kind: 'ok'; readonly text: string }
  | { readonly kind: 'invalid'; readonly offset: number; readonly message: string; readonly hint: string }

/** A `---` or `...` in the first column ends a document wherever it stands: no scalar may contain one (YAML 1.1 section 9.1). */
export function firstDocument(text: string): FirstDocument {
  for (const match of text.matchAll(/[^\r\n]*(?:\r\n?|\n|$)/g)) {
    const line = match[0]
    const marker = /^(?:---|\.\.\.)(?=[ \t\r\n]|$)/.exec(line)?.[0]
    if (marker === '...') return { kind: 'ok', text: text.slice(0, match.index) }
    if (marker || /^[ \t]*[^\s#%]/.test(line))
      return { kind: 'ok', text: untilNextMarker(text, match.index + line.length) }
    const directive = /^%(\S*)[ \t]*(\S*)/.exec(line)
    if (directive && directive[1] !== 'TAG' && !(directive[1] === 'YAML' && directive[2] === '1.1')) {
      const what = directive[1] === 'YAML' ? 'Only YAML 1.1 can be announced here' : 'There is no such directive'
      return { kind: 'invalid', offset: match.index, message: `${what}.`, hint: 'Remove the line that begins with %.' }
    }
  }
  return { kind: 'ok', text }
}

/** @param from where the line ends with which the document begins */
function untilNextMarker(text: string, from: number): string {
  const marker = /(?<=[\r\n])(?:---|\.\.\.)(?=[ \t\r\n]|$)/g
  marker.lastIndex = from
  return text.slice(0, marker.exec(text)?.index ?? text.length)
}
