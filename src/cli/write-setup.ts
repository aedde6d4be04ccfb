// Writes the files of a set-up into a folder: nothing that is there already unless asked to, and each file whole or not at all.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { writeFileAtomic } from '../base/atomic-file.ts'
import { Fault } from '../base/fault.ts'
import { makeFolder } from '../base/make-folder.ts'

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

/** @throws Fault `file-exists` (nothing is written then), `file-unwritable` */
export function writeSetup(folder: string, files: readonly FileToWrite[], force: boolean): readonly WrittenFile[] {
  const planned = files.map((file) => {
    const path = join(folder, file.path)
    const current = currentText(path)
    const outcome = current === undefined ? 'written' : current === file.text ? 'unchanged' : 'replaced'
    return { file, path, outcome } as const
  })
  const inTheWay = planned.filter(({ outcome }) => outcome === 'replaced').map(({ path }) => path)
  if (inTheWay.length > 0 && !force) {
    const [are, they] = inTheWay.length === 1 ? ['exists already; it is', 'it'] : ['exist already; they are', 'them']
    throw new Fault('file-exists', `${inTheWay.join(', ')} ${are} left as before, and nothing was written.`, {
      hint: `Choose another folder, or replace ${they} with --force.`,
    })
  }
  const written: string[] = []
  try {
    makeFolder(folder, 0o755)
    for (const { file, path, outcome } of planned) {
      if (outcome !== 'unchanged') writeFileAtomic(path, file.text, file.mode ?? 0o644)
      written.push(path)
    }
  } catch (cause) {
    throw unwritable(planned[written.length]?.path ?? folder, cause, written)
  }
  return planned.map(({ path, outcome }) => ({ path, outcome }))
}

function currentText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    if (code === 'ENOENT') return undefined
    throw unwritable(path, cause)
  }
}

/** @param written what is in its place already; each is whole */
function unwritable(path: string, cause: unknown, written: readonly string[] = []): Fault {
  const before = written.length === 0 ? '' : ` ${written.join(', ')} was written before.`
  return new Fault(
    'file-unwritable',
    `${path} can't be written (${(cause as NodeJS.ErrnoException).code ?? 'unknown reason'}).${before}`,
    {
      hint: 'Check that it is a folder, that you may write there, and that there is space on the disk.',
      cause,
    },
  )
}
