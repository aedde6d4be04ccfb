// Writes a file that must not exist yet, readable by its owner only unless told: what commands export holds secrets.
import { writeFileSync } from 'node:fs'
import { Fault } from '../base/fault.ts'

/** @throws Fault `file-exists`, `file-unwritable` */
export function newFile(path: string, content: string | Uint8Array, { mode = 0o600 } = {}): void {
  try {
    writeFileSync(path, content, { flag: 'wx', mode })
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    if (code === 'EEXIST')
      throw new Fault('file-exists', `${path} exists already; it is left as it is.`, {
        hint: 'Choose another name.',
      })
    throw new Fault('file-unwritable', `${path} can't be written.`, {
      hint: 'Check that its folder exists and that you may write there.',
      cause,
    })
  }
}
