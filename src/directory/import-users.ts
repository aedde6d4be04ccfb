// What an import of other users does to a users file: who is added, replaced, kept. Hashes and reads nothing; the changes are made elsewhere.
import type { YamlValue } from '../yaml/write.ts'
import { type UserChange, type UsersNow, userByName } from './change-users.ts'
import { userFields } from './user-fields.ts'
import type { UsersFileOptions } from './users-file.ts'

export interface ImportedUser {
  readonly username: string
  readonly fields: ReadonlyMap<string, YamlValue>
}

export interface ImportPlan {
  readonly added: readonly string[]
  readonly replaced: readonly string[]
  /** Here already and other than in the import; they stay as they are. */
  readonly kept: readonly string[]
  /** Here already, the very same. */
  readonly same: readonly string[]
  readonly changes: readonly UserChange[]
}

/**
 * @param replace whether who is here already becomes as the import has him
 * @param complete whether fields that the import doesn't have are taken away then
 */
export function planImport(
  now: UsersNow,
  imported: readonly ImportedUser[],
  { replace, complete }: { readonly replace: boolean; readonly complete: boolean },
  search: UsersFileOptions['search'],
): ImportPlan {
  const plan = { added: [], replaced: [], kept: [], same: [] } as Record<
    'added' | 'replaced' | 'kept' | 'same',
    string[]
  >
  const changes: UserChange[] = []
  for (const { username, fields } of imported) {
    const here = userByName(now, username, search)
    if (!here) {
      plan.added.push(username)
      changes.push({ kind: 'add', username, fields })
      continue
    }
    const name = here.user.username
    const node = now.nodes?.entries.get(name)?.value
    const old = node ? userFields(node) : new Map<string, YamlValue>()
    const different = new Map<string, YamlValue | undefined>()
    for (const [field, value] of fields) if (!sameValue(old.get(field), value)) different.set(field, value)
    for (const field of complete ? old.keys() : []) if (!fields.has(field)) different.set(field, undefined)
    if (different.size === 0) plan.same.push(name)
    else if (!replace) plan.kept.push(name)
    else {
      plan.replaced.push(name)
      changes.push({ kind: 'set', username: name, fields: different })
    }
  }
  return { ...plan, changes }
}

function sameValue(a: YamlValue | undefined, b: YamlValue): boolean {
  if (a instanceof Map && b instanceof Map) {
    const [one, other] = [a, b] as ReadonlyMap<string, YamlValue>[]
    return (
      one?.size === other?.size &&
      [...(one ?? [])].every(([key, value]) => {
        const against = other?.get(key)
        return against !== undefined && sameValue(value, against)
      })
    )
  }
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((item, i) => sameValue(item as YamlValue, b[i] as YamlValue))
  }
  return a === b
}
