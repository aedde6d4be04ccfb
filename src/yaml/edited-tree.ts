// What a tree has to be after an edit, computed from the tree before: what the edited text is compared with.
import type { YamlEdit, YamlPath } from './edit.ts'
import type { Entry, MapNode, Node } from './node.ts'
import type { Position } from './problem.ts'
import type { YamlValue } from './write.ts'

const NOWHERE: Position = { file: '', line: 0, column: 0 }

/** undefined: there is nothing at the path, or something that can't hold what is to be put there. */
export function editedTree(root: Node, edit: YamlEdit): Node | undefined {
  switch (edit.kind) {
    case 'set':
      return changed(root, edit.path, () => nodeOf(edit.value))
    case 'append':
      return changed(root, edit.path, (node) => {
        if (node !== undefined && !isNull(node) && node.kind !== 'list') return undefined
        const items = node?.kind === 'list' ? node.items : []
        return { kind: 'list', items: [...items, nodeOf(edit.value)], position: NOWHERE }
      })
    case 'remove':
      return removed(root, edit.path)
  }
}

/** Same kinds, types, texts and keys; order of keys and places don't matter. */
export function sameTree(a: Node, b: Node, known = new Map<Node, Set<Node>>()): boolean {
  if (a === b || known.get(a)?.has(b)) return true
  const same = sameContent(a, b, known)
  // Aliases share nodes; each pair is compared once.
  if (same) known.set(a, (known.get(a) ?? new Set()).add(b))
  return same
}

function sameContent(a: Node, b: Node, known: Map<Node, Set<Node>>): boolean {
  if (a.kind === 'scalar' && b.kind === 'scalar') {
    return a.type === b.type && (a.type === 'string' || a.type === 'null' ? a.value === b.value : a.text === b.text)
  }
  if (a.kind === 'list' && b.kind === 'list') {
    return a.items.length === b.items.length && a.items.every((item, i) => sameTree(item, b.items[i] as Node, known))
  }
  if (a.kind !== 'map' || b.kind !== 'map' || a.entries.size !== b.entries.size) return false
  return [...a.entries].every(([key, { value, keyIsNull }]) => {
    const other = b.entries.get(key)
    return other !== undefined && other.keyIsNull === keyIsNull && sameTree(value, other.value, known)
  })
}

function changed(
  node: Node | undefined,
  path: YamlPath,
  change: (old: Node | undefined) => Node | undefined,
): Node | undefined {
  const [key, ...rest] = path
  if (key === undefined) return change(node)
  if (typeof key === 'number') {
    if (node?.kind !== 'list' || key >= node.items.length) return undefined
    const item = changed(node.items[key], rest, change)
    return item && { ...node, items: node.items.with(key, item) }
  }
  if (node !== undefined && !isNull(node) && node.kind !== 'map') return undefined
  const entries = new Map(node?.kind === 'map' ? node.entries : [])
  const old = entries.get(key)
  const value = changed(old?.value, rest, change)
  if (!value) return undefined
  entries.set(key, entry(key, value, old))
  return { kind: 'map', entries, position: NOWHERE }
}

function removed(node: Node | undefined, path: YamlPath): Node | undefined {
  const [key, ...rest] = path
  if (node === undefined || key === undefined) return undefined
  if (node.kind === 'list' && typeof key === 'number' && key < node.items.length) {
    if (rest.length === 0) return { ...node, items: node.items.toSpliced(key, 1) }
    const item = removed(node.items[key], rest)
    return item && { ...node, items: node.items.with(key, item) }
  }
  const old = node.kind === 'map' && typeof key === 'string' ? node.entries.get(key) : undefined
  if (!old || typeof key === 'number') return undefined
  const entries = new Map((node as MapNode).entries)
  if (rest.length === 0) {
    entries.delete(key)
    return { ...(node as MapNode), entries }
  }
  const value = removed(old.value, rest)
  if (!value) return undefined
  entries.set(key, entry(key, value, old))
  return { ...(node as MapNode), entries }
}

const entry = (key: string, value: Node, old?: Entry): Entry => ({
  key,
  value,
  keyPosition: old?.keyPosition ?? NOWHERE,
  keyIsNull: old?.keyIsNull ?? false,
})

const isNull = (node: Node): boolean => node.kind === 'scalar' && node.type === 'null'

function nodeOf(value: YamlValue): Node {
  const position = NOWHERE
  if (value instanceof Map) {
    const pairs = [...(value as ReadonlyMap<string, YamlValue>)]
    return { kind: 'map', entries: new Map(pairs.map(([key, item]) => [key, entry(key, nodeOf(item))])), position }
  }
  if (Array.isArray(value)) return { kind: 'list', items: (value as readonly YamlValue[]).map(nodeOf), position }
  const text = String(value)
  const scalar = { kind: 'scalar', text, plain: typeof value !== 'string', position } as const
  if (value === null) return { ...scalar, type: 'null', value }
  if (typeof value === 'string') return { ...scalar, type: 'string', value }
  if (typeof value === 'boolean') return { ...scalar, type: 'boolean', value }
  const number = Number(value)
  return { ...scalar, type: typeof value === 'bigint' || Number.isInteger(number) ? 'integer' : 'float', value: number }
}
