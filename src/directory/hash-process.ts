// The child process that computes password hashes: started when there is something to do, ended when idle or when it stops answering. If it dies,
// what it was computing is lost, never taken for a match.
import { type ChildProcess, fork } from 'node:child_process'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Logger } from '../base/log.ts'
import type { HashRunner } from './hash-queue.ts'

export interface HashProcessOptions {
  /** Hashes that may be computed at once. */
  readonly concurrency: number
  readonly logger?: Logger | undefined
  /** Milliseconds without work after which the process ends. */
  readonly idle?: number
  /** Milliseconds after which a hash that isn't answered means that the process hangs. */
  readonly deadline?: number
  /** Program and arguments that start the program they are given, in another way. */
  readonly starter?: readonly string[] | undefined
}

export interface HashTask {
  readonly id: number
  readonly encoded: string
  readonly password: string
}
/** `match` undefined: it couldn't be computed. */
export interface HashAnswer {
  readonly id: number
  readonly match?: boolean
}

const DISABLED_WARNING = '--disable-warning=ExperimentalWarning'
const WORKER = fileURLToPath(new URL(`./hash-worker${extname(import.meta.url)}`, import.meta.url))

export function startHashProcess(options: HashProcessOptions): HashRunner & { readonly pid: number | undefined } {
  const { concurrency, logger, idle = 10_000, deadline = 120_000, starter = [] } = options
  const [program = process.execPath, ...args] = [...starter, process.execPath]
  let current: Running | undefined
  let lastId = 0
  let idleTimer: NodeJS.Timeout | undefined

  const start = (): Running => {
    const child = fork(WORKER, [], {
      // Nothing of ours: no secrets from the environment, no debugger port, no open files.
      env: { UV_THREADPOOL_SIZE: String(concurrency) },
      execPath: program,
      execArgv: [...args, '--max-old-space-size=64', '--max-semi-space-size=1', DISABLED_WARNING],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
    const running: Running = { child, pending: new Map() }
    child.on('message', (answer: HashAnswer) => {
      const { id, match } = answer
      if (match === undefined) logger?.error({ pid: child.pid }, 'A password hash could not be computed.')
      running.pending.get(id)?.(match === undefined ? 'lost' : match ? 'match' : 'mismatch')
    })
    const lose = (reason: object): void => {
      if (current === running) current = undefined
      if (running.pending.size === 0) return
      logger?.error(
        { pid: child.pid, lost: running.pending.size, ...reason },
        'The hashing process ended unexpectedly.',
      )
      for (const settle of [...running.pending.values()]) settle('lost')
    }
    child.on('error', (error) => {
      child.kill('SIGKILL')
      lose({ error: error.message })
    })
    child.on('exit', (code, signal) => lose({ code, signal }))
    return running
  }

  const stop = (): void => {
    const running = current
    current = undefined
    if (running?.child.connected) running.child.disconnect()
  }

  return {
    get pid() {
      return current?.child.pid
    },
    verify: (encoded, password) =>
      new Promise((resolve) => {
        clearTimeout(idleTimer)
        try {
          current ??= start()
        } catch (error) {
          logger?.error({ error: String(error) }, 'The hashing process could not be started.')
          return resolve('lost')
        }
        const running = current
        running.child.ref()
        running.child.channel?.ref()
        lastId += 1
        const id = lastId
        const timer = setTimeout(() => running.child.kill('SIGKILL'), deadline)
        running.pending.set(id, (verdict) => {
          clearTimeout(timer)
          running.pending.delete(id)
          if (running.pending.size === 0 && current === running) {
            running.child.unref()
            running.child.channel?.unref()
            idleTimer = setTimeout(stop, idle).unref()
          }
          resolve(verdict)
        })
        // A failure to send means that the child is gone or going: its 'exit' settles what is pending.
        running.child.send({ id, encoded, password } satisfies HashTask, (error) => {
          if (error) running.child.kill('SIGKILL')
        })
      }),
    close: () => {
      clearTimeout(idleTimer)
      const running = current
      current = undefined
      running?.child.kill('SIGKILL')
      for (const settle of [...(running?.pending.values() ?? [])]) settle('lost')
    },
  }
}

interface Running {
  readonly child: ChildProcess
  readonly pending: Map<number, (verdict: 'match' | 'mismatch' | 'lost') => void>
}
