// Programs that a benchmark runs: started, watched from outside (memory of the whole process tree), and ended.
import { type ChildProcess, spawn } from 'node:child_process'
import { accessSync, readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { availableParallelism } from 'node:os'
import { delimiter, join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'

export interface Program {
  readonly pid: number
  /** MB (10^6 bytes) of resident memory, now, of it and all processes below it. Pages they share count in each. */
  memory(): number
  stop(): Promise<void>
}

/** Standard error goes to `output`, which is shown when it ends on its own. */
export function start(command: string, args: readonly string[], cwd: string): Program {
  const child = spawn(command, args, { cwd, stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr?.on('data', (data: Buffer) => {
    said = (said + data).slice(-4000)
  })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  let wanted = false
  void ended.then(() => {
    if (!wanted) console.error(`${command} ${args[0] ?? ''} ended:\n${said}`)
  })
  const pid = pidOf(child)
  return {
    pid,
    memory: () => memoryOf(pid),
    async stop() {
      wanted = true
      child.kill('SIGTERM')
      await ended
    },
  }
}

function pidOf({ pid }: ChildProcess): number {
  if (pid === undefined) throw new Error('it did not start')
  return pid
}

/** Forked and not yet another program: its pages are its parent's. Flag PF_FORKNOEXEC, field 9 of proc_pid_stat(5). */
const isStillItsParent = (pid: number): boolean =>
  (Number(readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ')[6]) & 0x40) !== 0

function memoryOf(pid: number): number {
  try {
    const [, kilobytes] = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
    const children = readdirSync(`/proc/${pid}/task`).flatMap((task) =>
      readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
    )
    return (
      (Number(kilobytes ?? 0) * 1024) / 1e6 +
      children.reduce((sum, child) => sum + (isStillItsParent(child) ? 0 : memoryOf(child)), 0)
    )
  } catch {
    // It has just ended.
    return 0
  }
}

/** Load and server each have a core of their own where there are two, so that the scheduler's moods don't show in the figures. */
export const SERVER_CORE = availableParallelism() > 1 ? 0 : undefined
export const LOAD_CORE = availableParallelism() > 1 ? 1 : undefined

export function pinned(core: number | undefined, command: string, args: readonly string[]): [string, string[]] {
  return core === undefined || find('taskset') === undefined
    ? [command, [...args]]
    : ['taskset', ['-c', String(core), command, ...args]]
}

/** Where a program is, also where only administrators look; undefined when it isn't installed. */
export function find(name: string): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin', '/sbin']
  return folders
    .map((folder) => join(folder, name))
    .find((path) => {
      try {
        accessSync(path)
        return true
      } catch {
        return false
      }
    })
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  return typeof address === 'object' && address ? address.port : 0
}

/** Resolves when it answers; returns the milliseconds since `since`. @throws after ten seconds */
export async function answers(url: string, since = performance.now()): Promise<number> {
  for (;;) {
    try {
      await (await fetch(url)).arrayBuffer()
      return performance.now() - since
    } catch (error) {
      if (performance.now() - since > 10_000) throw error
      await wait(2)
    }
  }
}
