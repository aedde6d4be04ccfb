// Files and folders that must not stay when work ends before its time, by an error or by a signal. Against kill -9 nothing helps; what stays then
// is named so that anybody sees what it is.
import { rmSync } from 'node:fs'

/** Exit codes by the shell's convention. */
const SIGNALS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const

export interface Leftovers {
  /** @returns the path */
  note(path: string): string
  /** It has become what it should, or is gone. */
  forget(path: string): void
  /** Removes everything noted and stops listening to signals. */
  clear(): void
}

export function watchLeftovers(): Leftovers {
  const paths = new Set<string>()
  const remove = (): void => {
    for (const path of paths) rmSync(path, { recursive: true, force: true })
    paths.clear()
  }
  const listeners = Object.entries(SIGNALS).map(([signal, exitCode]) => {
    const listener = (): never => {
      remove()
      process.exit(exitCode)
    }
    process.once(signal, listener)
    return () => process.removeListener(signal, listener)
  })
  return {
    note(path) {
      paths.add(path)
      return path
    },
    forget: (path) => void paths.delete(path),
    clear() {
      remove()
      for (const stop of listeners) stop()
    },
  }
}
