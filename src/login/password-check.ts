// Name and password, once: bans, room under the limit, hash, record. The same for portal and gate; delays and memories are its callers' matter.
import type { RegulationConfig } from '../config/config.ts'
import type { Directory, User } from '../directory/directory.ts'
import type { RecordAttempt } from './attempt-record.ts'
import type { Attempt, PasswordOutcome, RefusalReason } from './login.ts'
import { countedAddress, type Regulation, type Subject } from './regulation.ts'
import { type Pass, Turnstile } from './turnstile.ts'

/** Longer ones are refused before anything is asked (characters). */
export const MAX_NAME = 512
const MAX_PASSWORD = 4096

/** Retry-After of an answer given because too much is going on (seconds). */
const BUSY_SECONDS = 5

/**
 * Stands for a name that resolves to nobody. Bans and failures are looked up for it as for any other (there are none, and it gets none), and
 * its attempts go through a lane with the same limit, so that neither one attempt nor a burst takes another time.
 */
const NOBODY = '\0'

export interface PasswordCheckDeps {
  readonly directory: () => Directory
  readonly regulation: Regulation
  readonly settings: () => RegulationConfig
  readonly record: RecordAttempt
}

/** `user` is what `typed` resolved to. */
export type CheckPassword = (
  user: User | undefined,
  typed: string,
  password: string,
  attempt: Attempt,
) => Promise<PasswordOutcome>

/** Nothing to look up: empty (an empty password may be "right" for a directory, RFC 4513 §5.1.2), over-long, or with a NUL that C code ends at. */
export const isMalformed = (typed: string, password: string): boolean =>
  typed === '' ||
  password === '' ||
  typed.length > MAX_NAME ||
  password.length > MAX_PASSWORD ||
  typed.includes('\0') ||
  password.includes('\0')

export function createPasswordCheck(deps: PasswordCheckDeps): CheckPassword {
  const { directory, regulation, settings, record } = deps
  const turnstile = new Turnstile()
  const throttled: PasswordOutcome = { kind: 'throttled', retryAfterSeconds: BUSY_SECONDS }

  /** Room for one attempt in every lane that counts it, always in the same order, so that two attempts can't wait for each other. */
  const enter = async (user: User | undefined, typed: string, from: string) => {
    const { modes, maxRetries } = settings()
    const passes: Pass[] = []
    const leave = async (failed: boolean) => {
      await Promise.all(passes.map((pass) => pass.left(failed)))
    }
    const into = async (subject: Subject, key: string) => {
      const pass = await turnstile.enter(key, maxRetries, async (lane) => {
        const judged = await regulation.judge(subject, from)
        const failures = subject.value === NOBODY ? lane.failures : judged
        return failures === 'banned' || failures >= maxRetries ? 'closed' : failures
      })
      if (pass === 'closed' || pass === 'crowded') return pass
      passes.push(pass)
      return 'entered'
    }
    const name = user?.username ?? NOBODY
    try {
      if (await regulation.addressBanned(from)) return { kind: 'banned-address' as const, leave }
      if (await regulation.userBanned(name)) return { kind: 'banned-user' as const, leave }
      if (maxRetries > 0 && modes.includes('user')) {
        const way = await into({ kind: 'user', value: name }, user === undefined ? `unknown ${typed}` : `user ${name}`)
        if (way === 'crowded') return { kind: 'crowded' as const, leave }
        if (way === 'closed' && user !== undefined) return { kind: 'banned-user' as const, leave }
      }
      if (maxRetries > 0 && modes.includes('ip')) {
        const value = countedAddress(from)
        const way = await into({ kind: 'ip', value }, `ip ${value}`)
        if (way === 'crowded') return { kind: 'crowded' as const, leave }
        if (way === 'closed') return { kind: 'banned-address' as const, leave }
      }
      return { kind: 'entered' as const, leave }
    } catch (error) {
      await leave(false)
      throw error
    }
  }

  return async (user, typed, password, attempt) => {
    const entry = await enter(user, typed, attempt.from)
    let failed = false
    try {
      if (entry.kind === 'crowded') return throttled
      // someone banned, like someone unknown, costs a hash of nothing: the time tells neither from a wrong password
      const checked = entry.kind === 'entered' ? user : undefined
      const before = directory()
      const verdict = await before.checkPassword(checked?.username, password, attempt.from)
      if (verdict === 'overloaded') return throttled
      // Whoever was removed, disabled or given another password while this was hashed is not let in by the old one.
      const now = directory()
      const isCurrent =
        now === before ||
        (user !== undefined && now.passwordStamp?.(user.username) === before.passwordStamp?.(user.username))
      const refused: RefusalReason | undefined =
        entry.kind !== 'entered'
          ? entry.kind
          : user === undefined
            ? 'unknown-user'
            : verdict === 'match' && isCurrent
              ? undefined
              : 'wrong-password'
      failed = refused !== undefined && entry.kind === 'entered'
      await record(attempt, { kind: '1FA', username: user?.username ?? '', refused })
      return refused === undefined && user !== undefined
        ? { kind: 'accepted', user }
        : { kind: 'refused', reason: refused ?? 'unknown-user' }
    } finally {
      await entry.leave(failed)
    }
  }
}
