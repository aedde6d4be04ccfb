// Tells when what a snapshot is made from has another content that has come to rest, all files as one. Chokidar gives notice; where the file system
// gives none it looks by itself, often. Whoever is told reads; this here only compares.
import { realpathSync, statfsSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { watch } from 'chokidar'
import type { Logger } from '../base/log.ts'
import { changedIn, type Fingerprint, isCutOff, isSame, stampOf, takeFingerprint } from './fingerprint.ts'
import type { Inputs } from './inputs.ts'

/**
 * Milliseconds that all must be still. A file that ends in the middle of a line is probably being written; one that was cut off may be, and the lines
 * that are yet to come may be those that forbid (`disabled: true`, a rule's `subject`).
 */
const STILL = 500
const STILL_UNFINISHED = 1000
const STILL_CUT_OFF = 3000
/** How often in a row something may be touched without becoming another, and still be waited for. */
const MAX_RESTLESS = 20
/** Milliseconds between looks of its own: where notices come; where none come, or something is missing or wrong. */
const LOOK_SELDOM = 10_000
const LOOK_OFTEN = 1000

/** statfs(2) types of file systems whose changes by others the kernel doesn't tell: NFS, SMB, CIFS, SMB2, FUSE, 9P, AFS, Ceph, Coda, vboxsf. */
const TELLS_NOTHING = new Set([
  0x6969, 0x517b, 0xff534d42, 0xfe534d42, 0x65735546, 0x01021997, 0x5346414f, 0x00c36400, 0x73757245, 0x786f4256,
])

/**
 * Gives notice that something may have happened to one of these paths; or calls `onTrouble` when it can't (any more). `concerns` is asked about names
 * in the watched folder, or the watched file.
 */
export type Notices = (
  paths: readonly string[],
  concerns: (name: string, watched: string) => boolean,
  onNotice: () => void,
  onTrouble: (error: unknown) => void,
) => { readonly ready: Promise<void>; close(): Promise<void> }

export interface InputsWatchOptions {
  /** What is told: the content at rest. Not told again until `follow` says what became of it. */
  readonly onChange: (atRest: Fingerprint) => void
  readonly log: Logger
  /** Chokidar unless told. */
  readonly notices?: Notices
}

export interface InputsWatch {
  /** How changes are found out. */
  readonly way: 'notices' | 'looking'
  /**
   * From now on these are watched; a content other than `taken` is a change.
   * @param isWanting something is wrong or missing, so that its mending shall be seen soon
   * @returns when notices come
   */
  follow(inputs: Inputs, taken: Fingerprint, isWanting: boolean): Promise<void>
  close(): Promise<void>
}

export function watchInputs({ onChange, log, notices = chokidarNotices }: InputsWatchOptions): InputsWatch {
  let inputs: Inputs = { files: [], folders: [] }
  let taken: Fingerprint = new Map()
  let stamp = ''
  let told = false
  let wanting = false
  let closed = false
  let isLooking = false
  let settling: NodeJS.Timeout | undefined
  let looking: NodeJS.Timeout | undefined
  /** The newest last; the one before goes when it is ready. */
  const watchers = new Set<ReturnType<Notices>>()
  let watched = ''

  const settle = (): void => {
    if (!closed && !told && settling === undefined) wait(stampOf(inputs), takeFingerprint(inputs))
  }
  /** @param pendingStamp taken before `pending`: what is written afterwards shows in it, also when it puts back what was there */
  const wait = (pendingStamp: string, pending: Fingerprint, restless = 0): void => {
    const changed = changedIn(taken, pending)
    const pause = changed.some((path) => isCutOff(taken.get(path), pending.get(path)))
      ? STILL_CUT_OFF
      : changed.some((path) => pending.get(path)?.isUnfinished)
        ? STILL_UNFINISHED
        : STILL
    settling = setTimeout(() => {
      settling = undefined
      const nowStamp = stampOf(inputs)
      const now = takeFingerprint(inputs)
      // At rest is what reads the same twice and was not written in between; or reads the same again and again, whoever touches it.
      if (!isSame(now, pending)) return wait(nowStamp, now)
      if (nowStamp !== pendingStamp && restless < MAX_RESTLESS) return wait(nowStamp, now, restless + 1)
      if (isSame(now, taken)) return
      told = true
      onChange(now)
    }, pause)
  }
  const look = (): void => {
    const next = stampOf(inputs)
    if (next !== stamp) settle()
    stamp = next
  }
  const lookLater = (): void => {
    clearTimeout(looking)
    if (closed) return
    looking = setTimeout(
      () => {
        look()
        lookLater()
      },
      isLooking || wanting ? LOOK_OFTEN : LOOK_SELDOM,
    ).unref()
  }
  const onTrouble = (error: unknown): void => {
    if (isLooking || closed) return
    isLooking = true
    log.warn({ reason: messageOf(error), every: LOOK_OFTEN }, "changes of files can't be watched; they are looked for")
    lookLater()
  }
  const rearm = async (): Promise<void> => {
    const paths = pathsToWatch(inputs)
    if (!isLooking && paths.some(tellsNothing)) onTrouble('a network file system')
    const named = [
      ...inputs.files.flatMap(({ path }) => [path, dirname(path)]),
      ...inputs.folders.map(({ path }) => path),
    ]
    const names = new Set(named.map((path) => basename(path)))
    const patterns = inputs.folders.map((folder) => ({ ...folder, real: realPathOf(folder.path) }))
    const key = JSON.stringify([
      paths,
      [...names],
      patterns.map((folder) => [folder.path, folder.real, String(folder.names)]),
    ])
    // What was missing may be another thing now, which the old watcher doesn't know.
    if (key === watched && !wanting) return
    watched = key
    const concerns = (name: string, folder: string): boolean =>
      name === '..data' ||
      names.has(name) ||
      patterns.some(({ path, real, names }) => (path === folder || real === folder) && names.test(name))
    const before = [...watchers]
    try {
      const watcher = notices(paths, concerns, settle, onTrouble)
      watchers.add(watcher)
      await watcher.ready
    } catch (error) {
      onTrouble(error)
    }
    await closeAll(before)
  }
  const closeAll = async (some: readonly ReturnType<Notices>[]): Promise<void> => {
    for (const one of some) watchers.delete(one)
    await Promise.all(some.map((one) => one.close()))
  }

  return {
    get way() {
      return isLooking ? 'looking' : 'notices'
    },
    async follow(next, nowTaken, isWanting) {
      if (closed) return
      inputs = next
      taken = nowTaken
      wanting = isWanting
      told = false
      stamp = stampOf(inputs)
      const armed = rearm()
      lookLater()
      // What changed since it was taken, or before notices came, was told by nobody.
      if (!isSame(takeFingerprint(inputs), taken)) settle()
      await armed
      if (!closed && !told) look()
    },
    async close() {
      closed = true
      clearTimeout(settling)
      clearTimeout(looking)
      await closeAll([...watchers])
    },
  }
}

/** Folders and files themselves: a folder tells of renames, a file that is mounted alone tells only of itself; and where links lead to. */
function pathsToWatch({ files, folders }: Inputs): string[] {
  const named = [...files.flatMap(({ path }) => [dirname(path), path]), ...folders.map(({ path }) => path)]
  const real = files.flatMap(({ path }) => {
    const target = realPathOf(path)
    return target === path ? [] : [dirname(target), target]
  })
  return [...new Set([...named, ...real])]
}

function realPathOf(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return path
  }
}

function tellsNothing(path: string): boolean {
  try {
    return TELLS_NOTHING.has(statfsSync(path).type)
  } catch {
    return false
  }
}

export const chokidarNotices: Notices = (paths, concerns, onNotice, onTrouble) => {
  const watched = new Set(paths)
  const watcher = watch([...paths], { depth: 0, ignoreInitial: true, ignored: (path) => !watched.has(path) })
  // The raw notices, since chokidar keeps those of a changed mode to itself.
  watcher.on('raw', (_event, path, details) => {
    const { watchedPath } = details as { readonly watchedPath?: string }
    if (path === null || watchedPath === undefined || concerns(basename(path), watchedPath)) onNotice()
  })
  watcher.on('all', (_event, path) => {
    if (watched.has(path)) onNotice()
  })
  watcher.on('error', onTrouble)
  return {
    ready: new Promise((resolve) => watcher.once('ready', () => resolve())),
    close: () => watcher.close(),
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
