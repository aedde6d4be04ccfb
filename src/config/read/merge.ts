// Lays one source over another: maps merge key by key, lists and scalars (also null) are replaced whole.
import type { Entry, MapNode, Node } from '../../yaml/node.ts'
import type { Position } from '../../yaml/problem.ts'

/** `over` wins. A map over a scalar and a scalar over a map replace it; an empty map over a map changes nothing. */
export function mergeNodes(under: Node, over: Node): Node {
  if (under.kind !== 'map' || over.kind !== 'map') return over
  const entries = new Map(under.entries)
  for (const [key, entry] of over.entries) {
    const old = entries.get(key)
    const value = old ? mergeNodes(old.value, entry.value) : entry.value
    // A section stands where it was first written; what is missing from it is reported there.
    const keyPosition = value.kind === 'map' && old?.value.kind === 'map' ? old.keyPosition : entry.keyPosition
    entries.set(key, { ...entry, keyPosition, value })
  }
  return { kind: 'map', entries, position: under.entries.size > 0 ? under.position : over.position }
}

/** A tree with one leaf, its sections standing where the leaf stands. */
export function treeOf(path: readonly string[], leaf: Node): Node {
  return path.reduceRight<Node>((value, key) => mapWith(key, value), leaf)
}

function mapWith(key: string, value: Node): MapNode {
  const entry: Entry = { key, keyPosition: value.position, keyIsNull: false, value }
  return { kind: 'map', entries: new Map([[key, entry]]), position: value.position }
}

export function emptyMap(position: Position): MapNode {
  return { kind: 'map', entries: new Map(), position }
}
