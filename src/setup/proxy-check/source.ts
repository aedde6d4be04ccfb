// The files that are checked, and those that they include: read once, found beside one another.
import { globSync, statSync } from 'node:fs'
import { basename, dirname, isAbsolute, join } from 'node:path'
import { Fault } from '../../base/fault.ts'
import { readBounded } from '../../base/read-bounded.ts'

export interface Source {
  readonly path: string
  readonly text: string
}

/** Larger than any set-up that people write. */
const MAX_BYTES = 4 * 1024 * 1024

/** @throws Fault `proxy-file` */
export function readSource(path: string): Source {
  try {
    if (statSync(path).isDirectory())
      throw new Fault('proxy-file', `${path} is a folder.`, { hint: 'Name the file itself.' })
    const bytes = readBounded(path, MAX_BYTES)
    if (bytes === undefined || bytes.includes(0))
      throw new Fault('proxy-file', `${path} is no configuration file.`, { hint: 'Name a text file of the proxy.' })
    return { path, text: bytes.toString('utf8') }
  } catch (cause) {
    if (cause instanceof Fault) throw cause
    throw new Fault('proxy-file', `${path} can't be read.`, {
      hint: 'Check its name, and that you may read it.',
      cause,
    })
  }
}

/** Finds what an include names: a file that was given, or one beside the file that includes, or at its place on this machine. */
export class Sources {
  readonly given: readonly Source[]
  readonly #folders: readonly string[]
  readonly included = new Set<string>()

  /** @param folders where the proxy looks for relative names */
  constructor(given: readonly Source[], folders: readonly string[] = []) {
    this.given = given
    this.#folders = folders
  }

  /** undefined when there is no such file to be read; the pattern of an include that fits nothing is no file at all. */
  find(name: string, from: string): readonly Source[] | undefined {
    const known = this.given.filter(({ path }) => basename(path) === basename(name))
    if (known.length > 0) return this.#take(known)
    const places = [
      ...(isAbsolute(name) ? [name] : []),
      join(dirname(from), name),
      join(dirname(from), basename(name)),
      // nginx reads relative names from where its main file lies: one that was given, or the folder above conf.d.
      ...this.given.map(({ path }) => join(dirname(path), name)),
      join(dirname(dirname(from)), name),
      ...this.#folders.map((folder) => join(folder, name)),
    ]
    for (const place of places) {
      const paths = name.includes('*') ? globSync(place) : [place]
      const found = paths.flatMap((path) => {
        try {
          return [readSource(path)]
        } catch {
          return []
        }
      })
      if (found.length > 0) return this.#take(found)
    }
    return name.includes('*') ? [] : undefined
  }

  #take(found: readonly Source[]): readonly Source[] {
    for (const { path } of found) this.included.add(path)
    return found
  }
}
