// Everything slow that the server does with passwords goes through here: bounded, fair between client addresses, few at a time, in a process of low priority, so that
// a flood of logins takes neither the memory nor the gate's processor time.
import { availableParallelism } from 'node:os'
import { parseIpAddress } from '../base/ip-address.ts'
import type { Logger } from '../base/log.ts'
import { answersSent } from '../base/send-together.ts'
import type { PasswordHashConfig, PasswordPolicyConfig } from '../config/config.ts'
import type { PasswordCheck } from './directory.ts'
import { FairQueue } from './fair-queue.ts'
import type { PasswordHash } from './hash-format.ts'
import type { HashResult, HashWork } from './hash-process.ts'
import { startIdleHashing } from './idle-hashing.ts'
import { hashMemory } from './password-hash.ts'
import type { PasswordWeakness } from './password-policy.ts'
import { createRush } from './rush.ts'

export interface HashQueue {
  /** @param from client address text; addresses of one IPv6 /64 share a line */
  verify(hash: PasswordHash, password: string, from: string): Promise<PasswordCheck>
  /** A new hash; undefined: too much is going on. */
  make(password: string, config: PasswordHashConfig, from: string): Promise<string | undefined>
  /** What is wrong with a new password; undefined: too much is going on. */
  judge(
    password: string,
    policy: PasswordPolicyConfig,
    about: readonly string[],
    from: string,
  ): Promise<readonly PasswordWeakness[] | undefined>
  /** Answers what waits or runs with 'overloaded' and ends the hashing process. */
  close(): void
}

/** Where the computing happens. `lost`: it ended before it answered. */
export interface HashRunner {
  run(work: HashWork): Promise<HashResult>
  close(): void
}

export interface HashQueueOptions {
  readonly logger?: Logger
  /** How many may wait, for one address and altogether. */
  readonly perAddress?: number
  readonly total?: number
  /** Milliseconds after which who still waits is turned away. */
  readonly patience?: number
  /** How many run at once at most; one core is always left to the gate. */
  readonly concurrency?: number
  readonly runner?: HashRunner
}

/** KiB that the hashes running at once may take together; one alone may take more. */
const MEMORY_BUDGET = 160 * 1024

const LOST: HashResult = { kind: 'lost' }

interface Job {
  readonly work: HashWork
  /** KiB. */
  readonly memory: number
  /** Ends the waiting: from now on it isn't turned away any more. */
  readonly start: () => void
  readonly settle: (result: HashResult) => void
}

export function openHashQueue(options: HashQueueOptions = {}): HashQueue {
  const { perAddress = 64, total = 256, patience = 30_000 } = options
  const concurrency = options.concurrency ?? Math.min(2, Math.max(1, availableParallelism() - 1))
  const runner =
    options.runner ?? startIdleHashing({ concurrency, logger: options.logger, isRush: createRush(answersSent) })
  const waiting = new FairQueue<Job>({ perKey: perAddress, total })
  let running = 0
  let memory = 0
  let closed = false

  const dispatch = (): void => {
    for (let next = waiting.peek(); next; next = waiting.peek()) {
      if (running >= concurrency || (running > 0 && memory + next.memory > MEMORY_BUDGET)) return
      waiting.take()
      void run(next)
    }
  }
  const run = async (job: Job): Promise<void> => {
    job.start()
    running += 1
    memory += job.memory
    const result = await runner.run(job.work)
    running -= 1
    memory -= job.memory
    job.settle(result)
    if (!closed) dispatch()
  }

  /** `lost`: it was turned away. */
  const wait = (work: HashWork, needed: number, from: string): Promise<HashResult> =>
    new Promise((resolve) => {
      const line = lineOf(from)
      const start = (): void => clearTimeout(timer)
      const job: Job = { work, memory: needed, start, settle: resolve }
      if (closed || !waiting.add(line, job)) return resolve(LOST)
      const timer = setTimeout(() => {
        waiting.remove(line, job)
        resolve(LOST)
      }, patience)
      dispatch()
    })

  return {
    async verify(hash, password, from) {
      const result = await wait({ kind: 'verify', encoded: hash.encoded, password }, hashMemory(hash), from)
      if (result.kind !== 'verified') return 'overloaded'
      return result.match ? 'match' : 'mismatch'
    },
    async make(password, config, from) {
      const needed = config.algorithm === 'argon2' ? config.argon2.memory : 0
      const result = await wait({ kind: 'make', password, config }, needed, from)
      return result.kind === 'made' ? result.hash : undefined
    },
    async judge(password, policy, about, from) {
      const result = await wait({ kind: 'judge', password, policy, about }, 0, from)
      return result.kind === 'judged' ? result.weaknesses : undefined
    },
    close: () => {
      closed = true
      for (let job = waiting.take(); job; job = waiting.take()) {
        job.start()
        job.settle(LOST)
      }
      runner.close()
    },
  }
}

/** One IPv6 customer holds a /64 and could stand in as many lines as he likes. */
function lineOf(from: string): string {
  const address = parseIpAddress(from)
  return address?.family === 6 ? `${(address.value >> 64n).toString(16)}::/64` : from
}
