// Reads a YAML file that `… export` of ours or Authelia's wrote: one key with a list of flat entries. Knows no meaning of an entry.
import { readFileSync } from 'node:fs'
import { Fault } from '../../base/fault.ts'
import { formatProblems } from '../../config/problem-text.ts'
import { nodeAt } from '../../yaml/node.ts'
import { readYaml } from '../../yaml/read.ts'

export interface ImportedEntry {
  /** Text as it stands there, '' when the key is missing or null. */
  text(key: string): string
  /** Texts of a list, of a single text, or none. */
  texts(key: string): readonly string[]
  /** `file:line:column` of the entry. */
  readonly place: string
}

/** @throws Fault `import-file` */
export function readImportFile(path: string, key: string): readonly ImportedEntry[] {
  let bytes: Uint8Array
  try {
    bytes = readFileSync(path)
  } catch (cause) {
    throw new Fault('import-file', `${path} can't be read.`, { hint: 'Check its name and who may read it.', cause })
  }
  const yaml = readYaml(bytes, path)
  if (yaml.kind === 'invalid')
    throw new Fault('import-file', `${path} is not valid YAML\n${formatProblems(yaml.problems)}`, { exitCode: 1 })
  const list = nodeAt(yaml.root, [key])
  if (list?.kind !== 'list') {
    throw new Fault('import-file', `${path} has no list named ${key}.`, {
      hint: 'The file must be one that the matching export wrote.',
      exitCode: 1,
    })
  }
  return list.items.map((item) => ({
    place: `${item.position.file}:${item.position.line}:${item.position.column}`,
    text(name) {
      const node = nodeAt(item, [name])
      return node?.kind === 'scalar' && node.type !== 'null' ? node.text : ''
    },
    texts(name) {
      const node = nodeAt(item, [name])
      const items = node?.kind === 'list' ? node.items : node ? [node] : []
      return items.flatMap((one) => (one.kind === 'scalar' && one.type !== 'null' ? [one.text] : []))
    },
  }))
}

/** @throws Fault `import-file` that names the place */
export function refuseEntry(entry: ImportedEntry, why: string): never {
  throw new Fault('import-file', `${entry.place}: ${why}`, { hint: 'Nothing was imported.', exitCode: 1 })
}
