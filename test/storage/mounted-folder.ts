// A folder on a file system of its own, for what a full disk or one that can't be written does. Needs root.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'

/** @param options of mount: `size=300k`, `ro`. Undefined where nothing can be mounted; the folder goes away with the test. */
export function mountedFolder(t: TestContext, options: string): string | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-mounted-'))
  const isMounted =
    process.getuid?.() === 0 && spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder]).status === 0
  t.after(() => {
    if (isMounted) spawnSync('umount', [folder])
    rmSync(folder, { recursive: true })
  })
  return isMounted ? folder : undefined
}
