// Reads everything that makes up a configuration and lays it over each other: files, environment, secret files. Knows paths and types of nothing.
import { resolve } from 'node:path'
import { type Clock, systemClock } from '../../base/clock.ts'
import { readBounded } from '../../base/read-bounded.ts'
import { atOnce, type Steps } from '../../base/steps.ts'
import { decodeText, MAX_BYTES } from '../../yaml/decode-text.ts'
import type { MapNode, Node } from '../../yaml/node.ts'
import type { Problem } from '../../yaml/problem.ts'
import { readingYaml } from '../../yaml/read.ts'
import { readEnvironment } from './environment.ts'
import { chooseFilters, type Filtered, type FilterName, runFilters } from './filters.ts'
import { CHECK_FILE, findFiles, reasonOf, type WhereToLook } from './find-files.ts'
import type { KnownKey } from './known-key.ts'
import { emptyMap, mergeNodes } from './merge.ts'
import { applySecretFiles } from './secret-files.ts'

export interface SourceOptions extends WhereToLook {
  /** Of the flag `--config.experimental.filters`; each may be a comma list. */
  readonly filters: readonly string[]
  readonly knownKeys: readonly KnownKey[]
  /** For templates that ask what time it is. */
  readonly clock?: Clock
}

export interface Sources {
  /** All layers merged, later over earlier; each node's position says where it came from (a file, `$VARIABLE`, a secret's file). */
  readonly root: MapNode
  /** false when something could not be read at all, so that what is missing from `root` may be no fault of its author's. */
  readonly complete: boolean
  /** Absolute paths of what was read or looked for: configuration, secrets, files that templates read. */
  readonly files: readonly string[]
  /** Absolute paths of directories whose `*.yml` and `*.yaml` belong to it. */
  readonly directories: readonly string[]
  readonly problems: readonly Problem[]
}

/** Never throws for what a person wrote; everything wrong is among the problems. */
export const readSources = (options: SourceOptions): Sources => atOnce(readingSources(options))

/** The same in steps. */
export function* readingSources(options: SourceOptions): Steps<Sources> {
  const found = findFiles(options)
  const chosen = chooseFilters(options.filters, options.env)
  const problems: Problem[] = [...found.problems, ...chosen.problems]
  const read = new Set<string>()
  let root: Node = emptyMap({ file: found.files[0] ?? 'configuration.yml', line: 1, column: 1 })
  let complete = !problems.some((problem) => problem.severity === 'error')
  for (const file of found.files) {
    const result = yield* readConfigurationFile(file, chosen.filters, options, (path) => read.add(path))
    yield
    problems.push(...result.problems)
    if (result.root) root = mergeNodes(root, result.root)
    else complete = false
  }
  const environment = readEnvironment(options.env, options.knownKeys)
  problems.push(...environment.problems)
  if (environment.root) root = mergeNodes(root, environment.root)
  const secrets = applySecretFiles(root, environment.secretFiles, options.cwd)
  problems.push(...secrets.problems)
  for (const path of secrets.files) read.add(resolve(options.cwd, path))
  if (secrets.root.kind !== 'map') throw new Error('the merged configuration is not a map')
  return {
    root: secrets.root,
    complete: complete && !secrets.problems.some((problem) => problem.severity === 'error'),
    files: [...read],
    directories: found.directories.map((path) => resolve(options.cwd, path)),
    problems,
  }
}

interface FileResult {
  /** undefined when the file can't be used. */
  readonly root: MapNode | undefined
  readonly problems: readonly Problem[]
}

function* readConfigurationFile(
  file: string,
  filters: readonly FilterName[],
  options: SourceOptions,
  onFileRead: (path: string) => void,
): Steps<FileResult> {
  const filtered = readFiltered(file, filters, options, onFileRead)
  if (filtered.kind === 'invalid') return { root: undefined, problems: filtered.problems }
  const yaml = yield* readingYaml(filtered.text, file, filtered.sourceLine ? { sourceLine: filtered.sourceLine } : {})
  if (yaml.kind === 'invalid') return { root: undefined, problems: yaml.problems }
  return asMap(yaml.root)
}

/** The text of one file after the filters. */
function readFiltered(
  file: string,
  filters: readonly FilterName[],
  { cwd, env, clock = systemClock }: Pick<SourceOptions, 'cwd' | 'env' | 'clock'>,
  onFileRead: (path: string) => void,
): Filtered {
  const start = { file, line: 1, column: 1 }
  const path = resolve(cwd, file)
  onFileRead(path)
  let bytes: Uint8Array
  try {
    // One byte more than is accepted, so that the reader of text says what is wrong.
    bytes = readBounded(path, MAX_BYTES) ?? new Uint8Array(MAX_BYTES + 1)
  } catch (cause) {
    const message = `The configuration file ${file} can't be read: ${reasonOf(cause)}.`
    const hint = file === file.trim() ? CHECK_FILE : 'A blank beside the comma belongs to the name; remove it.'
    return {
      kind: 'invalid',
      problems: [{ severity: 'error', code: 'unreadable-file', message, hint, position: start }],
    }
  }
  const decoded = decodeText(bytes, file)
  if (decoded.kind === 'invalid') return decoded
  return runFilters(decoded.text, filters, { file, env, cwd, now: clock.now(), onFileRead })
}

export interface FilteredFiles {
  readonly filters: readonly FilterName[]
  readonly files: readonly { readonly file: string; readonly text: string }[]
  readonly problems: readonly Problem[]
}

/** Every file as the filters leave it, for people who wonder what they do. */
export function filteredFiles(options: Omit<SourceOptions, 'knownKeys'>): FilteredFiles {
  const found = findFiles(options)
  const { filters, problems: wrongFilters } = chooseFilters(options.filters, options.env)
  const problems: Problem[] = [...found.problems, ...wrongFilters]
  const files = found.files.flatMap((file) => {
    const filtered = readFiltered(file, filters, options, () => {})
    if (filtered.kind === 'ok') return [{ file, text: filtered.text }]
    problems.push(...filtered.problems)
    return []
  })
  return { filters, files, problems }
}

/** Nothing at all is an empty configuration; a list or a scalar is none. A `null:` at the top is dropped, as Authelia does. */
function asMap(root: Node): FileResult {
  if (root.kind === 'scalar' && root.type === 'null') return { root: emptyMap(root.position), problems: [] }
  if (root.kind !== 'map') {
    const message = `A configuration file must be a map of keys, this is a ${root.kind === 'list' ? 'list' : 'single value'}.`
    const hint = 'It should begin with a section, such as `server:`.'
    return {
      root: undefined,
      problems: [{ severity: 'error', code: 'not-a-map', message, hint, position: root.position }],
    }
  }
  const problems: Problem[] = []
  const entries = new Map(root.entries)
  for (const entry of root.entries.values()) {
    if (!entry.keyIsNull) continue
    entries.delete(entry.key)
    const message = 'A key without a name (null) is ignored.'
    problems.push({ severity: 'warning', code: 'null-key', message, hint: 'Remove it.', position: entry.keyPosition })
  }
  return { root: { ...root, entries }, problems }
}
