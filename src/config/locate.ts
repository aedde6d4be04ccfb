// Finds where a value of the normalised configuration was written, by taking the same steps through the draft that normalise took. Asked for the few
// places that somebody is told, so that nothing has to be kept for the many that nobody asks about.
import type { Position } from '../yaml/problem.ts'
import type { Draft, DraftEntry, DraftList, DraftMap } from './draft.ts'
import type { ListShape, Shape } from './shape.ts'

export interface Location {
  readonly value: Position
  /** Of the key, or of the item; the top has none. */
  readonly key: Position | undefined
}

/** @returns one location for the top and one for each step, as far as they lead somewhere */
export function locate(root: DraftMap, top: Shape, steps: readonly string[]): Location[] {
  const found: Location[] = [{ value: root.position, key: undefined }]
  let draft: Draft = root
  let shape: Shape | undefined = top
  for (const name of steps) {
    if (shape?.kind === 'list' || shape?.kind === 'lists') {
      const item: Draft | undefined = itemAt(draft, shape, Number(name))
      if (!item) break
      draft = item
      shape = shape.kind === 'lists' ? { kind: 'list', items: shape.items } : shape.items
      found.push({ value: item.position, key: item.position })
    } else {
      const entry: DraftEntry | undefined = draft.kind === 'map' ? draft.entries.get(name) : undefined
      if (!entry) break
      draft = entry.value
      shape = childOf(shape, name)
      found.push({ value: entry.value.position, key: entry.keyPosition })
    }
  }
  return found
}

function itemAt(draft: Draft, shape: ListShape, index: number): Draft | undefined {
  if (shape.kind === 'lists') {
    const inner = listAround(draft).items[index]
    return inner && listAround(inner)
  }
  // What was split at its commas stands in one place.
  return draft.kind === 'list' ? draft.items[index] : shape.comma || index === 0 ? draft : undefined
}

function childOf(shape: Shape | undefined, name: string): Shape | undefined {
  if (shape?.kind === 'map') return shape.values
  return shape?.kind === 'section' && Object.hasOwn(shape.keys, name) ? shape.keys[name] : undefined
}

/** One item alone is a list of it. */
export const listAround = (draft: Draft): DraftList =>
  draft.kind === 'list' ? draft : { kind: 'list', items: [draft], position: draft.position }
