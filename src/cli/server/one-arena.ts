// A server allocates from one arena: glibc gives each of Node's threads one of its own, and what they free there is never given back (6 MB at rest).
// It reads the number once, when a program begins, so the program begins a second time, in the same process.
const VARIABLE = 'MALLOC_ARENA_MAX'

/** Returns where it has been done, the operator has said something else, or it can't be. Takes some 40 ms else. */
export function useOneArena(): void {
  const { execve, platform, env, execPath, execArgv, argv } = process
  if (platform !== 'linux' || execve === undefined || env[VARIABLE] !== undefined) return
  // Whoever forked it talks to it over a channel that wouldn't survive.
  if (process.channel !== undefined) return
  try {
    execve.call(process, execPath, [execPath, ...execArgv, ...argv.slice(1)], { ...env, [VARIABLE]: '1' })
  } catch {
    // It's only memory.
  }
}
