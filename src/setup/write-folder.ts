// Writes the files of a new installation: all of them into a folder aside, judged there as a whole, then moved to where they belong. Somebody who is
// interrupted finds what was there before, or everything; what was there is replaced only when told to, and kept as `NAME.old`.
import { randomBytes } from 'node:crypto'
import {
  accessSync,
  chmodSync,
  closeSync,
  constants,
  existsSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { Fault } from '../base/fault.ts'
import { makeFolder } from '../base/make-folder.ts'
import { undisturbed } from '../base/undisturbed.ts'

export interface FileToWrite {
  /** Within the folder. */
  readonly path: string
  readonly text: string
  readonly mode: number
  /** Stays as it is where it exists already. */
  readonly keep?: boolean
}

export interface WriteFolder {
  /** Absolute. */
  readonly folder: string
  /** In the order in which they are put into place where the folder exists already. */
  readonly files: readonly FileToWrite[]
  /** Folders within, with their modes. */
  readonly folders: Readonly<Record<string, number>>
  /** Replace what is there. */
  readonly force: boolean
  /** Looks at the folder aside; what it throws means that nothing is written. */
  readonly judge: (aside: string) => void
}

export interface Written {
  readonly written: readonly string[]
  /** What was there and stayed. */
  readonly kept: readonly string[]
  /** What was replaced; lies beside it now as `NAME.old`. */
  readonly replaced: readonly string[]
}

/** @throws Fault `file-exists`, `folder-unusable`, `file-unwritable`, and what `judge` throws */
export function writeFolder(request: WriteFolder): Written {
  const { folder, files, force } = request
  refuseExisting(
    folder,
    files.map(({ path }) => path),
    force,
  )
  const isNew = !existsSync(folder)
  return withSystemFaults(folder, () => undisturbed(write))

  function write(): Written {
    if (isNew) makeFolder(dirname(folder), 0o755)
    const aside = isNew ? join(dirname(folder), asideName(basename(folder))) : join(folder, asideName('init'))
    try {
      fill(aside, request)
      request.judge(aside)
      if (isNew) {
        chmodSync(aside, 0o755)
        renameSync(aside, folder)
        syncFolder(dirname(folder))
        return { written: files.map(({ path }) => path), kept: [], replaced: [] }
      }
      return putIntoPlace(aside, request)
    } finally {
      rmSync(aside, { recursive: true, force: true })
    }
  }

  function putIntoPlace(aside: string, { folders }: WriteFolder): Written {
    requireOneDisk(folder, files)
    const replaced: string[] = []
    const kept = files.filter((file) => file.keep && existsSync(join(folder, file.path))).map(({ path }) => path)
    for (const [name, mode] of Object.entries(folders)) {
      if (!existsSync(join(folder, name))) makeWithMode(join(folder, name), mode)
    }
    for (const { path } of files) {
      if (kept.includes(path)) continue
      const target = join(folder, path)
      makeBelow(folder, dirname(path))
      if (force && existsSync(target) && readFileSync(target, 'utf8') !== readFileSync(join(aside, path), 'utf8')) {
        renameSync(target, `${target}.old`)
        replaced.push(path)
      }
      renameSync(join(aside, path), target)
      syncFolder(dirname(target))
    }
    return { written: files.map(({ path }) => path).filter((path) => !kept.includes(path)), kept, replaced }
  }
}

const asideName = (name: string): string => `.${name}.${randomBytes(6).toString('hex')}.tmp`

/** @param paths within the folder. @throws Fault `file-exists`, `folder-unusable` */
export function refuseExisting(folder: string, paths: readonly string[], force: boolean): void {
  const there = withSystemFaults(folder, () => {
    const found = lstatSync(folder, { throwIfNoEntry: false })
    if (!found) {
      accessSync(nearestFolder(folder), constants.W_OK)
      return []
    }
    if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory())
      throw new Fault('folder-unusable', `${folder} is no folder.`, { hint: 'Choose another place.' })
    accessSync(folder, constants.W_OK)
    refuseForeign(folder)
    const odd = paths.find((path) => statSync(join(folder, path), { throwIfNoEntry: false })?.isFile() === false)
    if (odd !== undefined)
      throw new Fault('folder-unusable', `${join(folder, odd)} is no file.`, {
        hint: 'Move it away, or choose another place.',
      })
    return paths.filter((path) => lstatSync(join(folder, path), { throwIfNoEntry: false }))
  })
  if (there.length === 0 || force) return
  throw new Fault('file-exists', `In ${folder} there are already: ${there.join(', ')}. They are left as they are.`, {
    hint: 'Choose another folder; or, with --force, replace them (each is kept as NAME.old; keys in use stay).',
  })
}

/** Its owner could lead the administrator's hand to any place, by links; and a server of his couldn't read what is the administrator's. */
function refuseForeign(folder: string): void {
  const { uid } = statSync(folder)
  if (process.getuid?.() !== 0 || uid === 0) return
  throw new Fault('folder-foreign', `${folder} belongs to another user (${uid}), and this is run by root.`, {
    hint: `Run it as the user that Latchkey shall run as (sudo -u '#${uid}' latchkey …), or choose a folder of root's.`,
  })
}

const nearestFolder = (path: string): string => {
  const above = dirname(path)
  return above === path || existsSync(above) ? above : nearestFolder(above)
}

function fill(aside: string, { folder, files, folders }: WriteFolder): void {
  mkdirSync(aside, { mode: 0o700 })
  for (const [name, mode] of Object.entries(folders)) makeWithMode(join(aside, name), mode)
  for (const { path, text, mode, keep } of files) {
    makeBelow(aside, dirname(path))
    const existing = join(folder, path)
    const file = openSync(join(aside, path), 'wx', 0o600)
    try {
      // Judged with what will be there.
      writeFileSync(file, keep && existsSync(existing) ? readFileSync(existing) : text)
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    chmodSync(join(aside, path), mode)
  }
  for (const name of Object.keys(folders)) syncFolder(join(aside, name))
}

/** With this very mode, whatever the umask: what a proxy needs to read must not depend on it, nor who may write there. */
function makeWithMode(path: string, mode: number): void {
  mkdirSync(path, { mode })
  chmodSync(path, mode)
}

/** Folders of folders. @param path within `folder` */
function makeBelow(folder: string, path: string): void {
  if (path === '.' || existsSync(join(folder, path))) return
  makeBelow(folder, dirname(path))
  makeWithMode(join(folder, path), 0o755)
}

/** Files are moved into their places, one after the other; one that couldn't be moved would leave half of them. */
function requireOneDisk(folder: string, files: readonly FileToWrite[]): void {
  const disk = statSync(folder).dev
  const elsewhere = files
    .map(({ path }) => join(folder, dirname(path)))
    .find((place) => (statSync(place, { throwIfNoEntry: false })?.dev ?? disk) !== disk)
  if (elsewhere === undefined) return
  throw new Fault('folder-unusable', `${elsewhere} lies on another file system than ${folder}.`, {
    hint: 'Choose a folder that is one piece, and move its parts afterwards; the paths in its configuration.yml say where.',
  })
}

function syncFolder(path: string): void {
  const folder = openSync(path, 'r')
  try {
    fsyncSync(folder)
  } finally {
    closeSync(folder)
  }
}

function withSystemFaults<T>(folder: string, work: () => T): T {
  try {
    return work()
  } catch (cause) {
    if (cause instanceof Fault || !(cause instanceof Error && 'syscall' in cause)) throw cause
    throw new Fault('file-unwritable', `${folder} can't be written; nothing in it was left half-written.`, {
      hint: 'Check that you may write there, and the space on the disk.',
      cause,
    })
  }
}
