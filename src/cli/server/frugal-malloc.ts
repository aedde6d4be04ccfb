// Has a server allocate frugally outside of V8's heap: glibc's own settings cost 6 MB at rest, and more after a flood. It reads them once, when a
// program begins, so the program begins a second time, in the same process.

/** mallopt(3). One arena: each of Node's threads would get one of its own, and what it frees there is never given back. */
const FRUGAL = {
  MALLOC_ARENA_MAX: '1',
  /** Bytes. What is larger is a mapping of its own and leaves no hole; without this glibc raises the threshold to megabytes. */
  MALLOC_MMAP_THRESHOLD_: '65536',
  /** Bytes that may lie free at the end. */
  MALLOC_TRIM_THRESHOLD_: '65536',
}

/** Returns where it has been done, the operator has said something else, or it can't be. Takes some 40 ms else. */
export function useFrugalMalloc(): void {
  const { execve, platform, env, execPath, execArgv, argv } = process
  if (platform !== 'linux' || execve === undefined || env['MALLOC_ARENA_MAX'] !== undefined) return
  // Whoever forked it talks to it over a channel that wouldn't survive.
  if (process.channel !== undefined) return
  try {
    execve.call(process, execPath, [execPath, ...execArgv, ...argv.slice(1)], { ...FRUGAL, ...env })
  } catch {
    // It's only memory.
  }
}
