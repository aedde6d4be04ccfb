// Further attributes of a user (`extra`) against what `authentication_backend.file.extra_attributes` says of them. Types are exact.
import type { DirectoryConfig } from '../config/config.ts'
import type { MapNode, Node } from '../yaml/node.ts'
import type { Position } from '../yaml/problem.ts'

type Definitions = DirectoryConfig['file']['extraAttributes']
type ValueType = Definitions[string]['valueType']

export function checkExtraAttributes(
  extra: MapNode,
  definitions: Definitions,
  fail: (at: Position, message: string) => void,
): void {
  for (const { key, keyIsNull, keyPosition, value } of extra.entries.values()) {
    if (keyIsNull) continue
    const name = JSON.stringify(key.slice(0, 100))
    const definition = Object.hasOwn(definitions, key) ? definitions[key] : undefined
    if (!definition) {
      fail(keyPosition, `the extra attribute ${name} is not among authentication_backend.file.extra_attributes`)
      continue
    }
    const { valueType, multiValued } = definition
    const fits = multiValued
      ? value.kind === 'list' && value.items.every((item) => isOfType(item, valueType))
      : isOfType(value, valueType)
    if (!fits)
      fail(value.position, `the extra attribute ${name} must be ${multiValued ? 'a list of' : 'of type'} ${valueType}`)
  }
}

/** An integer may be written as a float. */
function isOfType(node: Node, type: ValueType): boolean {
  if (node.kind !== 'scalar') return false
  return node.type === type || (type === 'integer' && node.type === 'float')
}
