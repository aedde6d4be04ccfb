// A YAML document as a tree of maps, lists and scalars, each with the place where it stands. Aliases are shared nodes, merge keys are already applied.
import type { Position } from './problem.ts'

export type Node = MapNode | ListNode | ScalarNode

export interface MapNode {
  readonly kind: 'map'
  /** In document order; keys are the text as written (`007`, `true`), decoded from quotes. */
  readonly entries: ReadonlyMap<string, Entry>
  readonly position: Position
}

export interface Entry {
  readonly key: string
  readonly keyPosition: Position
  /** The key was an unquoted `null`, `~` or nothing at all. */
  readonly keyIsNull: boolean
  readonly value: Node
}

export interface ListNode {
  readonly kind: 'list'
  readonly items: readonly Node[]
  readonly position: Position
}

/** `text` is the scalar without its quotes; `plain` says that it had none (and no block style), so that `type` was guessed from the text. */
export type ScalarNode = {
  readonly kind: 'scalar'
  readonly text: string
  readonly plain: boolean
  readonly position: Position
} & ScalarValue

/** An integer beyond 2^53 loses digits in `value`; `text` keeps them. A timestamp (`2020-01-01`) is something that no option takes. */
export type ScalarValue =
  | { readonly type: 'string'; readonly value: string }
  | { readonly type: 'integer'; readonly value: number }
  | { readonly type: 'float'; readonly value: number }
  | { readonly type: 'boolean'; readonly value: boolean }
  | { readonly type: 'null'; readonly value: null }
  | { readonly type: 'timestamp'; readonly value: string }

/** A text scalar as if it had been quoted, e.g. from an environment variable. */
export function stringNode(value: string, position: Position): ScalarNode {
  return { kind: 'scalar', type: 'string', value, text: value, plain: false, position }
}

/** The node at a path of keys, or undefined where something on the way isn't a map or doesn't exist. */
export function nodeAt(root: Node, path: readonly string[]): Node | undefined {
  let node: Node | undefined = root
  for (const key of path) node = node?.kind === 'map' ? node.entries.get(key)?.value : undefined
  return node
}
