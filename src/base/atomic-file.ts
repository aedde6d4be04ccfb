// Replaces a file so that a reader sees the old or the new content, never a part: temporary file, fsync, rename, fsync of the folder.
import { randomBytes } from 'node:crypto'
import {
  closeSync,
  fchmodSync,
  fchownSync,
  fsyncSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeFileSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'

/** Keeps mode and owner of an existing file; a new one gets `mode`. A symbolic link stays and its target is replaced. */
export function writeFileAtomic(path: string, content: string | Uint8Array, mode = 0o600): void {
  const staged = stageFile(path, content, mode)
  try {
    staged.commit()
  } catch (error) {
    staged.discard()
    throw error
  }
}

export interface StageOptions {
  /** What of an existing file's mode is kept. */
  readonly atMost?: number
}

export interface StagedFile {
  /** Puts it in its place. */
  commit(): void
  /** Leaves everything as it was; nothing after commit(). */
  discard(): void
}

/** The first half of writeFileAtomic, for files that belong together: everything that needs room on the disk is done before one is replaced. */
export function stageFile(
  path: string,
  content: string | Uint8Array,
  mode = 0o600,
  { atMost = 0o777 }: StageOptions = {},
): StagedFile {
  const existing = statSync(path, { throwIfNoEntry: false })
  const target = existing ? realpathSync(path) : path
  const temporary = join(dirname(target), `.${basename(target)}.${randomBytes(6).toString('hex')}.tmp`)
  const discard = (): void => rmSync(temporary, { force: true })
  const file = openSync(temporary, 'wx', 0o600)
  try {
    try {
      writeFileSync(file, content)
      if (existing) keepOwner(file, existing)
      fchmodSync(file, existing ? existing.mode & atMost : mode)
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

/** Root edits what a server's own user must be able to read. Others may not give files away; then the group has to be enough. */
function keepOwner(file: number, { uid, gid, mode }: Stats): void {
  if (process.getuid?.() === uid && process.getgid?.() === gid) return
  try {
    fchownSync(file, uid, gid)
  } catch (error) {
    if (process.getuid?.() !== uid && (mode & 0o044) === 0) throw error
    fchownSync(file, -1, gid)
  }
}
