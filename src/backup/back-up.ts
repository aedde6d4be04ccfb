// Makes a backup of both databases while servers and commands go on: copies, checks the copies, writes one file, reads it back, and only then gives
// it its name. The configuration and the users file are the operator's own and not in it.
import { createHash } from 'node:crypto'
import { closeSync, createReadStream, fsyncSync, linkSync, mkdtempSync, openSync, renameSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { Clock } from '../base/clock.ts'
import { Fault } from '../base/fault.ts'
import { VERSION } from '../base/version.ts'
import { detectDatabase } from '../storage/detect-database.ts'
import { missingDatabase } from '../storage/inspect-database.ts'
import { type Manifest, type PartEntry, partName, readBackupFile, writeBackupFile } from './backup-file.ts'
import { checkCopy, copyDatabase, type Part } from './copy-database.ts'
import { watchLeftovers } from './leftovers.ts'

export interface BackupRequest {
  readonly storagePath: string
  readonly sessionsPath: string
  /** Of storage, see `storageKey`. */
  readonly key: Buffer
  readonly file: string
  /** Replace a file that exists. */
  readonly force: boolean
  /** Encrypt with it. */
  readonly passphrase: string | undefined
  readonly clock: Clock
  readonly tell: (step: BackupStep, done: number, total: number) => void
}
export type BackupStep = Part | 'write' | 'verify'

export interface BackupReport {
  readonly file: string
  /** Bytes of the file. */
  readonly size: number
  readonly encrypted: boolean
  readonly manifest: Manifest
}

/**
 * @throws Fault `database-missing`, `file-exists`, `backup-unwritable`, `backup-damaged`, `encryption-key` and those of reading a database; then no
 * file of that name was made or changed
 */
export async function backUp(request: BackupRequest): Promise<BackupReport> {
  const { storagePath, sessionsPath, file, passphrase, clock, tell } = request
  requireDatabase(storagePath)
  requireTarget(request)
  const leftovers = watchLeftovers()
  try {
    // Plain copies stay where the databases are when what leaves is to be encrypted.
    const near = passphrase === undefined ? dirname(file) : dirname(storagePath)
    const folder = leftovers.note(mkdtempSync(join(near, '.latchkey-backup-')))
    const temporary = leftovers.note(join(dirname(file), `.${basename(file)}.${process.pid}.tmp`))
    closeSync(openSync(temporary, 'wx', 0o600))
    const createdAt = new Date(clock.now()).toISOString()
    const parts: PartEntry[] = []
    for (const [part, source] of [
      ['storage', storagePath],
      ['sessions', sessionsPath],
    ] as const) {
      if (!statSync(source, { throwIfNoEntry: false })) continue
      const copy = join(folder, partName(part))
      await copyDatabase(source, copy, (done, total) => tell(part, done, total))
      const version = checkCopy(part, copy, request.key)
      parts.push({ part, size: statSync(copy).size, sha256: await sha256Of(copy), version })
    }
    const manifest: Manifest = { format: 'latchkey-backup', version: 1, createdAt, program: VERSION, parts }
    await writeBackupFile(temporary, manifest, folder, passphrase, (done, total) => tell('write', done, total))
    await readBackupFile(temporary, undefined, passphrase, (done, total) => tell('verify', done, total))
    const { size } = statSync(temporary)
    takeName(temporary, file, request.force)
    return { file, size, encrypted: passphrase !== undefined, manifest }
  } catch (error) {
    throw asUnwritable(error, file)
  } finally {
    leftovers.clear()
  }
}

/** With force too, only what may be an earlier backup is replaced. @throws Fault `file-exists`, `backup-unwritable` */
function requireTarget({ file, force, storagePath, sessionsPath }: BackupRequest): void {
  const found = statSync(file, { throwIfNoEntry: false })
  if (found === undefined) return
  if (!force && found.isFile()) throw exists(file)
  const isSame = (path: string): boolean => {
    const other = statSync(path, { throwIfNoEntry: false })
    return other?.dev === found.dev && other.ino === found.ino
  }
  if (found.isFile() && ![storagePath, sessionsPath].some(isSame)) return
  const what = found.isFile() ? 'the database itself' : 'no file'
  throw new Fault('backup-unwritable', `${file} is ${what}; it is left as it is.`, {
    hint: 'Name a file for the backup.',
    exitCode: 2,
  })
}

/** @throws Fault `database-missing`, `database-foreign`, `database-unreadable` */
function requireDatabase(path: string): void {
  const kind = detectDatabase(path)
  if (kind === 'latchkey') return
  if (kind === 'missing' || kind === 'empty') throw missingDatabase(path)
  throw new Fault('database-unreadable', `${path} can't be read, or is no database of Latchkey's.`, {
    hint: 'Check storage.local.path and who may read the file.',
  })
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer)
  return hash.digest('hex')
}

/** The name appears with the whole file behind it; one that appeared meanwhile is left as it is. */
function takeName(temporary: string, file: string, force: boolean): void {
  try {
    if (force) renameSync(temporary, file)
    else linkSync(temporary, file)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EEXIST') throw exists(file)
    // A file system without links: as good as it gets.
    if (force || (code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'ENOSYS')) throw error
    renameSync(temporary, file)
  }
  const folder = openSync(dirname(file), 'r')
  try {
    fsyncSync(folder)
  } finally {
    closeSync(folder)
  }
}

const exists = (file: string): Fault =>
  new Fault('file-exists', `${file} exists already; it is left as it is.`, {
    hint: 'Choose another name, or replace it with --force.',
  })

/** A Fault of ours stays; what the system says about a file is about the backup. */
function asUnwritable(error: unknown, file: string): unknown {
  if (error instanceof Fault || !(error instanceof Error) || !('syscall' in error)) return error
  const isFull = (error as NodeJS.ErrnoException).code === 'ENOSPC'
  return new Fault('backup-unwritable', `The backup ${file} can't be written${isFull ? ': the disk is full' : ''}.`, {
    hint: 'Check that its folder exists, that you may write there, and that there is room for twice the databases.',
    cause: error,
  })
}
