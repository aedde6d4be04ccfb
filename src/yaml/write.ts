// Plain values as YAML text, quoted so that readers of YAML 1.1 and 1.2 agree on it. For templates and generated files; editing is done elsewhere.
import { dump } from 'js-yaml'

export type YamlValue =
  | null
  | string
  | boolean
  | number
  | bigint
  | readonly YamlValue[]
  | ReadonlyMap<string, YamlValue>

/** @param indent columns per level */
export function writeYaml(value: YamlValue, indent = 2): string {
  return dump(toPlain(value), { indent, lineWidth: -1, noRefs: true, quoteStyle: 'single' })
}

function toPlain(value: YamlValue): unknown {
  if (typeof value === 'bigint') return Number(value)
  if (value instanceof Map) {
    const object: Record<string, unknown> = Object.create(null)
    for (const [key, item] of value as ReadonlyMap<string, YamlValue>) object[key] = toPlain(item)
    return object
  }
  return Array.isArray(value) ? (value as readonly YamlValue[]).map(toPlain) : value
}
