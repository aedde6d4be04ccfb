// Keeps this process off one of the cores that it may run on, or lets it have all of them again (Linux). Idle priority alone is not enough while many
// ask: Linux lets a thread that runs at idle priority go on for up to a tick of its clock before whoever was woken gets the core.
import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { promisify } from 'node:util'

/** Of util-linux; to give up a core needs no privilege. */
const TASKSET = ['/usr/bin/taskset', '/bin/taskset'].find((path) => process.platform === 'linux' && existsSync(path))

/** Resolves when all threads of this process, and those they start, keep off one core, or have all again. Where that can't be had, it changes nothing. */
export type SpareCore = (isSpared: boolean) => Promise<void>

/** @param taskset undefined: there is no such program */
export function createSpareCore(taskset = TASKSET): SpareCore {
  const all = taskset === undefined ? [] : allowedCores()
  const [, ...others] = all
  let wanted = false
  let done = Promise.resolve()
  return (isSpared) => {
    if (isSpared === wanted || taskset === undefined || others.length === 0) return done
    wanted = isSpared
    const cores = (isSpared ? others : all).join(',')
    const args = ['--all-tasks', '--cpu-list', '--pid', cores, String(process.pid)]
    done = done
      .then(() => promisify(execFile)(taskset, args, { env: {} }))
      .then(
        () => {},
        () => {},
      )
    return done
  }
}

/** Cores that this process may run on: numbers of proc_pid_status(5), `0-3,6`. */
function allowedCores(): number[] {
  try {
    const [, list = ''] = /^Cpus_allowed_list:\s*(\S+)/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? []
    return list.split(',').flatMap((range) => {
      const [from = 0, to = from] = range.split('-').map(Number)
      return Array.from({ length: to - from + 1 }, (_, i) => from + i)
    })
  } catch {
    return []
  }
}
