// Where a running server can be asked: the socket beside its database, named after it.
import { join, parse } from 'node:path'

/** Bytes of a socket's path that every system takes, the closing NUL not counted (sun_path: 104 on BSD and macOS, 108 on Linux). */
export const MAX_SOCKET_PATH = 103

/** @param storagePath of the file that is really used; see `locateStorage` */
export function socketPath(storagePath: string): string {
  const { dir, name, base, ext } = parse(storagePath)
  return join(dir, `${ext === '.sqlite3' ? name : base}.sock`)
}
