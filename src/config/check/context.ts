// What every check gets: the validated configuration, where to report, and the few looks at the file system that Authelia's checks take.
import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import type { CompleteConfig } from '../complete.generated.ts'
import type { Pointer } from '../places.ts'
import type { Report } from '../report.ts'

export interface CheckContext {
  readonly config: CompleteConfig
  readonly report: Report
  /** Where relative paths begin. */
  readonly cwd: string
}

export type FileKind = 'file' | 'folder' | 'missing' | 'unreadable'

export function kindOfFile({ cwd }: CheckContext, path: string): FileKind {
  try {
    const found = statSync(resolve(cwd, path), { throwIfNoEntry: false })
    if (!found) return 'missing'
    return found.isDirectory() ? 'folder' : 'file'
  } catch {
    return 'unreadable'
  }
}

/** Says what is wrong unless a file (or folder) of that kind is there. */
export function demandFile(
  context: CheckContext,
  at: Pointer,
  path: string | undefined,
  wanted: 'file' | 'folder',
): void {
  if (path === undefined) return
  if (path.includes('-----BEGIN')) {
    const hint = 'Put the text into a file of its own and name that.'
    context.report.error('missing-file', at, 'must be the path of a file, not what is in it', hint)
    return
  }
  const kind = kindOfFile(context, path)
  if (kind === wanted) return
  const what = {
    missing: 'which does not exist',
    unreadable: 'which this user may not look at',
    file: 'which is no folder',
    folder: 'which is a folder',
  }[kind]
  context.report.error(
    'missing-file',
    at,
    `names ${JSON.stringify(path)}, ${what}`,
    `Relative paths begin at ${context.cwd}.`,
  )
}
