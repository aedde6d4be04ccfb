// Puts the databases of a backup in place. Everything is unpacked and checked beside them first; then one rename swaps storage, so that whoever is
// interrupted has the old one or the new one. What was there stays beside it under another name.
import {
  closeSync,
  copyFileSync,
  existsSync,
  fsyncSync,
  lchownSync,
  linkSync,
  mkdtempSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Clock } from '../base/clock.ts'
import { Fault } from '../base/fault.ts'
import { asFault, requireFolder } from '../storage/database-file.ts'
import { lockDatabase } from '../storage/database-lock.ts'
import { detectDatabase } from '../storage/detect-database.ts'
import { type Manifest, partName, readBackupFile } from './backup-file.ts'
import { checkCopy, type Part } from './copy-database.ts'
import { type EndedGrants, endGrants } from './end-grants.ts'
import { watchLeftovers } from './leftovers.ts'

export interface RestoreRequest {
  readonly file: string
  readonly passphrase: string | undefined
  readonly storagePath: string
  readonly sessionsPath: string
  /** Of storage, see `storageKey`. */
  readonly key: Buffer
  /** Replace a database that exists. */
  readonly force: boolean
  /**
   * `if-none`: the sessions of the backup where there is no session database; those that live now stay, since one that was ended after the backup
   * would live again. `take`: those of the backup. `leave`: none of the backup.
   */
  readonly sessions: 'if-none' | 'take' | 'leave'
  readonly clock: Clock
  readonly tell: (done: number, total: number) => void
}

export interface RestoreReport {
  readonly manifest: Manifest
  readonly restored: readonly Part[]
  /** Where what was there is now. */
  readonly kept: readonly string[]
  readonly ended: EndedGrants
}

/** Reads and checks everything and changes nothing. @throws the Faults of `restore` but those about what is there now */
export async function checkBackup(
  request: Pick<RestoreRequest, 'file' | 'passphrase' | 'storagePath' | 'key' | 'tell'>,
): Promise<Manifest> {
  const leftovers = watchLeftovers()
  try {
    const folder = leftovers.note(mkdtempSync(join(dirname(request.storagePath), '.latchkey-restore-')))
    return await unpackChecked(request, folder)
  } catch (error) {
    throw asUnwritable(error, request.storagePath)
  } finally {
    leftovers.clear()
  }
}

/**
 * @throws Fault `database-locked` while a server runs, `restore-exists`, `backup-unreadable`, `backup-passphrase`, `backup-damaged`,
 * `database-newer`, `encryption-key`, `database-unwritable`, `database-busy`. Then what was there is as it was.
 */
export async function restore(request: RestoreRequest): Promise<RestoreReport> {
  const { storagePath, sessionsPath, clock } = request
  requireFolder(storagePath)
  const lock = lockDatabase(storagePath, clock.now())
  const leftovers = watchLeftovers()
  try {
    giveToOwner(`${storagePath}.lock`, storagePath)
    const isThere = !['missing', 'empty'].includes(detectDatabase(storagePath))
    if (isThere && !request.force) {
      throw new Fault('restore-exists', `There is a database at ${storagePath}; it is left as it is.`, {
        hint: 'Replace it with --force; it will be kept beside the new one.',
        exitCode: 1,
      })
    }
    const folder = leftovers.note(mkdtempSync(join(dirname(storagePath), '.latchkey-restore-')))
    const manifest = await unpackChecked(request, folder)
    const hasSessions = manifest.parts.some(({ part }) => part === 'sessions')
    const takesSessions =
      hasSessions && (request.sessions === 'take' || (request.sessions === 'if-none' && !existsSync(sessionsPath)))
    const stamp = new Date(clock.now()).toISOString().replace(/[-:]|\.\d+/g, '')
    const places = [['storage', storagePath], ...(takesSessions ? [['sessions', sessionsPath]] : [])] as [
      Part,
      string,
    ][]
    const ended = endGrants(join(folder, partName('storage')), isThere ? storagePath : undefined)
    const kept: string[] = []
    for (const [part, path] of places) {
      const fresh = join(folder, partName(part))
      giveToOwner(fresh, path)
      kept.push(...setAside(path, `before-restore-${stamp}`))
      renameSync(fresh, path)
      flushFolder(path)
    }
    return { manifest, restored: places.map(([part]) => part), kept, ended }
  } catch (error) {
    throw asUnwritable(error, storagePath)
  } finally {
    leftovers.clear()
    lock.release()
  }
}

async function unpackChecked(
  { file, passphrase, key, tell }: Pick<RestoreRequest, 'file' | 'passphrase' | 'key' | 'tell'>,
  folder: string,
): Promise<Manifest> {
  const manifest = await readBackupFile(file, folder, passphrase, tell)
  for (const { part } of manifest.parts) checkCopy(part, join(folder, partName(part)), key)
  return manifest
}

/**
 * Gives what lies at the path a second name, and sees to it that nothing of it but the file itself is left to be taken for the new one's: SQLite
 * would play an old log into any database of that name.
 * @returns the new names
 */
function setAside(path: string, suffix: string): string[] {
  if (!existsSync(path)) {
    removeCompanions(path)
    return []
  }
  // A second restore within a second takes another name.
  let base = `${path}.${suffix}`
  for (let i = 2; existsSync(base); i++) base = `${path}.${suffix}-${i}`
  // Copied first: SQLite may throw away the log of a database that it finds damaged.
  const companions = COMPANIONS.filter((companion) => existsSync(`${path}${companion}`))
  for (const companion of companions) copyFileSync(`${path}${companion}`, `${base}${companion}`)
  const isSettled = settle(path)
  if (isSettled) for (const companion of companions) rmSync(`${base}${companion}`)
  twin(path, base)
  removeCompanions(path)
  return [base, ...(isSettled ? [] : companions.map((companion) => `${base}${companion}`))]
}

const COMPANIONS = ['-wal', '-shm', '-journal']

function removeCompanions(path: string): void {
  for (const companion of COMPANIONS) rmSync(`${path}${companion}`, { force: true })
}

/** Brings all of a database into its one file. False when it is too damaged for that. @throws Fault `database-busy` when somebody uses it */
function settle(path: string): boolean {
  let database: DatabaseSync | undefined
  try {
    database = new DatabaseSync(path, { timeout: 2000 })
    database.exec('PRAGMA journal_mode = DELETE')
    return true
  } catch (error) {
    const fault = asFault(error, path)
    if (fault instanceof Fault && fault.code === 'database-unreadable') return false
    throw fault
  } finally {
    database?.close()
  }
}

/** A second name for the same file, or a copy where the file system has no links. */
function twin(path: string, name: string): void {
  try {
    linkSync(path, name)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw error
    copyFileSync(path, name)
  }
}

/** What root restores must belong to whom the server runs as: the owner of the old file, or of the folder. */
function giveToOwner(path: string, place: string): void {
  if (process.getuid?.() !== 0 || !existsSync(path)) return
  const { uid, gid } = statSync(existsSync(place) ? place : dirname(place))
  // Never what a link points to: whoever owns the folder could have root give him any file.
  lchownSync(path, uid, gid)
}

function flushFolder(path: string): void {
  const folder = openSync(dirname(path), 'r')
  try {
    fsyncSync(folder)
  } finally {
    closeSync(folder)
  }
}

function asUnwritable(error: unknown, path: string): unknown {
  if (error instanceof Fault || !(error instanceof Error) || !('syscall' in error)) return error
  const isFull = (error as NodeJS.ErrnoException).code === 'ENOSPC'
  const why = isFull ? `There is no room beside the database ${path}` : `The backup can't be unpacked beside ${path}`
  return new Fault('database-unwritable', `${why}.`, {
    hint: 'Check the space on the disk, owner and permissions of the folder. What was there is as it was.',
    cause: error,
  })
}
