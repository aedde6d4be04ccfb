// Reads a file that a command was told of; what stops it is said, but that it doesn't exist is an answer.
import { readFileSync } from 'node:fs'
import { Fault } from './fault.ts'

/** @param path or 0, the pipe. Undefined when there is no such file. @throws Fault `file-unreadable` */
export function readIfThere(path: string | 0): Buffer | undefined {
  try {
    return readFileSync(path)
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    if (code === 'ENOENT') return undefined
    const why = code === 'EISDIR' ? 'it is a folder' : code === 'EACCES' ? 'you may not' : (cause as Error).message
    throw new Fault('file-unreadable', `${path === 0 ? 'The pipe' : path} can't be read: ${why}.`, {
      hint: 'Check the path, and who may read it.',
      cause,
    })
  }
}
