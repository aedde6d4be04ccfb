// Where the operator's cases for the access rules lie: every `*.test.yml` of a configuration directory; beside a configuration file `rules.test.yml`
// and the one named after it (`configuration.test.yml`). Reads no content.
import { readdirSync, statSync } from 'node:fs'
import { basename, dirname, extname, join, resolve } from 'node:path'
import { findFiles, isCasesFile, type WhereToLook } from './find-files.ts'

/** Paths as written by whoever named the configuration, each once, in the order of the configuration's. */
export function findCases(where: WhereToLook): readonly string[] {
  const { files, directories } = findFiles(where)
  const found = new Map<string, string>()
  const add = (path: string): void => {
    if (!found.has(resolve(where.cwd, path))) found.set(resolve(where.cwd, path), path)
  }
  for (const directory of directories)
    for (const name of casesIn(resolve(where.cwd, directory))) add(join(directory, name))
  for (const file of files)
    for (const stem of [basename(file, extname(file)), 'rules'])
      for (const ending of ['.test.yml', '.test.yaml']) {
        const path = join(dirname(file), stem + ending)
        if (isFile(resolve(where.cwd, path))) add(path)
      }
  return [...found.values()]
}

/** False for what can't be looked at, such as a link to itself. */
function isFile(path: string): boolean {
  try {
    return statSync(path).isFile()
  } catch {
    return false
  }
}

/** None where the directory can't be read: loading the configuration says so. */
function casesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory, { withFileTypes: true })
      .filter((entry) => !entry.isDirectory() && isCasesFile(entry.name))
      .map(({ name }) => name)
      .sort()
  } catch {
    return []
  }
}
