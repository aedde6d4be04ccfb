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
  const staged = stageFile(path, content, mode)
  try {
    staged.commit()
  } catch (error) {
    staged.discard()
    throw error
  }
}

export interface StagedFile {
  /** Puts it in its place. */
  commit(): void
  /** Leaves everything as it was; nothing after commit(). */
  discard(): void
}

/** The first half of writeFileAtomic, for files that belong together: everything that needs room on the disk is done before one is replaced. */
export function stageFile(path: string, content: string | Uint8Array, mode = 0o600): StagedFile {
  const existing = statSync(path, { throwIfNoEntry: false })
  const target = existing ? realpathSync(path) : path
  const temporary = join(dirname(target), `.${basename(target)}.${randomBytes(6).toString('hex')}.tmp`)
  const discard = (): void => rmSync(temporary, { force: true })
  const file = openSync(temporary, 'wx', 0o600)
  try {
    try {
      writeFileSync(file, content)
      fchmodSync(file, existing ? existing.mode & 0o777 : mode)
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
  } catch (error) {
    discard()
    throw error
  }
  return {
    discard,
    commit() {
      renameSync(temporary, target)
      const folder = openSync(dirname(target), 'r')
      try {
        fsyncSync(folder)
      } finally {
        closeSync(folder)
      }
    },
  }
}
