// Keeps the users that are served in step with the users file: a changed file is a new snapshot, one that is not valid leaves the last good one
// serving and says why. What becomes of sessions is the session folder's matter.
import { existsSync, readFileSync } from 'node:fs'
import type { Logger } from '../base/log.ts'
import type { Config } from '../config/config.ts'
import { loadUsersFile, type UsersFile } from '../directory/users-file.ts'
import { type FileWatch, watchFile } from './watch-file.ts'

export interface FollowUsers {
  readonly config: Config
  /** The file as it was before it was read for what is served now; see `usersFileNow`. */
  readonly first: Uint8Array | undefined
  readonly log: Logger
  /** Serves these from now on. @returns the number of the new snapshot */
  readonly serve: (users: UsersFile) => number
}

/** undefined: watching is turned off by `watch: false`, for everything or for this file. */
export function followUsers({ config, first, log, serve }: FollowUsers): FileWatch | undefined {
  const { file } = config.directory
  if (!config.watch || !file.watch) return undefined
  const { path } = file
  const keep = 'the users of before stay'
  return watchFile({
    path,
    first,
    onContent(content) {
      try {
        const read = loadUsersFile(content, file)
        const notes = read.kind === 'ok' ? read.warnings : read.problems
        for (const { severity, message, position, hint } of notes) {
          log[severity === 'error' ? 'error' : 'warn']({ ...position, hint }, message)
        }
        if (read.kind === 'invalid') return log.error({ file: path }, `the users file is not valid; ${keep}`)
        const snapshot = serve(read.users)
        log.info({ file: path, users: read.users.users.size, snapshot }, 'users read anew')
      } catch (error) {
        log.error({ file: path, err: error }, `the users file could not be taken over; ${keep}`)
      }
    },
    onLost: ({ code }) => log.error({ file: path, reason: code }, `the users file can't be read; ${keep}`),
    onTrouble: (error) => log.warn({ file: path, err: error }, 'changes of the users file are seen later than usual'),
  })
}

/** To be taken before the file is read for good: a change in between is then found. */
export function usersFileNow({ directory }: Config): Uint8Array | undefined {
  const { path } = directory.file
  try {
    return existsSync(path) ? readFileSync(path) : undefined
  } catch {
    return undefined
  }
}
