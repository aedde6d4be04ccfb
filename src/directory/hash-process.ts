// The child process that computes password hashes: started when there is something to do, ended when idle or when it stops answering. If it dies,
// what it was computing is lost, never taken for a match.
import { type ChildProcess, fork } from 'node:child_process'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Logger } from '../base/log.ts'
import type { PasswordHashConfig, PasswordPolicyConfig } from '../config/config.ts'
import type { HashRunner } from './hash-queue.ts'
import type { PasswordWeakness } from './password-policy.ts'

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
  /** Whether others need a core for themselves right now. */
  readonly isRush?: (() => boolean) | undefined
}

/** What takes time: comparing a password with a hash, making a hash, estimating how hard a password is to guess. */
export type HashWork =
  | { readonly kind: 'verify'; readonly encoded: string; readonly password: string }
  | { readonly kind: 'make'; readonly password: string; readonly config: PasswordHashConfig }
  | {
      readonly kind: 'judge'
      readonly password: string
      readonly policy: PasswordPolicyConfig
      readonly about: readonly string[]
    }
/** `lost`: it couldn't be computed. */
export type HashResult =
  | { readonly kind: 'verified'; readonly match: boolean }
  | { readonly kind: 'made'; readonly hash: string }
  | { readonly kind: 'judged'; readonly weaknesses: readonly PasswordWeakness[] }
  | { readonly kind: 'lost' }
export interface HashTask {
  readonly id: number
  readonly work: HashWork
  /** One of the cores is left to others. */
  readonly sparesCore: boolean
}
export interface HashAnswer {
  readonly id: number
  readonly result: HashResult
}

const LOST: HashResult = { kind: 'lost' }

/**
 * glibc's malloc (mallopt(3)) keeps what a hash has used for the next one. Given back, those 64 MB would be fetched and wiped by the kernel each time,
 * which is a quarter of what a hash takes; the process ends when it is idle anyway.
 */
const KEEP_MEMORY = { MALLOC_ARENA_MAX: '1', MALLOC_MMAP_MAX_: '0', MALLOC_TRIM_THRESHOLD_: String(2 ** 30) }

const DISABLED_WARNING = '--disable-warning=ExperimentalWarning'
const WORKER = fileURLToPath(new URL(`./hash-worker${extname(import.meta.url)}`, import.meta.url))

export function startHashProcess(options: HashProcessOptions): HashRunner & { readonly pid: number | undefined } {
  const { concurrency, logger, idle = 10_000, deadline = 120_000, starter = [], isRush = () => false } = options
  const [program = process.execPath, ...args] = [...starter, process.execPath]
  let current: Running | undefined
  let lastId = 0
  let idleTimer: NodeJS.Timeout | undefined

  const start = (): Running => {
    const child = fork(WORKER, [], {
      // Nothing of ours: no secrets from the environment, no debugger port, no open files.
      env: { UV_THREADPOOL_SIZE: String(concurrency), ...KEEP_MEMORY },
      execPath: program,
      execArgv: [...args, '--max-old-space-size=64', '--max-semi-space-size=1', DISABLED_WARNING],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
    const running: Running = { child, pending: new Map() }
    child.on('message', (answer: HashAnswer) => {
      const { id, result } = answer
      if (result.kind === 'lost') logger?.error({ pid: child.pid }, 'A password hash could not be computed.')
      running.pending.get(id)?.(result)
    })
    const lose = (reason: object): void => {
      if (current === running) current = undefined
      if (running.pending.size === 0) return
      logger?.error(
        { pid: child.pid, lost: running.pending.size, ...reason },
        'The hashing process ended unexpectedly.',
      )
      for (const settle of [...running.pending.values()]) settle(LOST)
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
    run: (work) =>
      new Promise((resolve) => {
        clearTimeout(idleTimer)
        try {
          current ??= start()
        } catch (error) {
          logger?.error({ error: String(error) }, 'The hashing process could not be started.')
          return resolve(LOST)
        }
        const running = current
        running.child.ref()
        running.child.channel?.ref()
        lastId += 1
        const id = lastId
        const timer = setTimeout(() => running.child.kill('SIGKILL'), deadline)
        running.pending.set(id, (result) => {
          clearTimeout(timer)
          running.pending.delete(id)
          if (running.pending.size === 0 && current === running) {
            running.child.unref()
            running.child.channel?.unref()
            idleTimer = setTimeout(stop, idle).unref()
          }
          resolve(result)
        })
        // A failure to send means that the child is gone or going: its 'exit' settles what is pending.
        running.child.send({ id, work, sparesCore: isRush() } satisfies HashTask, (error) => {
          if (error) running.child.kill('SIGKILL')
        })
      }),
    close: () => {
      clearTimeout(idleTimer)
      const running = current
      current = undefined
      running?.child.kill('SIGKILL')
      for (const settle of [...(running?.pending.values() ?? [])]) settle(LOST)
    },
  }
}

interface Running {
  readonly child: ChildProcess
  readonly pending: Map<number, (result: HashResult) => void>
}
