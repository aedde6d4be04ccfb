// Hashing that takes only what the gate and everything else leave of the processors (Linux's SCHED_IDLE): whoever has to answer in a millisecond is
// never kept waiting by a hash. Where nothing is left over for too long, or the system doesn't allow it, hashes are computed at low priority.
import { existsSync } from 'node:fs'
import type { Logger } from '../base/log.ts'
import { startHashProcess } from './hash-process.ts'
import type { HashRunner } from './hash-queue.ts'

export interface IdleHashingOptions {
  readonly concurrency: number
  readonly logger?: Logger | undefined
  /** Milliseconds after which a hash that isn't computed has been left no processor. */
  readonly patience?: number
  /** Milliseconds for which nothing is tried in this way again. */
  readonly pause?: number
  /** Starts a program so that it runs when nothing else does; undefined: there is no such thing here. */
  readonly starter?: readonly string[] | undefined
  /** Whether others need a core for themselves right now. */
  readonly isRush?: (() => boolean) | undefined
}

/** `chrt` of util-linux; SCHED_IDLE needs no privilege. */
export const IDLE_STARTER: readonly string[] | undefined = ['/usr/bin/chrt', '/bin/chrt']
  .filter((path) => process.platform === 'linux' && existsSync(path))
  .map((path) => [path, '--idle', '0'])[0]

export function startIdleHashing(options: IdleHashingOptions): HashRunner & { readonly pid: number | undefined } {
  const { concurrency, logger, patience = 2000, pause = 600_000, starter = IDLE_STARTER, isRush } = options
  const normal = startHashProcess({ concurrency, logger, isRush })
  if (starter === undefined) return normal
  // What it loses is computed again, so that there is nothing to complain about.
  const idle = startHashProcess({ concurrency, starter, isRush })
  let hasAnswered = false
  let notBefore = 0
  let isClosed = false

  const giveUp = (why: string, until: number): void => {
    if (performance.now() < notBefore) return
    notBefore = until
    logger?.info({}, `passwords are hashed at low priority instead of in idle time only: ${why}`)
    idle.close()
  }

  return {
    get pid() {
      return idle.pid ?? normal.pid
    },
    async run(work) {
      // An estimate is rare, and the first one reads long lists of words: that it takes longer than a hash says nothing of idle time.
      if (work.kind === 'judge' || performance.now() < notBefore) return normal.run(work)
      const starved = setTimeout(() => giveUp('there was none for too long', performance.now() + pause), patience)
      const result = await idle.run(work).finally(() => clearTimeout(starved))
      if (result.kind !== 'lost') {
        hasAnswered = true
        return result
      }
      if (isClosed) return result
      if (!hasAnswered) giveUp('this system does not allow it', Number.POSITIVE_INFINITY)
      return normal.run(work)
    },
    close: () => {
      isClosed = true
      idle.close()
      normal.close()
    },
  }
}
