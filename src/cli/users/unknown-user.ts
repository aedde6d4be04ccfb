// A name that nobody signs in under is probably a slip of the hand; what is done to it would look done and do nothing.
import type { Config } from '../../config/config.ts'
import { readUsersFile } from '../../directory/file-directory.ts'
import { closestName } from '../../yaml/closest-name.ts'

/** One sentence, or undefined when the name is known, or nobody can tell. Names are compared as they are stored: letter case counts. */
export function unknownUser(username: string, config: Config | undefined): string | undefined {
  if (config === undefined) return undefined
  const read = readUsersFile(config.directory.file)
  if (read.kind === 'invalid' || read.users.users.has(username)) return undefined
  const meant = closestName(username, read.users.users.keys())
  const said = `No user named ${username} can sign in by ${config.directory.file.path}.`
  return meant === undefined ? said : `${said} Did you mean ${meant}?`
}
