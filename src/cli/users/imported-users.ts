// The users that `user import` reads: another users file, or a table as CSV. Errors in it are all told, and nothing is done then.
import { extname } from 'node:path'
import { Fault } from '../../base/fault.ts'
import { readIfThere } from '../../base/read-if-there.ts'
import { formatProblems } from '../../config/problem-text.ts'
import type { ImportedUser } from '../../directory/import-users.ts'
import { userFields } from '../../directory/user-fields.ts'
import { readUsersCsv } from '../../directory/users-csv.ts'
import { readUserEntries } from '../../directory/users-file.ts'
import { decodeText } from '../../yaml/decode-text.ts'
import type { Problem } from '../../yaml/problem.ts'
import type { UsersPlace } from './users-command.ts'

export type ImportFormat = 'yaml' | 'csv'

export interface ImportedUsers {
  readonly format: ImportFormat
  readonly users: readonly ImportedUser[]
}

/** @param path or `-` for the pipe. @throws Fault `users-import` with every problem, `file-unreadable` */
export async function importedUsers(
  path: string,
  format: ImportFormat | undefined,
  place: UsersPlace,
): Promise<ImportedUsers> {
  const bytes = path === '-' ? await readPipe() : readSource(path)
  const known = format ?? (['.csv', '.tsv'].includes(extname(path).toLowerCase()) ? 'csv' : 'yaml')
  if (known === 'csv') {
    const text = decodeText(bytes, path)
    if (text.kind === 'invalid') throw notValid(path, text.problems)
    const csv = readUsersCsv(text.text, path)
    if (csv.kind === 'invalid') throw notValid(path, csv.problems)
    const users = csv.users.map(({ username, fields }) => ({ username, fields }))
    return { format: known, users }
  }
  // Whether two of them can't be told apart is judged in the file that they go into.
  const search = { email: false, caseInsensitive: false }
  const read = readUserEntries(bytes, { path, search, extraAttributes: place.extraAttributes })
  if (read.kind === 'invalid') throw notValid(path, read.problems)
  if (read.kind === 'empty') throw notValid(path, [read.problem])
  const users = read.entries.flatMap(({ user }) => {
    const node = read.nodes.entries.get(user.username)?.value
    return node ? [{ username: user.username, fields: userFields(node) }] : []
  })
  return { format: known, users }
}

async function readPipe(): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

function readSource(path: string): Buffer {
  const bytes = readIfThere(path)
  if (bytes) return bytes
  throw new Fault('users-import', `${path} doesn't exist.`, { hint: 'Check the path.', exitCode: 3 })
}

const notValid = (path: string, problems: readonly Problem[]): Fault =>
  new Fault('users-import', `${path} can't be imported.\n${formatProblems(problems)}`, {
    hint: 'Mend it and import it again; nothing has been changed.',
    exitCode: 1,
  })
