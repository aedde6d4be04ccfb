// Who is meant by what a person types must be beyond doubt: names and e-mail addresses that could name two users are refused. Disabled users count.
import type { DirectoryConfig } from '../config/config.ts'
import type { Problem } from '../yaml/problem.ts'
import type { UserEntry } from './user-entry.ts'

export function findAmbiguities(
  entries: readonly UserEntry[],
  search: DirectoryConfig['file']['search'],
): readonly Problem[] {
  const problems: Problem[] = []
  const fail = ({ user, position }: UserEntry, code: string, what: string): void => {
    const message = `User ${JSON.stringify(user.username.slice(0, 100))}: ${what}.`
    problems.push({ severity: 'error', code, message, path: `users.${user.username}`, position })
  }
  if (search.caseInsensitive) {
    for (const entry of entries) {
      if (entry.user.username !== entry.user.username.toLowerCase()) {
        fail(entry, 'user-name-case', 'the name must be in lower case when search.case_insensitive is on')
      }
    }
  }
  if (!search.caseInsensitive && !search.email) return problems
  const byName = new Map(entries.map((entry) => [entry.user.username.toLowerCase(), entry]))
  const byEmail = new Map<string, UserEntry>()
  for (const entry of entries) {
    for (const email of entry.user.emails.map((text) => text.toLowerCase())) {
      const namesake = byName.get(email)
      if (namesake && namesake !== entry)
        fail(entry, 'user-email-name', 'the e-mail address is the name of another user')
      const other = byEmail.get(email)
      if (search.email && other) {
        const name = JSON.stringify(other.user.username.slice(0, 100))
        fail(entry, 'user-email-twice', `the e-mail address is also that of ${name}, and search.email is on`)
      }
      byEmail.set(email, entry)
    }
  }
  return problems
}
