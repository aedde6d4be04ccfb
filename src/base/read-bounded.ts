// Reads a file up to a size: what somebody names may be a device, a pipe or a log by mistake, or become one while a server runs.
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'

/** A pipe that nobody writes to would be waited for without end, and all that a server does would wait with it. */
const AT_ONCE = constants.O_RDONLY | constants.O_NONBLOCK
/** What a shell hands a command to read from: `<(…)`, `< file`. */
const FROM_SHELL = /^\/(?:dev\/(?:stdin|fd\/\d+)|proc\/self\/fd\/\d+)$/
/** Of what doesn't say how long it is, or grows. */
const CHUNK = 64 * 1024
export const NOT_A_FILE = 'NOT_A_FILE'

/**
 * undefined when there is more than `limit` bytes. Throws what the system says when it can't be read; with the code NOT_A_FILE when it is a pipe, a
 * socket or a device.
 */
export function readBounded(path: string, limit: number): Buffer | undefined {
  const isFromShell = FROM_SHELL.test(path)
  const file = openSync(path, isFromShell ? constants.O_RDONLY : AT_ONCE)
  try {
    const stats = fstatSync(file)
    // A folder is refused by reading it, in the system's own words.
    if (!stats.isFile() && !stats.isDirectory() && !isFromShell)
      throw Object.assign(new Error('it is a pipe, a socket or a device'), { code: NOT_A_FILE })
    if (stats.size > limit && stats.isFile()) return undefined
    const chunks: Buffer[] = []
    let size = 0
    for (;;) {
      // One that is as long as it says is read in one piece, with a byte to spare that shows its end; what is thrown away here stays in the heap.
      const chunk = Buffer.allocUnsafe(stats.isFile() && size <= stats.size ? stats.size - size + 1 : CHUNK)
      const count = readSync(file, chunk)
      if (count === 0) return Buffer.concat(chunks)
      size += count
      if (size > limit) return undefined
      chunks.push(chunk.subarray(0, count))
    }
  } finally {
    closeSync(file)
  }
}
