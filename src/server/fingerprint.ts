// The state of the files that a snapshot is made from: what each holds, by its hash, or why it can't be read.
import { createHash } from 'node:crypto'
import { readdirSync, type Stats, statSync } from 'node:fs'
import { join } from 'node:path'
import { readBounded } from '../base/read-bounded.ts'
import type { Inputs } from './inputs.ts'

export interface FileVersion {
  /** SHA-256, hex; '' when it can't be read. */
  readonly hash: string
  /** Why it can't be read, e.g. `ENOENT`. */
  readonly error: string | undefined
  /** Bytes. */
  readonly size: number
  /** Milliseconds since the epoch. */
  readonly modifiedAt: number
  /** Another one when the file was replaced instead of written into. */
  readonly inode: number
  /** A text that ends in the middle of a line is probably being written. */
  readonly isUnfinished: boolean
}

/** By absolute path; of a folder, which names are in it. */
export type Fingerprint = ReadonlyMap<string, FileVersion>

/** Bytes. Larger ones are refused when they are read as what they shall be, and compared by size and time. */
const MAX_HASHED = 32 * 1024 * 1024

export function takeFingerprint(inputs: Inputs): Fingerprint {
  const versions = new Map<string, FileVersion>()
  for (const { path } of inputs.files) versions.set(path, versionOf(path))
  for (const { path, names } of inputs.folders) {
    try {
      const found = readdirSync(path).filter((name) => names.test(name))
      versions.set(folderKey(path, names), { ...NOTHING, hash: hashOf(found.sort().join('\n')) })
      for (const name of found) versions.set(join(path, name), versionOf(join(path, name)))
    } catch (error) {
      versions.set(folderKey(path, names), unreadable(error))
    }
  }
  return versions
}

/** Whether all that is in `now` was the same in `before`, which may know of more. */
export function isSame(before: Fingerprint, now: Fingerprint): boolean {
  return changedIn(before, now).length === 0
}

/** Paths in `now` that were not the same in `before`. */
export function changedIn(before: Fingerprint, now: Fingerprint): string[] {
  return [...now].flatMap(([path, { hash, error }]) => {
    const old = before.get(path)
    return old !== undefined && old.hash === hash && old.error === error ? [] : [path]
  })
}

/** Written into, and shorter than it was: cut off to be written anew, as by `cp`, and perhaps not yet to its end. */
export const isCutOff = (before: FileVersion | undefined, now: FileVersion | undefined): boolean =>
  before !== undefined && now !== undefined && before.inode === now.inode && now.size < before.size

/** Changes with whatever may be a change; reads no content. Changes of mode count too. */
export function stampOf(inputs: Inputs): string {
  const stamps = [...inputs.files, ...inputs.folders].map(({ path }) => stamp(path))
  for (const { path, names } of inputs.folders) {
    try {
      for (const name of readdirSync(path)) if (names.test(name)) stamps.push(name, stamp(join(path, name)))
    } catch {
      // Gone or unreadable: its own stamp says so.
    }
  }
  return stamps.join('\n')
}

function stamp(path: string): string {
  try {
    const { dev, ino, size, mode, mtimeNs, ctimeNs } = statSync(path, { bigint: true })
    return `${dev}:${ino}:${size}:${mode}:${mtimeNs}:${ctimeNs}`
  } catch (error) {
    return codeOf(error)
  }
}

const NOTHING: FileVersion = { hash: '', error: undefined, size: 0, modifiedAt: 0, inode: 0, isUnfinished: false }

function versionOf(path: string): FileVersion {
  try {
    const stats = statSync(path)
    if (!stats.isFile()) return { ...NOTHING, error: 'not a file' }
    const { size, mtimeMs, ino: inode } = stats
    const content = readBounded(path, MAX_HASHED)
    if (content === undefined) return { ...NOTHING, hash: hugeHash(stats), size, modifiedAt: mtimeMs, inode }
    const isText = !content.includes(0)
    const isUnfinished = isText && content.at(-1) !== 0x0a
    return { hash: hashOf(content), error: undefined, size: content.length, modifiedAt: mtimeMs, inode, isUnfinished }
  } catch (error) {
    return unreadable(error)
  }
}

const folderKey = (path: string, names: RegExp): string => `${path}/ ${names}`
const hashOf = (content: string | Uint8Array): string => createHash('sha256').update(content).digest('hex')
const hugeHash = ({ ino, size, mtimeMs }: Stats): string => hashOf(`${ino}:${size}:${mtimeMs}`)
const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? String(error)
const unreadable = (error: unknown): FileVersion => ({ ...NOTHING, error: codeOf(error), isUnfinished: true })
