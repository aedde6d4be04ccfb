// The merged configuration as a tree that may be changed: old keys move to their new places here, before anything is converted.
import type { Node, ScalarNode } from '../yaml/node.ts'
import type { Position } from '../yaml/problem.ts'

export type Draft = DraftMap | DraftList | ScalarNode
export interface DraftMap {
  readonly kind: 'map'
  readonly entries: Map<string, DraftEntry>
  readonly position: Position
}
export interface DraftEntry {
  readonly keyPosition: Position
  value: Draft
}
export interface DraftList {
  readonly kind: 'list'
  readonly items: Draft[]
  readonly position: Position
}

export function draftOf(node: Node): Draft {
  switch (node.kind) {
    case 'scalar':
      return node
    case 'list':
      // Nothing is moved into lists or out of them, so what lies in them (thousands of rules, perhaps) is taken as it is.
      if (!hasNullKey(node)) return node as DraftList
      return { kind: 'list', items: node.items.map(draftOf), position: node.position }
    case 'map': {
      const entries = new Map<string, DraftEntry>()
      for (const entry of node.entries.values()) {
        if (!entry.keyIsNull) entries.set(entry.key, { keyPosition: entry.keyPosition, value: draftOf(entry.value) })
      }
      return { kind: 'map', entries, position: node.position }
    }
  }
}

const hasNullKey = (node: Node): boolean => {
  if (node.kind === 'scalar') return false
  if (node.kind === 'list') return node.items.some(hasNullKey)
  for (const { keyIsNull, value } of node.entries.values()) if (keyIsNull || hasNullKey(value)) return true
  return false
}

/** The entry at a path of keys, or undefined where something on the way is missing or no map. */
export function entryAt(root: DraftMap, path: string): DraftEntry | undefined {
  let map: Draft | undefined = root
  const keys = path.split('.')
  for (const key of keys.slice(0, -1)) map = map?.kind === 'map' ? map.entries.get(key)?.value : undefined
  return map?.kind === 'map' ? map.entries.get(keys.at(-1) ?? '') : undefined
}

/** Takes the entry out and returns it; a section that it leaves empty goes as well. */
export function takeEntry(root: DraftMap, path: string): DraftEntry | undefined {
  const entry = entryAt(root, path)
  if (!entry) return undefined
  const keys = path.split('.')
  for (let depth = keys.length; depth > 0; depth--) {
    const parentPath = keys.slice(0, depth - 1).join('.')
    const parent = parentPath === '' ? root : entryAt(root, parentPath)?.value
    if (parent?.kind !== 'map') break
    parent.entries.delete(keys[depth - 1] ?? '')
    if (parent.entries.size > 0) break
  }
  return entry
}

/** Puts an entry at a path, making the sections on the way. Returns false where something else stands in the way. */
export function putEntry(root: DraftMap, path: string, entry: DraftEntry): boolean {
  let map = root
  const keys = path.split('.')
  for (const key of keys.slice(0, -1)) {
    const next = map.entries.get(key)
    if (next?.value.kind === 'map') map = next.value
    else if (next && !(next.value.kind === 'scalar' && next.value.type === 'null')) return false
    else {
      const made: DraftMap = { kind: 'map', entries: new Map(), position: entry.keyPosition }
      map.entries.set(key, { keyPosition: entry.keyPosition, value: made })
      map = made
    }
  }
  map.entries.set(keys.at(-1) ?? '', entry)
  return true
}

/** A text scalar that stands where `from` stood. */
export function textAt(value: string, position: Position): ScalarNode {
  return { kind: 'scalar', type: 'string', value, text: value, plain: false, position }
}
export function numberAt(value: number, position: Position): ScalarNode {
  return { kind: 'scalar', type: 'integer', value, text: String(value), plain: true, position }
}
export const isNull = (draft: Draft | undefined): boolean => draft?.kind === 'scalar' && draft.type === 'null'
