// Reads a file that a command was told of; what stops it is said, but that it doesn't exist is an answer.
import { readFileSync } from 'node:fs'
import { Fault } from './fault.ts'

/** Undefined when there is no such file. @throws Fault `file-unreadable` */
export function readIfThere(path: string): Buffer | undefined {
  try {
    return readFileSync(path)
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    if (code === 'ENOENT') return undefined
    // The system's own words, where there are any, are told with the cause.
    const why = code === 'EISDIR' ? ': it is a folder' : ''
    throw new Fault('file-unreadable', `${path} can't be read${why}.`, {
      hint: 'Check the path, and who may read it.',
      cause,
    })
  }
}
