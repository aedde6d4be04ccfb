// A user as the gate needs him at every request, made once per user object of the directory and forgotten with it.
import type { User } from '../../directory/directory.ts'
import type { UserIdentity } from '../../policy/model.ts'
import { type IdentityHeaders, identityHeaders } from '../../protocol/identity-headers.ts'

export interface Person {
  readonly atLevel: Readonly<Record<1 | 2, UserIdentity>>
  /** undefined: what the directory says of him can't stand in headers, so no application can be told who he is. */
  readonly headers: IdentityHeaders | undefined
}

const persons = new WeakMap<User, Person>()

export function personOf(user: User): Person {
  const known = persons.get(user)
  if (known !== undefined) return known
  const { username, displayName, emails, groups } = user
  const identity = { kind: 'user', username, displayName, emails, groups } as const
  const person: Person = {
    atLevel: { 1: { ...identity, level: 1 }, 2: { ...identity, level: 2 } },
    headers: identityHeaders(user),
  }
  persons.set(user, person)
  return person
}
