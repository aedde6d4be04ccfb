// Programs that must not outlive this process: each leads a process group of its own (proxies have workers), and whatever makes us exit ends them all.
import { type ChildProcess, spawn } from 'node:child_process'

export interface Command {
  readonly command: string
  /** Not to be started before this file is there. */
  readonly after?: string
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

export interface Child {
  readonly what: string
  readonly running: boolean
  /** The last of what it printed, on both streams. */
  output(): string
  /** Asked first, then killed, workers too; resolves when nothing of it runs any more. */
  end(): Promise<void>
}

export interface Children {
  readonly all: readonly Child[]
  /** @param onEnd called when it ends without having been asked to, or can't be started (`reason` says which) */
  start(what: string, command: Command, folder: string, onEnd?: (reason: string) => void): Child
  /** In reverse order of their start. */
  endAll(): Promise<void>
}

const GRACE = 2500
const KEPT_OUTPUT = 64 * 1024

export function createChildren(): Children {
  const all: (Child & { readonly kill: () => void })[] = []
  process.on('exit', () => {
    for (const { kill } of all) kill()
  })
  return {
    all,
    start(what, command, folder, onEnd) {
      const child = startChild(what, command, folder, onEnd)
      all.push(child)
      return child
    },
    async endAll() {
      for (const child of [...all].reverse()) await child.end()
    },
  }
}

function startChild(
  what: string,
  { command, args, env }: Command,
  folder: string,
  onEnd: (reason: string) => void = () => {},
): Child & { kill: () => void } {
  const child = spawn(command, args, {
    cwd: folder,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (data: Buffer) => {
      output = (output + data.toString()).slice(-KEPT_OUTPUT)
    })
  }
  let asked = false
  let running = true
  const ended = new Promise<void>((resolve) => {
    const finish = (reason: string): void => {
      if (!running) return
      running = false
      killGroup(child)
      resolve()
      if (!asked) onEnd(reason)
    }
    child.once('error', (error) => finish(`can't be started: ${error.message}`))
    child.once('exit', (code, signal) => finish(`ended unexpectedly (${signal ?? `exit code ${code}`})`))
  })
  return {
    what,
    get running() {
      return running
    },
    output: () => output,
    kill: () => {
      if (running) killGroup(child)
    },
    async end() {
      asked = true
      if (!running) return
      child.kill('SIGTERM')
      const timer = setTimeout(() => killGroup(child), GRACE)
      await ended
      clearTimeout(timer)
    },
  }
}

/** Called while the leader lives or has just ended: later the number could be somebody else's. */
function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // Nobody is left in it.
  }
}
