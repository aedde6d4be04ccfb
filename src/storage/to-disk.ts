// Brings to the disk what SQLite has committed, without holding the event loop up. SQLite's own way (synchronous = FULL) waits for the disk in the
// middle of each commit, some milliseconds in which no question is answered; here the wait is the committer's alone, and those who commit at about
// the same time share one.
import { open } from 'node:fs/promises'

/** Resolves when everything that was committed before the call survives a power cut. Rejects when it can't be known to. */
export type ToDisk = () => Promise<void>

/** @param sync brings to the disk what was written before it is called; runs one at a time */
export function shared(sync: ToDisk): ToDisk {
  let running: Promise<void> = Promise.resolve()
  let next: Promise<void> | undefined
  return () => {
    next ??= running
      .catch(() => {})
      .then(() => {
        next = undefined
        running = sync()
        return running
      })
    return next
  }
}

export interface LogToDisk {
  readonly toDisk: ToDisk
  close(): Promise<void>
}

/**
 * For an open database in WAL mode (whose log stays the same file as long as it is open) with synchronous = NORMAL.
 * @param path of the database
 */
export function logToDisk(path: string): LogToDisk {
  const log = open(`${path}-wal`, 'r')
  // Whoever commits is told; until then a log that isn't there is nobody's trouble.
  log.catch(() => {})
  return {
    toDisk: shared(async () => (await log).datasync()),
    close: async () => (await log.catch(() => undefined))?.close(),
  }
}
