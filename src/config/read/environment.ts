// Environment variables to a layer of the configuration: AUTHELIA_* and LATCHKEY_* by the known keys, *_FILE as paths of secrets.
import { closestName } from '../../yaml/closest-name.ts'
import { type Node, stringNode } from '../../yaml/node.ts'
import type { Position, Problem } from '../../yaml/problem.ts'
import type { KnownKey } from './known-key.ts'
import { mergeNodes, treeOf } from './merge.ts'

export interface SecretFile {
  readonly path: readonly string[]
  readonly file: string
  readonly variable: string
}

export interface EnvironmentLayer {
  /** undefined when no variable sets anything. */
  readonly root: Node | undefined
  readonly secretFiles: readonly SecretFile[]
  readonly problems: readonly Problem[]
}

/** Ours wins over Authelia's, so it is read last. */
const PREFIXES = ['AUTHELIA_', 'LATCHKEY_'] as const

export function variablePosition(name: string): Position {
  return { file: `$${name}`, line: 1, column: 1 }
}

interface Setting {
  readonly key: KnownKey
  readonly isFile: boolean
  readonly variable: string
  readonly value: string
}

export function readEnvironment(
  env: Readonly<Record<string, string | undefined>>,
  knownKeys: readonly KnownKey[],
): EnvironmentLayer {
  const problems: Problem[] = []
  const settings = new Map<string, Setting>()
  const names = variableNames(knownKeys)
  for (const prefix of PREFIXES) {
    const variables = Object.keys(env).filter((name) => name.startsWith(prefix))
    // The all upper case spelling last, so that it wins over a mixed one.
    variables.sort((a, b) => Number(a === a.toUpperCase()) - Number(b === b.toUpperCase()) || (a < b ? -1 : 1))
    for (const variable of variables) {
      const value = env[variable]
      if (value === undefined) continue
      const suffix = variable.slice(prefix.length).toUpperCase()
      const known = names.get(suffix)
      if (!known || (known.key.deprecated && prefix === 'LATCHKEY_')) {
        problems.push(unknownVariable(variable, prefix, suffix, names, known !== undefined))
        continue
      }
      const earlier = settings.get(suffix)
      if (earlier && earlier.value !== value) problems.push(twice(variable, earlier.variable, known.key.path))
      settings.set(suffix, { ...known, variable, value })
    }
  }
  let root: Node | undefined
  const secretFiles: SecretFile[] = []
  for (const { key, isFile, variable, value } of settings.values()) {
    const path = key.path.split('.')
    if (isFile) secretFiles.push({ path, file: value, variable })
    else {
      const tree = treeOf(path, stringNode(value, variablePosition(variable)))
      root = root ? mergeNodes(root, tree) : tree
    }
  }
  return { root, secretFiles, problems }
}

/** From the upper case part behind the prefix. A current key wins over a deprecated one of the same name. */
function variableNames(knownKeys: readonly KnownKey[]): Map<string, { key: KnownKey; isFile: boolean }> {
  const names = new Map<string, { key: KnownKey; isFile: boolean }>()
  const usable = knownKeys.filter((key) => !/[[*]/.test(key.path))
  for (const isFile of [true, false]) {
    for (const key of usable.toSorted((a, b) => Number(b.deprecated ?? false) - Number(a.deprecated ?? false))) {
      const name = key.path.toUpperCase().replaceAll('.', '_')
      if (!isFile) names.set(name, { key, isFile })
      else if (key.secret) names.set(`${name}_FILE`, { key, isFile })
    }
  }
  return names
}

function unknownVariable(
  variable: string,
  prefix: string,
  suffix: string,
  names: ReadonlyMap<string, unknown>,
  isOld: boolean,
): Problem {
  const closest = closestName(suffix, names.keys())
  const plain = suffix.replace(/_FILE$/, '')
  const hint = isOld
    ? `It is an old name, known as AUTHELIA_${suffix} only; use the new one.`
    : plain !== suffix && names.has(plain)
      ? `Only secrets can be given as a file; set ${prefix}${plain}.`
      : closest
        ? `Did you mean ${prefix}${closest}?`
        : 'It has no effect. Keys within lists and named entries have no variable.'
  return {
    severity: 'warning',
    code: 'unknown-variable',
    message: `The environment variable ${variable} is not known.`,
    hint,
    position: variablePosition(variable),
  }
}

function twice(variable: string, earlier: string, path: string): Problem {
  return {
    severity: 'warning',
    code: 'variable-set-twice',
    message: `The environment variables ${earlier} and ${variable} differ; ${variable} is used.`,
    hint: 'Remove one of them.',
    path,
    position: variablePosition(variable),
  }
}
