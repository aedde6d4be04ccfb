// Which files make up the configuration: named ones, those of named directories, or what the environment names. Reads no content.
import { lstatSync, readdirSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { NOT_A_FILE } from '../../base/read-bounded.ts'
import type { Problem } from '../../yaml/problem.ts'

export interface FoundFiles {
  /** In the order in which they are laid over each other, as written by whoever named them. */
  readonly files: readonly string[]
  readonly directories: readonly string[]
  readonly problems: readonly Problem[]
}

export interface WhereToLook {
  /** What was given with `--config`; each may be a comma list. */
  readonly paths: readonly string[]
  /** Whether `--config` was given at all. */
  readonly explicit: boolean
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
}

const IMPLICIT_FILE = 'configuration.yml'

export function findFiles(where: WhereToLook): FoundFiles {
  const problems: Problem[] = []
  const files: string[] = []
  const directories: string[] = []
  const error = (code: string, message: string, hint: string) =>
    problems.push({ severity: 'error', code, message, hint })
  const named = namedPaths(where)
  if (named === undefined) {
    // Also one that can't be looked at: reading it says why.
    const implicit = lstatSync(resolve(where.cwd, IMPLICIT_FILE), { throwIfNoEntry: false })
    return { files: implicit ? [IMPLICIT_FILE] : [], directories, problems }
  }
  if (named.length === 0)
    error('empty-path', 'The path of a configuration file is empty.', 'Give a path after --config.')
  for (const path of named) {
    if (path === '') {
      error('empty-path', 'The path of a configuration file is empty.', 'Remove a comma too many, or give the path.')
      continue
    }
    if (!isFolder(resolve(where.cwd, path))) {
      // Whether it exists is found out by reading it.
      files.push(path)
      continue
    }
    directories.push(path)
    const listed = listDirectory(path, where.cwd)
    if (typeof listed === 'string')
      error('unreadable-file', `The directory ${path} can't be read: ${listed}.`, CHECK_FILE)
    else files.push(...listed)
  }
  for (const path of named) {
    const folder = directories.find((directory) => resolve(where.cwd, directory) === dirname(resolve(where.cwd, path)))
    if (path !== '' && folder !== undefined && !directories.includes(path)) {
      error(
        'file-in-directory',
        `The file ${path} lies in ${folder}, which is read as a whole.`,
        'Name one of the two.',
      )
    }
  }
  return { files, directories, problems }
}

/** False for what can't be looked at. */
function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory()
  } catch {
    return false
  }
}

export const CHECK_FILE = 'Check the path and that this user may read it.'

/** undefined: nobody named a file. */
function namedPaths({ paths, explicit, env }: WhereToLook): readonly string[] | undefined {
  if (explicit) return paths.flatMap((path) => path.split(','))
  const named = env['X_LATCHKEY_CONFIG'] || env['X_AUTHELIA_CONFIG']
  return named ? named.split(',') : undefined
}

/** What to tell a person about a failed system call. */
export function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const known: Record<string, string> = {
    ENOENT: 'it does not exist',
    EACCES: 'permission denied',
    EPERM: 'permission denied',
    EISDIR: 'it is a directory',
    ENOTDIR: 'a part of its path is not a directory',
    ELOOP: 'too many symbolic links',
    ENAMETOOLONG: 'the name is too long',
    [NOT_A_FILE]: 'it is a pipe, a socket or a device',
  }
  return known[code] ?? (code || 'unknown reason')
}

/** Cases for the access rules lie beside the configuration and are no part of it. Ours; Authelia reads every `*.yml` of a directory. */
export const isCasesFile = (name: string): boolean => /\.test\.ya?ml$/.test(name)

/** The `*.yml` and `*.yaml` in byte order of their names, hidden ones too, but no cases; or why it can't be read. */
function listDirectory(path: string, cwd: string): readonly string[] | string {
  try {
    return readdirSync(resolve(cwd, path))
      .filter((name) => (name.endsWith('.yml') || name.endsWith('.yaml')) && !isCasesFile(name))
      .filter((name) => !isFolder(resolve(cwd, path, name)))
      .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
      .map((name) => join(path, name))
  } catch (error) {
    return reasonOf(error)
  }
}
