// Where the package lies, whichever of its files is running: the sources, what was built of them, or a bundle.
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** Absolute path of the folder that holds package.json, templates/ and schemas/. */
export function packageFolder(): string {
  let folder = import.meta.dirname
  while (!existsSync(join(folder, 'package.json'))) {
    const above = dirname(folder)
    if (above === folder) throw new Error(`no package.json above ${import.meta.dirname}`)
    folder = above
  }
  return folder
}
