// Writes the files of a set-up into a folder: nothing that is there already unless asked to, what is there just so is left, and all or none are written.
import { join } from 'node:path'
import { Fault } from '../../base/fault.ts'
import { NOT_A_FILE, readBounded } from '../../base/read-bounded.ts'
import { newFiles } from './new-file.ts'

export interface FileToWrite {
  readonly path: string
  readonly text: string
  readonly mode?: number
}
export interface WrittenFile {
  readonly path: string
  /** `unchanged`: it held exactly this already. */
  readonly outcome: 'written' | 'replaced' | 'unchanged'
}

/** @throws Fault `file-exists`, `file-unwritable`; nothing is written then */
export function writeSetup(folder: string, files: readonly FileToWrite[], force: boolean): readonly WrittenFile[] {
  const planned = files.map((file) => {
    const path = join(folder, file.path)
    return { file, path, outcome: outcomeOf(path, file.text) }
  })
  const inTheWay = planned.filter(({ outcome }) => outcome === 'replaced').map(({ path }) => path)
  if (inTheWay.length > 0 && !force) {
    const [are, they] = inTheWay.length === 1 ? ['exists already; it is', 'it'] : ['exist already; they are', 'them']
    throw new Fault('file-exists', `${inTheWay.join(', ')} ${are} left as before, and nothing was written.`, {
      hint: `Choose another folder, or replace ${they} with --force.`,
    })
  }
  const changed = planned.filter(({ outcome }) => outcome !== 'unchanged')
  newFiles(
    changed.map(({ path, file }) => ({ path, content: file.text, mode: file.mode ?? 0o644 })),
    { force, folderMode: 0o755 },
  )
  return planned.map(({ path, outcome }) => ({ path, outcome }))
}

function outcomeOf(path: string, text: string): WrittenFile['outcome'] {
  try {
    return readBounded(path, Buffer.byteLength(text))?.toString('utf8') === text ? 'unchanged' : 'replaced'
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return 'written'
    if (code !== 'EISDIR' && code !== NOT_A_FILE) return 'replaced'
    throw new Fault('file-unwritable', `${path} can't be written: it is no file but a folder or a device.`, {
      hint: 'Move it away, or choose another folder.',
    })
  }
}
