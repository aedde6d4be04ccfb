// Replaces a file so that a reader sees the old or the new content, never a part: temporary file, fsync, rename, fsync of the folder.
import { randomBytes } from 'node:crypto'
import {
  closeSync,
  fchmodSync,
  fsyncSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'

/** Keeps the mode of an existing file; a new one gets `mode`. A symbolic link stays and its target is replaced. */
export function writeFileAtomic(path: string, content: string | Uint8Array, mode = 0o600): void {
  const existing = statSync(path, { throwIfNoEntry: false })
  const target = existing ? realpathSync(path) : path
  const temporary = join(dirname(target), `.${basename(target)}.${randomBytes(6).toString('hex')}.tmp`)
  const file = openSync(temporary, 'wx', 0o600)
  try {
    writeFileSync(file, content)
    fchmodSync(file, existing ? existing.mode & 0o777 : mode)
    fsyncSync(file)
    closeSync(file)
    renameSync(temporary, target)
  } catch (error) {
    rmSync(temporary, { force: true })
    throw error
  }
  const folder = openSync(dirname(target), 'r')
  try {
    fsyncSync(folder)
  } finally {
    closeSync(folder)
  }
}
