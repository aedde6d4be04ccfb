// The effective configuration as YAML with, behind each value, where it came from. What is printed can be read as a configuration again, but for secrets.
import type { EffectiveEntry, Source } from '../../config/effective.ts'
import type { Entry, Steps } from '../../config/entries.ts'
import { type LineValue, oneLine } from '../../yaml/one-line.ts'

export const MASK = '********'

/** What may be shown of a value. */
export const shown = ({ secret, value }: Pick<Entry, 'secret' | 'value'>): LineValue => (secret ? MASK : value)

export function sourceText(source: Source): string {
  switch (source.kind) {
    case 'file':
      return `${source.file}:${source.line}`
    case 'environment':
      return `$${source.variable}`
    case 'secret-file':
      return `${source.file} ($${source.variable})`
    case 'inherited':
      return `from ${source.from}`
    case 'default':
      return 'default'
  }
}

/** Beyond this column the source just follows. */
const WIDEST = 56

/** @param dim puts less light on what it is given */
export function effectiveText(entries: readonly EffectiveEntry[], dim: (text: string) => string): string {
  const lines: { text: string; source: string }[] = []
  let before: Steps = []
  for (const entry of entries) {
    const opened = openedBy(entry.steps, before)
    for (const header of opened.headers) lines.push({ text: header, source: '' })
    lines.push({ text: `${opened.start}${oneLine(shown(entry))}`, source: sourceText(entry.source) })
    before = entry.steps
  }
  const longest = Math.max(
    0,
    ...lines.filter(({ text, source }) => source && text.length <= WIDEST).map((l) => l.text.length),
  )
  return lines.map(({ text, source }) => (source ? `${text.padEnd(longest)}  ${dim(`# ${source}`)}` : text)).join('\n')
}

/** The lines that open sections and items between the last value and this one, and what stands before this value. */
function openedBy(steps: Steps, before: Steps): { headers: string[]; start: string } {
  const headers: string[] = []
  let shared = 0
  while (shared < steps.length - 1 && steps[shared] === before[shared]) shared++
  let start = '  '.repeat(shared)
  for (const [offset, name] of steps.slice(shared).entries()) {
    const depth = shared + offset
    if (typeof name === 'number') start += '- '
    else if (depth === steps.length - 1) start += `${keyText(name)}: `
    else {
      headers.push(`${start}${keyText(name)}:`)
      start = '  '.repeat(depth + 1)
    }
  }
  return { headers, start }
}

/** Words that readers of YAML 1.1 take for something else than text get quotes. */
const keyText = (name: string): string =>
  /^[A-Za-z_][\w./-]*$/.test(name) && !/^(?:true|false|null|yes|no|on|off|y|n)$/i.test(name) ? name : oneLine(name)
