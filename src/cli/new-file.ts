// Writes files that must not exist yet, readable by their owner only: what commands export holds secrets.
import { existsSync, lstatSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { writeFileAtomic } from '../base/atomic-file.ts'
import { Fault } from '../base/fault.ts'

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
 * All of them or none: nothing is written when one exists already, and what was written is removed when a later one fails.
 * @throws Fault `file-exists`, `file-unwritable`
 */
export function newFiles(files: readonly NewFile[], { force = false, folderMode }: NewFilesOptions = {}): void {
  const existing = force ? undefined : files.find(({ path }) => lstatSync(path, { throwIfNoEntry: false }))
  if (existing) throw exists(existing.path, undefined)
  const written: string[] = []
  for (const { path, content, mode = 0o600 } of files) {
    try {
      const folder = dirname(path)
      if (folderMode !== undefined) makeFolder(folder, folderMode)
      if (force && existsSync(path)) writeFileAtomic(path, content, mode)
      else {
        writeFileSync(path, '', { flag: 'wx', mode })
        written.push(path)
        writeFileSync(path, content)
      }
    } catch (cause) {
      for (const file of written) rmSync(file, { force: true })
      const { code, message } = cause as NodeJS.ErrnoException
      if (code === 'EEXIST' && lstatSync(path, { throwIfNoEntry: false })) throw exists(path, cause)
      throw new Fault('file-unwritable', `${path} can't be written: ${message}.`, {
        hint: 'Check that its folder exists and that you may write there.',
        cause: undefined,
      })
    }
  }
}

const exists = (path: string, cause: unknown): Fault =>
  new Fault('file-exists', `${path} exists already; it is left as it is.`, {
    hint: 'Choose another name, or write over it with --force where the command has that.',
    cause,
  })

/** Node's own recursive mkdir never ends where a folder can't be made for want of anything but rights, as in /proc. */
function makeFolder(folder: string, mode: number): void {
  if (existsSync(folder)) return
  if (dirname(folder) !== folder) makeFolder(dirname(folder), mode)
  mkdirSync(folder, { mode })
}
