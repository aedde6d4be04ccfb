// A one-time code of someone signed in: looked at one after another for each user, consumed by storage, failures counted across sessions.
import type { Clock } from '../base/clock.ts'
import type { Logger } from '../base/log.ts'
import type { TotpConfig } from '../config/config.ts'
import type { Directory } from '../directory/directory.ts'
import type { TotpConfiguration, TotpRepository } from '../storage/totp-configurations.ts'
import type { RecordAttempt } from './attempt-record.ts'
import { createCodeLock } from './code-lock.ts'
import type { Attempt, RefusalReason, SecondFactorOutcome } from './login.ts'
import { createOneAtATime } from './one-at-a-time.ts'

/** The time step a code belongs to, or undefined when it is none of the steps within `skew` of `now`. */
export type StepOfCode = (
  configuration: TotpConfiguration,
  code: string,
  now: number,
  skew: number,
) => number | undefined

export type CheckCode = (username: string, code: string, attempt: Attempt) => Promise<SecondFactorOutcome>

/** ASCII digits only: no spaces, no other scripts' digits, no number that lost its leading zero. */
export const isCode = (code: unknown): code is string => typeof code === 'string' && /^(?:\d{6}|\d{8})$/.test(code)

export function createCodeCheck(deps: {
  readonly directory: () => Directory
  readonly codes: TotpRepository
  readonly settings: () => TotpConfig
  readonly clock: Clock
  readonly record: RecordAttempt
  readonly log: Logger
  readonly stepOf: StepOfCode
}): CheckCode {
  const { directory, codes, settings, clock, record, log, stepOf } = deps
  const inTurn = createOneAtATime()
  const lock = createCodeLock(codes, 'one-time codes', { clock, log })
  const refused = (reason: RefusalReason) => ({ kind: 'refused', reason }) as const

  const check = async (username: string, code: string, attempt: Attempt): Promise<SecondFactorOutcome> => {
    const { disable, skew, disableReuseSecurityPolicy } = settings()
    if ((await directory().find(username)) === undefined) return refused('unknown-user')
    const configuration = disable ? undefined : await codes.find(username)
    if (configuration === undefined) return refused('no-second-factor')
    const now = clock.now()
    const retryAfterSeconds = await lock.secondsLeft(username)
    if (retryAfterSeconds > 0) return { kind: 'throttled', retryAfterSeconds }

    const step = code.length === configuration.digits ? stepOf(configuration, code, now, skew) : undefined
    if (step === undefined) {
      const isLocked = await lock.failed(username, attempt.from)
      await record(attempt, { kind: 'TOTP', username, refused: 'wrong-code' })
      return isLocked ? { ...refused('wrong-code'), isLocked } : refused('wrong-code')
    }
    const first = await codes.consumeStep(username, configuration.createdAt, step, now)
    if (!first && !disableReuseSecurityPolicy) {
      // a right code seen before is no guess: it isn't counted
      await record(attempt, { kind: 'TOTP', username, refused: 'code-used' })
      return refused('code-used')
    }
    await lock.opened(username)
    await record(attempt, { kind: 'TOTP', username, refused: undefined })
    return { kind: 'accepted' }
  }

  // one at a time for each user, so that parallel guesses can't all be looked at before the first is counted
  return (username, code, attempt) => inTurn(username, () => check(username, code, attempt))
}
