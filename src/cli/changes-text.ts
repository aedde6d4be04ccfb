// Changes of a configuration as lines for people: what a reload changes, and what waits for a restart.
import type { Change, Comparable } from '../config/changes.ts'
import { oneLine } from '../yaml/one-line.ts'
import { MASK, sourceText } from './effective-text.ts'

/** No newline at the end. */
export function changesText(changes: readonly Change[]): string {
  const live = changes.filter(({ restart }) => restart === undefined)
  const late = changes.filter(({ restart }) => restart !== undefined)
  const parts: string[] = []
  if (live.length > 0) parts.push('A reload changes:', ...live.map(changeText))
  if (late.length > 0) parts.push('Only a restart changes:', ...late.map(changeText))
  return parts.length > 0 ? parts.join('\n') : 'No difference.'
}

function changeText({ path, before, after, restart }: Change): string {
  const mark = before === undefined ? '+' : after === undefined ? '-' : '~'
  const [was, is] = [before && itemText(before, path), after && itemText(after, path)]
  // Both sides of a secret look the same.
  const what = was === is ? `${was}, another one` : [was, is].filter((text) => text !== undefined).join(' → ')
  const source = after?.[0]?.source ?? (after ? undefined : before?.[0]?.source)
  const why = restart === undefined ? '' : ` (${restart})`
  return `  ${mark} ${path}: ${what}${why}${source ? `  # ${sourceText(source)}` : ''}`
}

/** One value, or all of an item's with their names. */
function itemText(values: readonly Comparable[], path: string): string {
  const text = ({ value }: Comparable): string => (value === undefined ? MASK : oneLine(value))
  const [first] = values
  if (
    values.length === 1 &&
    first &&
    typeof first.steps.at(-1) === 'string' &&
    path.endsWith(String(first.steps.at(-1)))
  )
    return text(first)
  const written = values.filter(({ source }) => source?.kind !== 'inherited' && source?.kind !== 'default')
  return `{ ${(written.length > 0 ? written : values).map((value) => `${nameOf(value)}: ${text(value)}`).join(', ')} }`
}

/** Below its item: `query[0][0].key`. */
function nameOf({ steps }: Comparable): string {
  const below = steps.slice(steps.findIndex((name) => typeof name === 'number') + 1)
  return below.map((name, i) => (typeof name === 'number' ? `[${name}]` : i > 0 ? `.${name}` : name)).join('')
}
