// Subjects that nobody is: names that the directory doesn't know, and lists that ask for two people at once.
import { closestName } from '../../yaml/closest-name.ts'
import { type Finding, quoted } from './finding.ts'
import type { LintedRule } from './lint.ts'

export function lintSubjects({ pieces, facts, find }: LintedRule): readonly Finding[] {
  return (pieces.subject ?? []).flatMap(({ at, value: terms }) => {
    const users = new Set(terms.filter(({ kind }) => kind === 'user').map(({ name }) => name))
    if (users.size > 1) {
      const message = `nobody is ${[...users].map(quoted).join(' and ')} at once: a list within the list asks for all of it`
      return [find('impossible-subject', at, message, "Write one list each: [['user:a'], ['user:b']].")]
    }
    const { people } = facts
    if (people === undefined) return []
    return terms.flatMap(({ kind, name }, i) => {
      const known = kind === 'user' ? people.users : people.groups
      if (kind === 'client' || known.has(name)) return []
      const closest = closestName(name, known)
      return [
        find(
          kind === 'user' ? 'unknown-user' : 'unknown-group',
          `${at}/${i}`,
          kind === 'user'
            ? `nobody called ${quoted(name)} may sign in`
            : `nobody who may sign in is in the group ${quoted(name)}`,
          closest === undefined
            ? 'Letter case counts; look into the users file.'
            : `Did you mean ${quoted(closest)}? Letter case counts.`,
        ),
      ]
    })
  })
}
