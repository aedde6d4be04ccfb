// Every password check of the server goes through here: bounded, fair between client addresses, few at a time, in a process of low priority, so that
// a flood of logins takes neither the memory nor the gate's processor time.
import { availableParallelism } from 'node:os'
import { parseIpAddress } from '../base/ip-address.ts'
import type { Logger } from '../base/log.ts'
import type { PasswordCheck } from './directory.ts'
import { FairQueue } from './fair-queue.ts'
import type { PasswordHash } from './hash-format.ts'
import { startIdleHashing } from './idle-hashing.ts'
import { hashMemory } from './password-hash.ts'

export interface HashQueue {
  /** @param from client address text; addresses of one IPv6 /64 share a line */
  verify(hash: PasswordHash, password: string, from: string): Promise<PasswordCheck>
  /** Answers what waits or runs with 'overloaded' and ends the hashing process. */
  close(): void
}

/** Where the computing happens. `lost`: it ended before it answered. */
export interface HashRunner {
  verify(encoded: string, password: string): Promise<'match' | 'mismatch' | 'lost'>
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

interface Job {
  readonly encoded: string
  readonly memory: number
  readonly password: string
  /** Ends the waiting: from now on it isn't turned away any more. */
  readonly start: () => void
  readonly settle: (verdict: PasswordCheck) => void
}

export function openHashQueue(options: HashQueueOptions = {}): HashQueue {
  const { perAddress = 64, total = 256, patience = 30_000 } = options
  const concurrency = options.concurrency ?? Math.min(2, Math.max(1, availableParallelism() - 1))
  const runner = options.runner ?? startIdleHashing({ concurrency, logger: options.logger })
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
    const verdict = await runner.verify(job.encoded, job.password)
    running -= 1
    memory -= job.memory
    job.settle(verdict === 'lost' ? 'overloaded' : verdict)
    if (!closed) dispatch()
  }

  return {
    verify: (hash, password, from) =>
      new Promise((resolve) => {
        const line = lineOf(from)
        const start = (): void => clearTimeout(timer)
        const job: Job = { encoded: hash.encoded, memory: hashMemory(hash), password, start, settle: resolve }
        if (closed || !waiting.add(line, job)) return resolve('overloaded')
        const timer = setTimeout(() => {
          waiting.remove(line, job)
          resolve('overloaded')
        }, patience)
        dispatch()
      }),
    close: () => {
      closed = true
      for (let job = waiting.take(); job; job = waiting.take()) {
        job.start()
        job.settle('overloaded')
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
