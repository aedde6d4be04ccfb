// Which program the pages' commands run: what was built, when it is newer than every source (CI builds first, and it starts in a sixth of the time), else the sources.
import { globSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './page.ts'

export function program(): string {
  const built = statSync(join(root, 'dist', 'build-info.json'), { throwIfNoEntry: false })?.mtimeMs ?? 0
  const isNewest = ['package.json', ...globSync('src/**', { cwd: root })].every(
    (path) => statSync(join(root, path)).mtimeMs < built,
  )
  return join(root, 'bin', isNewest ? 'run.js' : 'dev.js')
}
