// Where the server keeps what it makes itself: all beside the database, named after it.
import { dirname, join, parse } from 'node:path'

export interface StateFiles {
  readonly sessions: string
  readonly selfSigned: { readonly certificate: string; readonly key: string }
}

/** @param storagePath the database that is really used */
export function stateFiles(storagePath: string): StateFiles {
  const { name, ext } = parse(storagePath)
  const beside = (file: string): string => join(dirname(storagePath), file)
  return {
    sessions: beside(`${name}.sessions${ext || '.sqlite3'}`),
    selfSigned: { certificate: beside(`${name}.self-signed.crt`), key: beside(`${name}.self-signed.key`) },
  }
}
