// What every check gets: the validated configuration, where to report, and the few looks at the file system that Authelia's checks take.
import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import type { CompleteConfig } from '../complete.generated.ts'
import type { Report } from '../report.ts'

export interface CheckContext {
  readonly config: CompleteConfig
  readonly report: Report
  /** Where relative paths begin. */
  readonly cwd: string
}

export type FileKind = 'file' | 'folder' | 'missing'

export function kindOfFile({ cwd }: CheckContext, path: string): FileKind {
  const found = statSync(resolve(cwd, path), { throwIfNoEntry: false })
  if (!found) return 'missing'
  return found.isDirectory() ? 'folder' : 'file'
}
