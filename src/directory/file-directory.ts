// The directory that a users file is: lookups in memory, passwords checked through the hashing queue. Doesn't watch: whoever does calls
// `readUsersFile` and `replace`.
import { writeFileSync } from 'node:fs'
import { readBounded } from '../base/read-bounded.ts'
import { atOnce, type Steps } from '../base/steps.ts'
import { MAX_BYTES } from '../yaml/decode-text.ts'
import type { Directory, User } from './directory.ts'
import { exampleUsers } from './example-users.ts'
import type { HashQueue } from './hash-queue.ts'
import { LONGEST_PASSWORD } from './password-hash.ts'
import {
  type FileUser,
  loadingUsersFile,
  type UsersFile,
  type UsersFileOptions,
  type UsersFileResult,
} from './users-file.ts'

export interface FileDirectory extends Directory {
  /** What is served now. */
  readonly users: UsersFile
  /** Serves `users` from the next call on. */
  replace(users: UsersFile): void
  find(username: string): User | undefined
  /** How a canonical name stands in the file: may he sign in, is he there but disabled, or neither. */
  standingOf(username: string): 'known' | 'disabled' | 'unknown'
  resolve(typed: string): User | undefined
}

export type OpenedFileDirectory =
  | { readonly kind: 'ok'; readonly directory: FileDirectory; readonly warnings: UsersFileWarnings }
  | { readonly kind: 'invalid'; readonly problems: UsersFileWarnings }
type UsersFileWarnings = Extract<UsersFileResult, { kind: 'ok' }>['warnings']

/** At start: reads the file. A missing one is written as an example to fill in, and is a problem all the same. */
export function openFileDirectory(
  options: UsersFileOptions & { readonly queue: Pick<HashQueue, 'verify'> },
): OpenedFileDirectory {
  const result = readUsersFile(options)
  if (result.kind === 'ok') {
    return { kind: 'ok', directory: createFileDirectory(result.users, options.queue), warnings: result.warnings }
  }
  if (!result.problems.some(({ code }) => code === 'users-file-missing')) return result
  try {
    writeFileSync(options.path, exampleUsers, { flag: 'wx', mode: 0o600 })
  } catch {
    return result
  }
  const hint = 'An example has been written there: fill it in and start again.'
  return { kind: 'invalid', problems: result.problems.map((problem) => ({ ...problem, hint })) }
}

/** Reads the file as it is now: at start, and again whenever it changed. A file that can't be read is a problem, never thrown. */
export const readUsersFile = (options: UsersFileOptions): UsersFileResult => atOnce(readingUsersFile(options))

/** The same in steps. */
export function* readingUsersFile(options: UsersFileOptions): Steps<UsersFileResult> {
  let bytes: Uint8Array
  try {
    // One byte more than is accepted, so that the reader of text says what is wrong.
    bytes = readBounded(options.path, MAX_BYTES) ?? new Uint8Array(MAX_BYTES + 1)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    const missing = code === 'ENOENT'
    return {
      kind: 'invalid',
      problems: [
        {
          severity: 'error',
          code: missing ? 'users-file-missing' : 'users-file-unreadable',
          message: missing
            ? `The users file ${options.path} doesn't exist.`
            : `The users file ${options.path} can't be read: ${message}.`,
          hint: 'Check authentication_backend.file.path and who may read it.',
          path: 'authentication_backend.file.path',
        },
      ],
    }
  }
  return yield* loadingUsersFile(bytes, options)
}

export function createFileDirectory(initial: UsersFile, queue: Pick<HashQueue, 'verify'>): FileDirectory {
  let users = initial
  const entry = (username: string): FileUser | undefined => users.users.get(username)
  return {
    get users() {
      return users
    },
    replace: (next) => {
      users = next
    },
    find: (username) => entry(username)?.user,
    standingOf: (username) =>
      users.users.has(username) ? 'known' : users.disabled.has(username) ? 'disabled' : 'unknown',
    resolve: (typed) => {
      const byEmail = users.byEmail.get(typed.toLowerCase())
      return entry(byEmail ?? (users.ignoreCase ? typed.toLowerCase() : typed))?.user
    },
    checkPassword: async (username, password, from) => {
      const known = username === undefined ? undefined : entry(username)
      // Different ill-formed strings become the same bytes, and too long ones cost too much: they're never right, but cost as much as any.
      const possible = password.isWellFormed() && Buffer.byteLength(password) <= LONGEST_PASSWORD
      const hash = known?.hash ?? users.typicalHash
      if (!hash) return 'mismatch'
      const verdict = await queue.verify(hash, possible ? password : '', from)
      if (verdict !== 'match') return verdict
      // Who was removed, disabled or given another password meanwhile is not let in by the old one.
      const unchanged = known && username !== undefined && entry(username)?.stamp === known.stamp
      return possible && unchanged ? 'match' : 'mismatch'
    },
    passwordStamp: (username) => entry(username)?.stamp,
  }
}
