// Whose sessions end when other users are served: whoever has another password than he had, and whoever has been disabled since. Somebody who is
// missing from the users file for a while, or disabled, is compared with how he was before.
import type { UsersFile } from '../directory/users-file.ts'

export interface EndedUsers {
  /** @param served the users that are served until now; @param next those that will be */
  between(
    served: UsersFile,
    next: UsersFile,
  ): { readonly otherPassword: readonly string[]; readonly disabled: readonly string[] }
  /** `next` is served from now on. */
  taken(served: UsersFile, next: UsersFile): void
}

export function createEndedUsers(): EndedUsers {
  const gone = new Map<string, string>()
  return {
    between: (served, next) => ({
      otherPassword: [...next.users].flatMap(([username, { stamp }]) => {
        const before = served.users.get(username)?.stamp ?? gone.get(username)
        return before === undefined || before === stamp ? [] : [username]
      }),
      disabled: [...next.disabled].filter((username) => !served.disabled.has(username)),
    }),
    taken(served, next) {
      for (const [username, { stamp }] of served.users) if (!next.users.has(username)) gone.set(username, stamp)
      for (const username of next.users.keys()) gone.delete(username)
    },
  }
}
