// Writes files that must not exist yet, readable by their owner only: what commands export holds secrets.
import { existsSync, lstatSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { type StagedFile, stageFile } from '../base/atomic-file.ts'
import { Fault } from '../base/fault.ts'
import { makeFolder } from '../base/make-folder.ts'

export interface NewFile {
  readonly path: string
  readonly content: string | Uint8Array
  /** 0600 unless given. */
  readonly mode?: number
}

/** @throws Fault `file-exists`, `file-unwritable` */
export function newFile(path: string, content: string | Uint8Array): void {
  newFiles([{ path, content }])
}

export interface NewFilesOptions {
  /** Replace what exists, each file at once, its mode kept. */
  readonly force?: boolean
  /** Of folders that are missing and made; without it they must be there. */
  readonly folderMode?: number
}

/**
 * All of them or none: nothing is written when one exists already, and what was written is removed when a later one fails. With `force` all are
 * written beside their places first: a full disk leaves the old ones.
 * @throws Fault `file-exists`, `file-unwritable`
 */
export function newFiles(files: readonly NewFile[], { force = false, folderMode }: NewFilesOptions = {}): void {
  const existing = force ? undefined : files.find(({ path }) => lstatSync(path, { throwIfNoEntry: false }))
  if (existing) throw exists(existing.path, undefined)
  const undo: (() => void)[] = []
  const staged: { path: string; file: StagedFile }[] = []
  let at = ''
  try {
    for (const { path, content, mode = 0o600 } of files) {
      at = path
      if (folderMode !== undefined) makeFolder(dirname(path), folderMode)
      if (force && existsSync(path)) {
        if (!statSync(path).isFile()) throw new Error('it is no file but a folder or a device')
        const file = stageFile(path, content, mode)
        undo.push(file.discard)
        staged.push({ path, file })
      } else {
        writeFileSync(path, '', { flag: 'wx', mode })
        undo.push(() => rmSync(path, { force: true }))
        writeFileSync(path, content)
      }
    }
    for (const { path, file } of staged) {
      at = path
      file.commit()
    }
  } catch (cause) {
    for (const step of undo) step()
    const { code, message } = cause as NodeJS.ErrnoException
    if (code === 'EEXIST' && lstatSync(at, { throwIfNoEntry: false })) throw exists(at, cause)
    throw new Fault('file-unwritable', `${at} can't be written: ${message}.`, {
      hint:
        code === 'ENOSPC' || code === 'EDQUOT'
          ? 'Make room on the disk; nothing was changed.'
          : 'Check that its folder exists and that you may write there.',
    })
  }
}

const exists = (path: string, cause: unknown): Fault =>
  new Fault('file-exists', `${path} exists already; it is left as it is.`, {
    hint: 'Choose another name, or write over it with --force where the command has that.',
    cause,
  })
