// Passwords of imported users: a hash is taken as it is, plain text is hashed only when that was asked for, and who has none gets one on request.
import { Fault } from '../../base/fault.ts'
import { formatProblems } from '../../config/problem-text.ts'
import type { UsersNow } from '../../directory/change-users.ts'
import { generatePassword } from '../../directory/generate-password.ts'
import type { ImportedUser } from '../../directory/import-users.ts'
import { makeHash, parseHash, verifyHash } from '../../directory/password-hash.ts'
import { passwordWeaknesses } from '../../directory/password-policy.ts'
import type { Problem } from '../../yaml/problem.ts'
import { createProgress, noProgress } from '../terminal/progress.ts'
import type { PasswordRules } from './password-flags.ts'

/** Users; a few hashes are made before anybody wonders. */
const WORTH_TELLING = 10

export interface ImportedPasswords {
  readonly plain: boolean
  readonly generate: boolean
  readonly allowWeak: boolean
  readonly rules: PasswordRules
  /** Who is in the users file; undefined for who isn't. */
  readonly here: (username: string) => UsersNow['entries'][number] | undefined
  /** Whether who is there already is to become as imported. */
  readonly replace: boolean
}

/**
 * Users with hashes in place of what they came with. Who is going to stay as he is keeps an empty one: it is never written.
 * @returns generated passwords by name
 * @throws Fault `users-import` naming everybody whose password can't be taken
 */
export async function withHashes(
  users: readonly ImportedUser[],
  options: ImportedPasswords,
): Promise<{ readonly users: readonly ImportedUser[]; readonly generated: ReadonlyMap<string, string> }> {
  const problems: Problem[] = []
  const generated = new Map<string, string>()
  const isHash = (user: ImportedUser): boolean => parseHash(String(user.fields.get('password') ?? '')).kind === 'ok'
  const work = users.filter((user) => !isHash(user) && (options.replace || !options.here(user.username))).length
  const bar = work > WORTH_TELLING ? createProgress('Hashing passwords') : noProgress
  const done: ImportedUser[] = []
  let hashed = 0
  for (const user of users) {
    const here = options.here(user.username)
    const given = String(user.fields.get('password') ?? '')
    const fail = (what: string, hint: string): void => {
      const message = `The password of ${JSON.stringify(user.username)} ${what}.`
      problems.push({ severity: 'error', code: 'user-password', message, hint })
    }
    const as = (hash: string): void => void done.push({ ...user, fields: withPassword(user.fields, hash) })
    const unchanged = here !== undefined && (!options.replace || given === '')
    if (isHash(user) || unchanged) {
      done.push(user)
      continue
    }
    hashed++
    if (given === '' && options.generate) {
      const password = await generatePassword(options.rules.policy)
      generated.set(user.username, password)
      as(await makeHash(password, options.rules.hash))
    } else if (given === '') fail('is missing', 'Let passwords be made with --generate.')
    else if (!options.plain) {
      fail('is no hash that can be used', 'If it is the password itself, say so with --plain-passwords.')
    } else {
      const about = [user.username, ...['displayname', 'email'].map((name) => String(user.fields.get(name) ?? ''))]
      const weaknesses = options.allowWeak ? [] : await passwordWeaknesses(given, options.rules.policy, about)
      if (weaknesses.length > 0) fail(weaknesses.join(' and '), 'Take weak ones all the same with --allow-weak.')
      else if (here && (await verifyHash(here.hash, given))) as(here.hash.encoded)
      else as(await makeHash(given, options.rules.hash))
    }
    bar.at(hashed, work)
  }
  bar.end()
  if (problems.length === 0) return { users: done, generated }
  throw new Fault('users-import', `Nothing is imported.\n${formatProblems(problems)}`, { exitCode: 1 })
}

/** The name first and the hash behind it, as new users are written. */
function withPassword(fields: ImportedUser['fields'], password: string): ImportedUser['fields'] {
  const others = [...fields].filter(([name]) => name !== 'displayname' && name !== 'password')
  const displayname = fields.get('displayname')
  const first = displayname === undefined ? [] : ([['displayname', displayname]] as const)
  return new Map([...first, ['password', password], ...others])
}
