// The users file (Authelia's format): bytes in, an immutable table of users or all of its problems out. Pure; reads and watches nothing.
import { sha256 } from '../base/secret.ts'
import { atOnce, mapInSteps, type Steps } from '../base/steps.ts'
import type { DirectoryConfig } from '../config/config.ts'
import type { MapNode, Node } from '../yaml/node.ts'
import type { Position, Problem } from '../yaml/problem.ts'
import { readingYaml } from '../yaml/read.ts'
import type { User } from './directory.ts'
import type { PasswordHash } from './hash-format.ts'
import { findAmbiguities } from './user-ambiguities.ts'
import { readUser, type UserEntry } from './user-entry.ts'

export interface UsersFile {
  /** Users who may sign in, by canonical name: not the disabled ones, not those whose attributes can't be passed on. */
  readonly users: ReadonlyMap<string, FileUser>
  /** Canonical names of those who are there, and shall not sign in. */
  readonly disabled: ReadonlySet<string>
  /** Canonical name by lower-case e-mail address; empty unless search by e-mail is on. */
  readonly byEmail: ReadonlyMap<string, string>
  readonly ignoreCase: boolean
  /** A hash as most users have it: what an attempt for an unknown name is made to cost. Undefined when nobody may sign in. */
  readonly typicalHash: PasswordHash | undefined
}
export interface FileUser {
  readonly user: User
  readonly hash: PasswordHash
  /** Another one whenever the stored hash is another one. */
  readonly stamp: string
}

export interface UsersFileOptions {
  /** The path as it shall stand in positions. */
  readonly path: string
  readonly search: DirectoryConfig['file']['search']
  readonly extraAttributes: DirectoryConfig['file']['extraAttributes']
}

export type UsersFileResult =
  | { readonly kind: 'ok'; readonly users: UsersFile; readonly warnings: readonly Problem[] }
  | { readonly kind: 'invalid'; readonly problems: readonly Problem[] }

/** Every problem is reported, not the first only. Invalid means: keep what was loaded before, or don't start. */
export const loadUsersFile = (bytes: Uint8Array, options: UsersFileOptions): UsersFileResult =>
  atOnce(loadingUsersFile(bytes, options))

/** The same in steps. */
export function* loadingUsersFile(bytes: Uint8Array, options: UsersFileOptions): Steps<UsersFileResult> {
  const read = yield* readingUserEntries(bytes, options)
  yield
  switch (read.kind) {
    case 'invalid':
      return read
    case 'empty':
      return { kind: 'invalid', problems: [read.problem] }
    case 'ok':
      return { kind: 'ok', users: yield* tabulate(read.entries, options.search), warnings: read.warnings }
  }
}

export type UserEntriesResult =
  /** `nodes`: the users as written, by name. */
  | {
      readonly kind: 'ok'
      readonly entries: readonly UserEntry[]
      readonly nodes: MapNode
      readonly warnings: readonly Problem[]
    }
  /** There is nothing wrong but that nobody is in it. */
  | { readonly kind: 'empty'; readonly problem: Problem }
  | { readonly kind: 'invalid'; readonly problems: readonly Problem[] }

/** Everybody who is in the file, the disabled ones too. */
export const readUserEntries = (bytes: Uint8Array, options: UsersFileOptions): UserEntriesResult =>
  atOnce(readingUserEntries(bytes, options))

function* readingUserEntries(bytes: Uint8Array, options: UsersFileOptions): Steps<UserEntriesResult> {
  const problem = (code: string, message: string, at: Position): Problem => {
    return { severity: 'error', code, message, hint: HINT, position: at }
  }
  const empty = (message: string, at: Position): UserEntriesResult => {
    return { kind: 'empty', problem: problem('users-file-empty', message, at) }
  }
  if (bytes.length === 0) return empty('The users file is empty.', { file: options.path, line: 1, column: 1 })
  const yaml = yield* readingYaml(bytes, options.path)
  if (yaml.kind === 'invalid') return yaml
  const { root } = yaml
  if (!isNull(root) && root.kind !== 'map') {
    const message = 'The users file must be a map with the key users.'
    return { kind: 'invalid', problems: [problem('users-file-type', message, root.position)] }
  }
  const users = root.kind === 'map' ? root.entries.get('users')?.value : undefined
  if (users === undefined || isNull(users) || (users.kind === 'map' && users.entries.size === 0)) {
    return empty('The users file has no users.', users?.position ?? root.position)
  }
  if (users.kind !== 'map') {
    const message = 'users must be a map from names to users.'
    return { kind: 'invalid', problems: [problem('users-file-type', message, users.position)] }
  }
  const problems: Problem[] = []
  yield
  const entries = yield* readEntries(users, options, problems)
  yield
  problems.push(...findAmbiguities(entries, options.search))
  if (problems.some(({ severity }) => severity === 'error')) return { kind: 'invalid', problems }
  return { kind: 'ok', entries, nodes: users, warnings: problems }
}

const HINT = 'Below users: each name needs at least displayname and password; `latchkey user add` writes one.'

const isNull = (node: Node): boolean => node.kind === 'scalar' && node.type === 'null'

function* readEntries(users: MapNode, options: UsersFileOptions, problems: Problem[]): Steps<UserEntry[]> {
  const entries = yield* mapInSteps([...users.entries.values()], ({ key, keyIsNull, keyPosition, value }) => {
    if (keyIsNull) {
      const message = 'A user without a name is skipped; quote the name if it is meant to be "null".'
      problems.push({ severity: 'warning', code: 'user-without-name', message, position: keyPosition })
      return undefined
    }
    return readUser(key, value, keyPosition, options.extraAttributes, problems)
  })
  return entries.filter((entry) => entry !== undefined)
}

function* tabulate(entries: readonly UserEntry[], search: UsersFileOptions['search']): Steps<UsersFile> {
  const users = new Map<string, FileUser>()
  const byEmail = new Map<string, string>()
  const off = new Set<string>()
  yield* mapInSteps(entries, ({ user, hash, disabled, unusable }) => {
    if (disabled) off.add(user.username)
    if (disabled || unusable) return
    users.set(user.username, { user, hash, stamp: stampOf(hash) })
    if (search.email) for (const email of user.emails) byEmail.set(email.toLowerCase(), user.username)
  })
  const hash = typicalHash([...users.values()])
  return { users, disabled: off, byEmail, ignoreCase: search.caseInsensitive, typicalHash: hash }
}

/** See `Directory.passwordStamp`. */
export const stampOf = ({ encoded }: PasswordHash): string => sha256(encoded).toString('base64url')

/** Of the most common parameters; of equally common ones the first in the file. */
function typicalHash(users: readonly FileUser[]): PasswordHash | undefined {
  const counts = new Map<string, { readonly hash: PasswordHash; count: number }>()
  for (const { hash } of users) {
    const { encoded, salt, key, ...parameters } = hash
    const name = JSON.stringify(parameters)
    const counted = counts.get(name)
    if (counted) counted.count += 1
    else counts.set(name, { hash, count: 1 })
  }
  return [...counts.values()].reduce<{ hash: PasswordHash; count: number } | undefined>(
    (best, next) => (best && best.count >= next.count ? best : next),
    undefined,
  )?.hash
}
