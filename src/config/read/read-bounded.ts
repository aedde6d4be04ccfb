// Reads a file up to a size: what a configuration names may be a device or a log by mistake.
import { closeSync, openSync, readSync } from 'node:fs'

/** undefined when there is more than `limit` bytes. Throws what the system says when it can't be read. */
export function readBounded(path: string, limit: number): Buffer | undefined {
  const file = openSync(path, 'r')
  try {
    const chunks: Buffer[] = []
    let size = 0
    for (;;) {
      const chunk = Buffer.allocUnsafe(64 * 1024)
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
