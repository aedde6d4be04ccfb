// Writes files that belong together: all of them or none. What exists is left alone unless told; what was told to be secret stays so.
import {
  closeSync,
  existsSync,
  fchmodSync,
  fsyncSync,
  lstatSync,
  openSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { type StagedFile, stageFile } from '../../base/atomic-file.ts'
import { Fault } from '../../base/fault.ts'
import { makeFolder } from '../../base/make-folder.ts'
import { undisturbed } from '../../base/undisturbed.ts'

export interface NewFile {
  readonly path: string
  readonly content: string | Uint8Array
  /** 0600 unless given; with this very mode, whatever the umask. */
  readonly mode?: number
}

/** @throws Fault `file-exists`, `file-unwritable` */
export function newFile(path: string, content: string | Uint8Array): void {
  newFiles([{ path, content }])
}

export interface NewFilesOptions {
  /** Replace what exists, each file at once; owner and group stay, and of its mode what `mode` allows, and the group's part. */
  readonly force?: boolean
  /** Of folders that are missing and made; without it they must be there. */
  readonly folderMode?: number
}

/**
 * All of them or none: nothing is written when one exists already, and what was written is removed when a later one fails. With `force` all are
 * written beside their places first: a full disk leaves the old ones.
 * @throws Fault `file-exists`, `file-unwritable`
 */
export function newFiles(files: readonly NewFile[], options: NewFilesOptions = {}): void {
  undisturbed(() => writeAll(files, options))
}

function writeAll(files: readonly NewFile[], { force = false, folderMode }: NewFilesOptions): void {
  const existing = force ? undefined : files.find(({ path }) => isThere(path))
  if (existing) throw exists(existing.path, undefined)
  const undo: (() => void)[] = []
  const staged: { path: string; file: StagedFile }[] = []
  let at = ''
  try {
    for (const { path, content, mode = 0o600 } of files) {
      at = path
      if (folderMode !== undefined) makeFolder(dirname(path), folderMode)
      if (force && existsSync(path)) {
        requireOwn(path)
        // A key that others could read, or was one of two files of different secrecy, is no model for the new one.
        const file = stageFile(path, content, mode, { atMost: mode | 0o070 })
        undo.push(file.discard)
        staged.push({ path, file })
      } else {
        create(path, content, mode, undo)
      }
    }
    for (const { path, file } of staged) {
      at = path
      file.commit()
    }
  } catch (cause) {
    for (const step of undo) step()
    const { code, message } = cause as NodeJS.ErrnoException
    if (code === 'EEXIST' && isThere(at)) throw exists(at, cause)
    throw new Fault('file-unwritable', `${at} can't be written: ${message}.`, {
      hint:
        code === 'ENOSPC' || code === 'EDQUOT'
          ? 'Make room on the disk; nothing was changed.'
          : 'Check that its folder exists and that you may write there.',
    })
  }
}

/** A link to nowhere is there too. False for what can't be looked at: writing says why. */
function isThere(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined
  } catch {
    return false
  }
}

/** Opened once: under the same name there may be somebody else's file a moment later. */
function create(path: string, content: string | Uint8Array, mode: number, undo: (() => void)[]): void {
  const file = openSync(path, 'wx', 0o600)
  undo.push(() => rmSync(path, { force: true }))
  try {
    writeFileSync(file, content)
    fchmodSync(file, mode)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

/** Where everybody may put files, one of somebody else's would lead to another place, or be theirs to read afterwards. */
function requireOwn(path: string): void {
  if (!statSync(path).isFile()) throw new Error('it is no file but a folder or a device')
  const isForEverybody = (statSync(dirname(path)).mode & 0o002) !== 0
  if (isForEverybody && lstatSync(path).uid !== process.getuid?.())
    throw new Error('it is another user’s, in a folder that everybody may write to')
}

const exists = (path: string, cause: unknown): Fault =>
  new Fault('file-exists', `${path} exists already; it is left as it is.`, {
    hint: 'Choose another name, or write over it with --force where the command has that.',
    cause,
  })
