// Whose password is another one than it was: his sessions end when the new users are served. Somebody who is out of the users file for a while, or
// disabled, is compared with how he was before.
import type { UsersFile } from '../directory/users-file.ts'

export interface PasswordChanges {
  /** @param served the users that are served until now; @param next those that will be */
  between(served: UsersFile, next: UsersFile): readonly string[]
  /** `next` is served from now on. */
  taken(served: UsersFile, next: UsersFile): void
}

export function createPasswordChanges(): PasswordChanges {
  const gone = new Map<string, string>()
  return {
    between: (served, next) =>
      [...next.users].flatMap(([username, { stamp }]) => {
        const before = served.users.get(username)?.stamp ?? gone.get(username)
        return before === undefined || before === stamp ? [] : [username]
      }),
    taken(served, next) {
      for (const [username, { stamp }] of served.users) if (!next.users.has(username)) gone.set(username, stamp)
      for (const username of next.users.keys()) gone.delete(username)
    },
  }
}
