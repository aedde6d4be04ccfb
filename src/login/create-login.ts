// Puts the login together. It answers; sessions, pages and headers are its callers' matter.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Audit } from '../audit/audit.ts'
import type { Clock } from '../base/clock.ts'
import type { Logger } from '../base/log.ts'
import type { RegulationConfig, TotpConfig } from '../config/config.ts'
import type { Directory } from '../directory/directory.ts'
import type { Storage } from '../storage/storage.ts'
import { createAttemptRecord } from './attempt-record.ts'
import { BasicMemory } from './basic-memory.ts'
import { createCodeCheck, isCode, type StepOfCode } from './code-check.ts'
import { createDelay, GATE_DELAY, PORTAL_DELAY } from './delay.ts'
import { FailureLimit } from './failure-limit.ts'
import type { Attempt, Login, PasswordOutcome } from './login.ts'
import { createPasswordCheck, isMalformed } from './password-check.ts'
import { createRecoveryCheck } from './recovery-check.ts'
import { createRegulation } from './regulation.ts'
import { stepOfCode } from './totp-code.ts'

export interface LoginDeps {
  /** Read anew for each attempt, like all settings here. */
  readonly directory: () => Directory
  readonly storage: Pick<Storage, 'attempts' | 'bans' | 'totp' | 'recovery'>
  readonly audit: Audit
  readonly clock: Clock
  /** `size` random bytes, e.g. `randomBytes`. */
  readonly random: (size: number) => Uint8Array
  readonly log: Logger
  readonly regulation: () => RegulationConfig
  readonly totp: () => TotpConfig
  /** For tests; a timer otherwise. */
  readonly wait?: (milliseconds: number) => Promise<void>
  /** For tests; `stepOfCode` otherwise. */
  readonly stepOf?: StepOfCode
}

/** Nothing here throws for what an attempt brings or a dependency fails to do: that is 'refused' with a reason, and an error in the log. */
export function createLogin(deps: LoginDeps): Login {
  const { directory, storage, audit, clock, random, log } = deps
  const timing = { clock, random, wait: deps.wait ?? ((milliseconds: number) => sleep(milliseconds)) }
  const atPortal = createDelay(PORTAL_DELAY, timing)
  const atGate = createDelay(GATE_DELAY, timing)
  const failures = new FailureLimit(clock)
  const memory = new BasicMemory(random(32), clock)
  const record = createAttemptRecord({ attempts: storage.attempts, audit, clock })
  const regulation = createRegulation({
    attempts: storage.attempts,
    bans: storage.bans,
    audit,
    clock,
    settings: deps.regulation,
  })
  const check = createPasswordCheck({ directory, regulation, settings: deps.regulation, record })
  const checkCode = createCodeCheck({
    directory,
    codes: storage.totp,
    settings: deps.totp,
    clock,
    record,
    log,
    stepOf: deps.stepOf ?? stepOfCode,
  })
  const checkRecovery = createRecoveryCheck({ directory, codes: storage.recovery, clock, record, log })

  /** Fails closed: what can't be asked can't be accepted. */
  const closed = async <T>(work: () => Promise<T>): Promise<T | { kind: 'refused'; reason: 'unavailable' }> => {
    try {
      return await work()
    } catch (error) {
      log.error({ err: error }, 'a sign-in could not be checked and was refused')
      return { kind: 'refused', reason: 'unavailable' }
    }
  }
  const malformed: PasswordOutcome = { kind: 'refused', reason: 'malformed' }
  const outcomeOf = ({ kind }: PasswordOutcome) =>
    kind === 'accepted' ? 'success' : kind === 'throttled' ? 'at-once' : 'failure'

  /** At the portal: pages and API alike are under the delay and the limit of failures. */
  const signIn = (
    typed: string,
    password: string,
    attempt: Attempt,
    lookUp: () => ReturnType<Directory['resolve']>,
  ): Promise<PasswordOutcome> => {
    let stamp: string | undefined
    return atPortal(async (): Promise<PasswordOutcome> => {
      const retryAfterSeconds = failures.waitSeconds(attempt.from)
      if (retryAfterSeconds > 0) return { kind: 'throttled', retryAfterSeconds }
      const outcome = await closed(async (): Promise<PasswordOutcome> => {
        if (isMalformed(typed, password)) return malformed
        const user = await lookUp()
        stamp = user && directory().passwordStamp?.(user.username)
        return check(user, typed, password, attempt)
      })
      if (outcome.kind === 'refused' && outcome.reason !== 'unavailable') failures.failed(attempt.from)
      return outcome
    }, outcomeOf).then((outcome) => {
      // While it was held back the password may have been changed and sessions ended because of that: none is made of the old one.
      const isChanged = outcome.kind === 'accepted' && directory().passwordStamp?.(outcome.user.username) !== stamp
      return isChanged ? { kind: 'refused', reason: 'wrong-password' } : outcome
    })
  }

  return {
    password: (typed, password, attempt) => signIn(typed, password, attempt, () => directory().resolve(typed)),

    reauthenticate: (username, password, attempt) =>
      signIn(username, password, attempt, () => directory().find(username)),

    async basic(typed, password, attempt, cacheLifespan) {
      // true: nothing was hashed, so the time of this success says nothing about the time of a hash
      let remembered = false
      const outcome = await atGate(
        () =>
          closed(async (): Promise<PasswordOutcome> => {
            if (isMalformed(typed, password)) return malformed
            const user = await directory().resolve(typed)
            const name = user?.username
            const stamp = name === undefined || cacheLifespan <= 0 ? undefined : directory().passwordStamp?.(name)
            if (user !== undefined && stamp !== undefined && memory.knows(user.username, password, stamp)) {
              remembered = true
              const banned =
                (await regulation.addressBanned(attempt.from)) || (await regulation.userBanned(user.username))
              if (!banned) return { kind: 'accepted', user }
            }
            return memory.share(
              [name === undefined ? 'unknown' : 'user', name ?? typed, password, attempt.from],
              async () => {
                const checked = await check(user, typed, password, { ...attempt, inHeader: true })
                if (checked.kind === 'accepted' && stamp !== undefined) {
                  memory.remember(checked.user.username, password, stamp, cacheLifespan)
                }
                return checked
              },
            )
          }),
        (result) => (remembered && result.kind === 'accepted' ? 'at-once' : outcomeOf(result)),
      )
      return outcome
    },

    totp: (username, code, attempt) =>
      closed(async () =>
        isCode(code) ? checkCode(username, code, attempt) : ({ kind: 'refused', reason: 'malformed' } as const),
      ),

    recovery: (username, typed, attempt) => closed(() => checkRecovery(username, typed, attempt)),
  }
}
