// YAML of proxies as they read it: several documents in a file, keys in any letter case, lists in place of single values.
import { Fault } from '../../base/fault.ts'
import type { Node } from '../../yaml/node.ts'
import { readYaml } from '../../yaml/read.ts'
import type { Place } from './finding.ts'
import type { Source } from './source.ts'

/** A table's header, or a key with `=` behind it: neither means anything in YAML that people write. */
const TOML = /^\s*(?:\[\[?[\w."'-]+\]?\]|[\w."'-]+\s*=\s*\S.*)\s*(?:#.*)?$/

/** @throws Fault `proxy-file` for text that isn't YAML */
export function readDocuments({ path, text }: Source): readonly Node[] {
  refuseToml(path, text)
  const lines = text.split('\n')
  const starts = [0, ...lines.flatMap((line, i) => (i > 0 && /^---(?:\s|$)/.test(line) ? [i] : []))]
  return starts.flatMap((start, i) => {
    const part = lines.slice(start, starts[i + 1]).join('\n')
    const result = readYaml(part, path, { sourceLine: (line) => line + start })
    if (result.kind === 'ok') return [result.root]
    const [problem] = result.problems
    const where = problem?.position ? `${path}:${problem.position.line}` : path
    throw new Fault('proxy-file', `${where}: ${problem?.message ?? 'This is not valid YAML.'}`, {
      hint: 'Only YAML is checked.',
    })
  })
}

/** Told by its first line that says something. Read as YAML it might be a list with nothing wrong in it. */
function refuseToml(path: string, text: string): void {
  const first = text.split('\n').find((line) => /^\s*[^\s#]/.test(line))
  if (!path.endsWith('.toml') && (first === undefined || !TOML.test(first))) return
  throw new Fault('proxy-file', `${path} is TOML, which is not checked: nothing is known about it.`, {
    hint: 'Only YAML is checked. Compare it with what `latchkey proxy traefik --explain` says of each line.',
  })
}

/** The value of a key, whatever its letter case. */
export function get(node: Node | undefined, ...path: readonly string[]): Node | undefined {
  let at = node
  for (const key of path) {
    if (at?.kind !== 'map') return undefined
    const entries: readonly { readonly key: string; readonly value: Node }[] = [...at.entries.values()]
    at = entries.find((entry) => entry.key.toLowerCase() === key.toLowerCase())?.value
  }
  return at
}

export const textOf = (node: Node | undefined): string | undefined =>
  node?.kind === 'scalar' && node.type !== 'null' ? node.text : undefined
export const isTrue = (node: Node | undefined): boolean => textOf(node)?.toLowerCase() === 'true'
export const itemsOf = (node: Node | undefined): readonly Node[] => (node?.kind === 'list' ? node.items : [])
/** Texts of a list, or of one value with commas in it. */
export const textsOf = (node: Node | undefined): readonly string[] =>
  node?.kind === 'list'
    ? node.items.flatMap((item) => textOf(item) ?? [])
    : (textOf(node)
        ?.split(',')
        .map((text) => text.trim()) ?? [])
export const entriesOf = (
  node: Node | undefined,
): readonly { readonly key: string; readonly value: Node; readonly place: Place }[] =>
  node?.kind === 'map'
    ? [...node.entries.values()].map(({ key, value, keyPosition }) => ({ key, value, place: placeAt(keyPosition) }))
    : []

const placeAt = ({ file, line }: Node['position']): Place => ({ file, line })
export const placeOf = (node: Node): Place => placeAt(node.position)

/** Every map in a document, the outer ones first. Anchors that are used twice come twice. */
export function everyMap(node: Node): readonly (Node & { kind: 'map' })[] {
  if (node.kind === 'list') return node.items.flatMap(everyMap)
  if (node.kind !== 'map') return []
  return [node, ...[...node.entries.values()].flatMap(({ value }) => everyMap(value))]
}
