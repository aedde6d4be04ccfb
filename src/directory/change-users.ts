// Changes of the users file, as bytes in and bytes out: who is in it stays as he is written there, byte for byte, unless he is meant. Reads and writes no file.
import { Fault } from '../base/fault.ts'
import { closestName } from '../yaml/closest-name.ts'
import { editYaml, type YamlEdit } from '../yaml/edit.ts'
import type { MapNode } from '../yaml/node.ts'
import type { Position, Problem } from '../yaml/problem.ts'
import type { YamlValue } from '../yaml/write.ts'
import type { UserEntry } from './user-entry.ts'
import { readUserEntries, type UsersFileOptions } from './users-file.ts'

export type UserChange =
  | { readonly kind: 'add'; readonly username: string; readonly fields: ReadonlyMap<string, YamlValue> }
  /** By field, `address.locality` for one within another; undefined takes it away. */
  | { readonly kind: 'set'; readonly username: string; readonly fields: ReadonlyMap<string, YamlValue | undefined> }
  | { readonly kind: 'remove'; readonly username: string }

export interface ChangeOptions extends UsersFileOptions {
  /** Two users may have the same e-mail address, and the last user may be removed. */
  readonly force?: boolean
}

export type ChangedUsers =
  | { readonly kind: 'ok'; readonly bytes: Uint8Array }
  /** There were errors in the file before, or there would be: nothing is changed. */
  | { readonly kind: 'invalid'; readonly when: 'before' | 'after'; readonly problems: readonly Problem[] }
  /** The file is written in a way that only a person can change. */
  | { readonly kind: 'impossible'; readonly reason: string; readonly position: Position | undefined }

export interface UsersNow {
  readonly entries: readonly UserEntry[]
  /** As written; undefined when there are none. */
  readonly nodes: MapNode | undefined
}

/**
 * All of the changes or none.
 * @throws Fault `user-exists`, `user-unknown`, `user-email-in-use`, `user-last`
 */
export function changeUsers(bytes: Uint8Array, changes: readonly UserChange[], options: ChangeOptions): ChangedUsers {
  const read = readUserEntries(bytes, options)
  if (read.kind === 'invalid') return { kind: 'invalid', when: 'before', problems: read.problems }
  const before: UsersNow = read.kind === 'ok' ? read : { entries: [], nodes: undefined }
  checkNames(before, changes, options)
  checkEmails(before, changes, options)
  const edit = (wholeLists: boolean) =>
    editYaml(
      bytes,
      options.path,
      changes.flatMap((change) => editsFor(change, before, wholeLists)),
    )
  // A list that is an alias can only be replaced.
  const inPlace = edit(false)
  const edited = inPlace.kind === 'impossible' ? edit(true) : inPlace
  if (edited.kind === 'impossible') return edited
  if (edited.kind === 'invalid') return { ...edited, when: 'before' }
  const after = readUserEntries(edited.bytes, options)
  if (after.kind === 'invalid') return { ...after, when: 'after' }
  const known = new Set(read.kind === 'ok' ? read.warnings.map(({ message }) => message) : [])
  const unusable = after.kind === 'ok' ? after.warnings.filter(({ message }) => !known.has(message)) : []
  if (unusable.length > 0) return { kind: 'invalid', when: 'after', problems: unusable }
  return edited
}

/** By name as a person may type it to sign in; by e-mail address not. */
export function userByName(now: UsersNow, username: string, search: UsersFileOptions['search']): UserEntry | undefined {
  const meant = search.caseInsensitive ? username.toLowerCase() : username
  return now.entries.find(({ user }) => user.username === meant)
}

/** @throws Fault `user-unknown` with who was probably meant */
export function requireUser(now: UsersNow, username: string, search: UsersFileOptions['search']): UserEntry {
  const entry = userByName(now, username, search)
  if (entry) return entry
  const folded = username.toLowerCase()
  const names = now.entries.map(({ user }) => user.username)
  const near =
    now.entries.find(({ user }) => user.emails.some((email) => email.toLowerCase() === folded))?.user.username ??
    names.find((name) => name.toLowerCase() === folded) ??
    closestName(username, names)
  throw new Fault('user-unknown', `There is no user ${JSON.stringify(username)}.`, {
    hint: near === undefined ? '`latchkey user list` shows who there is.' : `Did you mean ${near}?`,
    exitCode: 1,
  })
}

/** @throws Fault `user-exists`: this name, or as the search settings read it */
export function requireNewName(now: UsersNow, username: string, search: UsersFileOptions['search']): void {
  const folds = search.caseInsensitive || search.email
  const fold = (text: string): string => (folds ? text.toLowerCase() : text)
  const taken = now.entries.find(
    ({ user }) =>
      fold(user.username) === fold(username) || (folds && user.emails.some((email) => fold(email) === fold(username))),
  )
  if (!taken && !now.nodes?.entries.has(username)) return
  const name = taken?.user.username ?? username
  const same = name === username ? `There is a user ${name} already.` : `${username} would be the same as ${name}.`
  throw new Fault('user-exists', same, {
    hint: `Change that one with \`latchkey user set\`, or choose another name.`,
    exitCode: 1,
  })
}

function checkNames(before: UsersNow, changes: readonly UserChange[], options: ChangeOptions): void {
  for (const { kind, username } of changes) {
    if (kind === 'add') requireNewName(before, username, options.search)
    else requireUser(before, username, options.search)
  }
  const count = (kind: UserChange['kind']): number => changes.filter((change) => change.kind === kind).length
  const left = before.entries.length + count('add') - count('remove')
  if (left === 0 && count('remove') > 0 && !options.force) {
    throw new Fault('user-last', 'This is the last user; a users file without users is not valid.', {
      hint: 'A running server would go on with the users of before. Disable the user instead, or use --force.',
      exitCode: 1,
    })
  }
}

function checkEmails({ entries }: UsersNow, changes: readonly UserChange[], options: ChangeOptions): void {
  if (options.force && !options.search.email) return
  for (const change of changes) {
    const email = change.kind === 'remove' ? undefined : change.fields.get('email')
    if (typeof email !== 'string') continue
    const owner = entries.find(
      ({ user }) =>
        user.username !== change.username && user.emails.some((each) => each.toLowerCase() === email.toLowerCase()),
    )
    if (!owner) continue
    const hint = options.search.email
      ? 'People sign in by e-mail address here (search.email), so each may be used once.'
      : 'Choose another address, or use --force if both shall have it.'
    throw new Fault('user-email-in-use', `${email} is the e-mail address of ${owner.user.username}.`, {
      hint,
      exitCode: 1,
    })
  }
}

function editsFor(change: UserChange, { nodes }: UsersNow, wholeLists: boolean): YamlEdit[] {
  const path = ['users', change.username]
  if (change.kind === 'remove') return [{ kind: 'remove', path }]
  if (change.kind === 'add') return [{ kind: 'set', path, value: change.fields }]
  const user = nodes?.entries.get(change.username)?.value
  return [...change.fields].flatMap(([field, value]): YamlEdit[] => {
    const dot = field.indexOf('.')
    const at = [...path, ...(dot < 0 ? [field] : [field.slice(0, dot), field.slice(dot + 1)])]
    const now = user?.kind === 'map' ? user.entries.get(field)?.value : undefined
    if (value === undefined) return [{ kind: 'remove', path: at }]
    if (Array.isArray(value) && now?.kind === 'list' && now.items.length > 0 && !wholeLists) {
      return listEdits(
        at,
        now.items.map((item) => (item.kind === 'scalar' ? item.text : '')),
        value as string[],
      )
    }
    return [{ kind: 'set', path: at, value }]
  })
}

/** Items that stay are not touched, nor are the comments among them. */
function listEdits(path: readonly string[], now: readonly string[], wanted: readonly string[]): YamlEdit[] {
  const gone = now.map((item, i) => (wanted.includes(item) ? -1 : i)).filter((i) => i >= 0)
  const added = wanted.filter((item) => !now.includes(item))
  return [
    ...added.map((value): YamlEdit => ({ kind: 'append', path, value })),
    // From behind, so that places stay what they are.
    ...gone.toReversed().map((i): YamlEdit => ({ kind: 'remove', path: [...path, i] })),
  ]
}
