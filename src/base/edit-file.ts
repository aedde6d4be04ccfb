// Changes a file that others may be changing too: one editor at a time by a lock beside it, and nothing of what anybody else wrote is overwritten.
import {
  closeSync,
  constants,
  fchownSync,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  rmSync,
  statSync,
} from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { type StagedFile, stageFile } from './atomic-file.ts'
import { Fault } from './fault.ts'
import { readIfThere } from './read-if-there.ts'

export interface EditFileOptions {
  /** Of a file that is made by this; an existing one keeps its own. */
  readonly mode?: number
  /** Milliseconds to wait for another editor. */
  readonly patience?: number
  /** Called between reading and replacing; for tests that come in between. */
  readonly beforeReplacing?: () => void
}

/** How often the edit is made anew because somebody else changed the file meanwhile. */
const ATTEMPTS = 5

/**
 * Reads, lets `edit` make the new content, and replaces the file; again from the start when it changed meanwhile.
 * @param edit gets undefined when there is no file; returns undefined to leave everything as it is
 * @returns whether the file was written
 * @throws Fault `file-busy`, `file-changed`, `file-unreadable`, `file-unwritable`, and whatever `edit` throws
 */
export function editFile(
  path: string,
  edit: (content: Buffer | undefined) => Uint8Array | undefined,
  options: EditFileOptions = {},
): boolean {
  const target = targetOf(path)
  requireRegular(target)
  const release = lock(target, options.patience ?? 10_000)
  try {
    removeLeftovers(target)
    for (let attempt = 1; ; attempt++) {
      const before = readIfThere(target)
      const content = edit(before)
      if (content === undefined || before?.equals(content)) return false
      if (replace(target, before, content, options)) return true
      if (attempt === ATTEMPTS) {
        throw new Fault('file-changed', `${path} is being changed by somebody else all the time; it is left to them.`, {
          hint: 'Look who writes it, and try again.',
        })
      }
    }
  } finally {
    release()
  }
}

/** False when the file is another one than was read. */
function replace(target: string, before: Buffer | undefined, content: Uint8Array, options: EditFileOptions): boolean {
  let staged: StagedFile | undefined
  try {
    staged = stageFile(target, content, options.mode ?? 0o600)
    options.beforeReplacing?.()
    const now = readIfThere(target)
    const same = now === undefined ? before === undefined : before?.equals(now) === true
    if (same) staged.commit()
    else staged.discard()
    return same
  } catch (error) {
    staged?.discard()
    throw error instanceof Fault ? error : unwritable(target, error)
  }
}

/** A device or a folder in its place would be replaced by a file. */
function requireRegular(target: string): void {
  const found = statSync(target, { throwIfNoEntry: false })
  if (!found || found.isFile()) return
  throw new Fault('file-unreadable', `${target} is ${found.isDirectory() ? 'a folder' : 'no file'}.`, {
    hint: 'Check the path.',
  })
}

/** What a link points to, also when that isn't there yet. */
function targetOf(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    const link = lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink()
    return link ? resolve(dirname(path), readlinkSync(path)) : resolve(path)
  }
}

/** A lock of the operating system, through SQLite: it ends with the process that holds it. The empty file stays. */
function lock(target: string, patience: number): () => void {
  const file = join(dirname(target), `.${basename(target)}.lock`)
  let database: DatabaseSync | undefined
  try {
    shareLock(file)
    database = new DatabaseSync(file, { timeout: patience })
    // Nothing is ever written to it, so that it works on a full disk too.
    database.exec('PRAGMA journal_mode = MEMORY')
    database.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    database?.close()
    const busy = error instanceof Error && 'errcode' in error && (Number(error.errcode) & 0xff) === 5
    if (busy) {
      throw new Fault('file-busy', `Another Latchkey command is editing ${target}.`, {
        hint: 'Try again when it has ended.',
        cause: error,
      })
    }
    throw unwritable(target, error)
  }
  const held = database
  return () => held.close()
}

/** Never through a link: whoever owns the folder could have root give him any file. */
const LOCK_FLAGS = constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND | constants.O_NOFOLLOW

/** Made by root, it belongs to whom the folder belongs to, who must be able to lock it too. */
function shareLock(file: string): void {
  const lock = openSync(file, LOCK_FLAGS, 0o660)
  try {
    if (process.getuid?.() !== 0) return
    const { uid, gid } = statSync(dirname(file))
    if (fstatSync(lock).nlink === 1) fchownSync(lock, uid, gid)
  } finally {
    closeSync(lock)
  }
}

/** Of editors that were ended in the middle. Only one edits at a time, so nobody needs them. */
function removeLeftovers(target: string): void {
  const folder = dirname(target)
  const prefix = `.${basename(target)}.`
  for (const name of readdirSync(folder)) {
    if (name.startsWith(prefix) && /^[0-9a-f]{12}\.tmp$/.test(name.slice(prefix.length))) {
      rmSync(join(folder, name), { force: true })
    }
  }
}

function unwritable(target: string, cause: unknown): Fault {
  const full = cause instanceof Error && 'errcode' in cause && cause.errcode === 13
  const code = full ? 'ENOSPC' : (cause as NodeJS.ErrnoException).code
  return new Fault('file-unwritable', `${target} can't be written; it is left as it is.`, {
    hint: HINTS[code ?? ''] ?? 'Check that its folder exists and that you may write there.',
    cause,
  })
}

const HINTS: Readonly<Record<string, string>> = {
  ELOOP: 'The lock file beside it is a symbolic link: remove that.',
  EBUSY: 'It is mounted as a single file, which can not be replaced: mount the folder it lies in instead.',
  ENOSPC: 'The disk is full.',
  EROFS: 'It is mounted read-only.',
  EPERM: 'The file belongs to another user: run this as that user, or as root.',
}
