// Tells when a file has a new content that has come to rest. Watches the folder, so editors that rename and Kubernetes' symlink swaps are seen, and
// looks now and then by itself: network file systems and a kernel out of watches tell nothing.
import { readFileSync, statSync } from 'node:fs'
import { basename, dirname, resolve } from 'node:path'
import { watch } from 'chokidar'

/** Milliseconds a file must be still: a file that ends in the middle of a line is probably being written. */
const STILL = 500
const STILL_WITHOUT_NEWLINE = 1000
const LOOK_EVERY = 30_000

export interface FileWatchOptions {
  readonly path: string
  /** The content that is in use already. */
  readonly first: Uint8Array | undefined
  /** Each new content, never the same twice in a row. An empty one too: a writer that truncates first is given time to go on. */
  readonly onContent: (content: Buffer) => void
  /** The file is gone or can't be read; told once until it can be read again. */
  readonly onLost: (error: NodeJS.ErrnoException) => void
  /** The file system's notices don't work; the watch goes on, slower. */
  readonly onTrouble: (error: unknown) => void
  /** Milliseconds between looks of its own; 30 s unless told. */
  readonly lookEvery?: number
}

export interface FileWatch {
  /** When changes are seen from; what happened before is found out then. */
  readonly ready: Promise<void>
  close(): Promise<void>
}

export function watchFile(options: FileWatchOptions): FileWatch {
  const { onContent, onLost, onTrouble, lookEvery = LOOK_EVERY } = options
  const file = resolve(options.path)
  const folder = dirname(file)
  let seen = options.first
  let stamp = ''
  let lost = false
  let closed = false
  let timer: NodeJS.Timeout | undefined

  /** undefined: it is gone or can't be read, and `failure` says why. */
  let failure: NodeJS.ErrnoException | undefined
  const read = (): Buffer | undefined => {
    try {
      return readFileSync(file)
    } catch (error) {
      failure = error as NodeJS.ErrnoException
      return undefined
    }
  }
  const settle = (pending: Buffer | undefined): void => {
    if (closed) return
    clearTimeout(timer)
    timer = setTimeout(() => rest(pending), pending?.at(-1) === 0x0a ? STILL : STILL_WITHOUT_NEWLINE)
  }
  /** At rest is what reads the same twice. */
  const rest = (pending: Buffer | undefined): void => {
    const now = read()
    if (now === undefined ? pending !== undefined : pending === undefined || !now.equals(pending)) settle(now)
    else if (now === undefined) lose()
    else accept(now)
  }
  const lose = (): void => {
    if (!lost && failure) onLost(failure)
    lost = true
  }
  const accept = (content: Buffer): void => {
    lost = false
    if (seen !== undefined && content.equals(seen)) return
    seen = content
    onContent(content)
  }
  const look = (): void => {
    const found = statSync(file, { throwIfNoEntry: false, bigint: true })
    const next = found ? `${found.dev}:${found.ino}:${found.size}:${found.mtimeNs}` : ''
    if (next === stamp) return
    stamp = next
    settle(read())
  }

  // The file may be a link to another place, or lie in a folder that is swapped as a whole; its neighbours don't matter.
  const watched = new Set([folder, file, `${folder}/..data`])
  const watcher = watch(folder, { depth: 0, ignoreInitial: true, ignored: (path) => !watched.has(resolve(path)) })
  watcher.on('all', (_event, changed) => {
    const name = basename(changed)
    if (name === basename(file) || name === '..data' || changed === folder) settle(read())
  })
  watcher.on('error', onTrouble)
  const looking = setInterval(look, lookEvery).unref()
  return {
    ready: new Promise((resolve) =>
      watcher.once('ready', () => {
        if (!closed) look()
        resolve()
      }),
    ),
    close: async () => {
      closed = true
      clearTimeout(timer)
      clearInterval(looking)
      await watcher.close()
    },
  }
}
