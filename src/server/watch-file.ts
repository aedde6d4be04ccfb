// Tells when a file has a new content that has come to rest. Watches the folder, so editors that rename and Kubernetes' symlink swaps are seen.
import { readFileSync } from 'node:fs'
import { basename, dirname, resolve } from 'node:path'
import { watch } from 'chokidar'

/** Milliseconds a file must be still: a file that ends in the middle of a line is probably being written. */
const STILL = 500
const STILL_WITHOUT_NEWLINE = 1000

export interface FileWatch {
  /** When changes are seen from. */
  readonly ready: Promise<void>
  close(): Promise<void>
}

/**
 * Calls `onContent` with each new content, never with the same content twice in a row, and never with an empty file (a writer that truncates first).
 * @param first the content that is in use already
 */
export function watchFile(path: string, first: Buffer, onContent: (content: Buffer) => void): FileWatch {
  const file = resolve(path)
  let seen = first
  let timer: NodeJS.Timeout | undefined

  const read = (): Buffer | undefined => {
    try {
      return readFileSync(file)
    } catch {
      // Deleted or unreadable for the moment: the old content stays in use.
      return undefined
    }
  }
  const settle = (pending: Buffer | undefined): void => {
    clearTimeout(timer)
    const wait = pending && pending.at(-1) !== 0x0a ? STILL_WITHOUT_NEWLINE : STILL
    timer = setTimeout(() => {
      const now = read()
      if (now === undefined || now.length === 0) return
      if (pending === undefined || !now.equals(pending)) return settle(now)
      if (now.equals(seen)) return
      seen = now
      onContent(now)
    }, wait)
  }

  const watcher = watch(dirname(file), { depth: 0, ignoreInitial: true, followSymlinks: true })
  watcher.on('all', (_event, changed) => {
    const name = basename(changed)
    if (name === basename(file) || name === '..data' || changed === dirname(file)) settle(read())
  })
  return {
    ready: new Promise((resolve) => watcher.once('ready', () => resolve())),
    close: async () => {
      clearTimeout(timer)
      await watcher.close()
    },
  }
}
