// Remembers in storage which password each user has, so that another one that is written into the users file while no server runs ends the sessions
// from before, as it does while one runs.
import { sha256 } from '../base/secret.ts'
import type { UsersFile } from '../directory/users-file.ts'
import type { SettingsRepository } from '../storage/settings.ts'

const NAME = 'known-passwords'

/** By username. */
type Marks = Readonly<Record<string, string>>

/** Users who had another password when a server last said so. Nobody where none ever did, or what it said can't be read. */
export async function changedMeanwhile(
  settings: Pick<SettingsRepository, 'find'>,
  users: UsersFile,
): Promise<readonly string[]> {
  const known = readMarks(await settings.find(NAME))
  return Object.entries(marksOf(users))
    .filter(([username, mark]) => Object.hasOwn(known, username) && known[username] !== mark)
    .map(([username]) => username)
}

/** To be called when the sessions of those who have another one have ended. */
export async function rememberPasswords(
  settings: Pick<SettingsRepository, 'find' | 'save'>,
  users: UsersFile,
): Promise<void> {
  const known = await settings.find(NAME)
  // Somebody who is missing for a while may come back with another one.
  const marks = Buffer.from(JSON.stringify({ ...readMarks(known), ...marksOf(users) }))
  if (known === undefined || !marks.equals(known)) await settings.save(NAME, marks)
}

/** A digest of the whole hash with its salt: it tells whether it is another one, and nothing else. */
function marksOf({ users }: UsersFile): Marks {
  return Object.fromEntries([...users].map(([username, { stamp }]) => [username, mark(username, stamp)]))
}

const mark = (username: string, stamp: string): string =>
  sha256(`${username}\0${stamp}`).subarray(0, 16).toString('base64url')

function readMarks(stored: Uint8Array | undefined): Marks {
  if (stored === undefined) return {}
  try {
    const value: unknown = JSON.parse(Buffer.from(stored).toString('utf8'))
    return typeof value === 'object' && value !== null ? (value as Marks) : {}
  } catch {
    return {}
  }
}
