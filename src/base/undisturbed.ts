// Does a short piece of work to its end, whatever signal comes in between: files that belong together aren't left half-written for a Ctrl-C.

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** @param work synchronous; a signal that comes meanwhile is forgotten, for its work is done by then */
export function undisturbed<T>(work: () => T): T {
  const forget = (): void => {}
  for (const signal of SIGNALS) process.on(signal, forget)
  try {
    return work()
  } finally {
    for (const signal of SIGNALS) process.off(signal, forget)
  }
}
