// Changes of a configuration as lines for people: what a reload changes, and what waits for a restart.
import type { Change, ChangedValue } from '../../config/changes.ts'
import { oneLine } from '../../yaml/one-line.ts'
import { MASK, sourceText } from './effective-text.ts'

/** No newline at the end. */
export function changesText(changes: readonly Change[]): string {
  const live = changes.filter(({ effect }) => effect === 'reload')
  const late = changes.filter(({ effect }) => effect === 'restart')
  const parts: string[] = []
  if (live.length > 0) parts.push('A reload changes:', ...live.map(changeText))
  if (late.length > 0) parts.push('Only a restart changes:', ...late.map(changeText))
  return parts.length > 0 ? parts.join('\n') : 'No difference.'
}

const MARKS: Readonly<Record<Change['change'], string>> = { added: '+', removed: '-', changed: '~', waiting: '~' }

function changeText({ path, change, before, after }: Change): string {
  const mark = MARKS[change]
  if (change === 'waiting') return `  ${mark} ${path}: changed before, and not taken up yet`
  const [was, is] = [before, after].map((values) => (values.length > 0 ? itemText(values, path) : undefined))
  // Both sides of a secret look the same.
  const what = was === is ? `${was}, another one` : [was, is].filter((text) => text !== undefined).join(' → ')
  const source = (after.length > 0 ? after : before)[0]?.source
  return `  ${mark} ${path}: ${what}${source ? `  # ${sourceText(source)}` : ''}`
}

/** One value, or all of an item's with their names. */
function itemText(values: readonly ChangedValue[], path: string): string {
  const text = ({ value }: ChangedValue): string => (value === undefined ? MASK : oneLine(value))
  const [first] = values
  if (values.length === 1 && first?.path === path) return text(first)
  const written = values.filter(({ source }) => source?.kind !== 'inherited' && source?.kind !== 'default')
  const named = (written.length > 0 ? written : values).map((value) => `${nameBelow(value.path, path)}: ${text(value)}`)
  return `{ ${named.join(', ')} }`
}

/** `access_control.rules[3].query[0][0].key` below `access_control.rules[3]` is `query[0][0].key`. */
const nameBelow = (path: string, item: string): string =>
  path.startsWith(item) ? path.slice(item.length).replace(/^\./, '') : path
