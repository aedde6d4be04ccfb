// A recovery code of someone signed in: looked at one after another for each user, consumed by storage, failures counted across sessions, under
// the same kind of lock as one-time codes but a count of their own, so that whoever guesses at the one doesn't lock the way back by the other.
import type { Clock } from '../base/clock.ts'
import type { Logger } from '../base/log.ts'
import type { Directory } from '../directory/directory.ts'
import type { RecoveryRepository } from '../storage/recovery-codes.ts'
import type { RecordAttempt } from './attempt-record.ts'
import { createCodeLock } from './code-lock.ts'
import type { Attempt, SecondFactorOutcome } from './login.ts'
import { createOneAtATime } from './one-at-a-time.ts'
import { readRecoveryCode } from './recovery-code.ts'

export function createRecoveryCheck(deps: {
  readonly directory: () => Directory
  readonly codes: RecoveryRepository
  readonly clock: Clock
  readonly record: RecordAttempt
  readonly log: Logger
}): (username: string, typed: string, attempt: Attempt) => Promise<SecondFactorOutcome> {
  const { directory, codes, clock, record, log } = deps
  const inTurn = createOneAtATime()
  const lock = createCodeLock(codes, 'recovery codes', { clock, log })

  return (username, typed, attempt) =>
    // So that parallel guesses can't all be looked at before the first is counted.
    inTurn(username, async () => {
      const refused = (reason: 'unknown-user' | 'no-second-factor' | 'wrong-code' | 'code-used') =>
        ({ kind: 'refused', reason }) as const
      if ((await directory().find(username)) === undefined) return refused('unknown-user')
      if ((await codes.find(username)) === undefined) return refused('no-second-factor')
      const retryAfterSeconds = await lock.secondsLeft(username)
      if (retryAfterSeconds > 0) return { kind: 'throttled', retryAfterSeconds }

      const code = readRecoveryCode(typed)
      const found = code === undefined ? 'unknown' : await codes.consume(username, code, clock.now())
      if (found === 'consumed') {
        await lock.opened(username)
        await record(attempt, { kind: 'Recovery', username, refused: undefined })
        return { kind: 'accepted' }
      }
      if (found === 'used') {
        // a right code seen before is no guess: it isn't counted
        await record(attempt, { kind: 'Recovery', username, refused: 'code-used' })
        return refused('code-used')
      }
      const isLocked = await lock.failed(username, attempt.from)
      await record(attempt, { kind: 'Recovery', username, refused: 'wrong-code' })
      return isLocked ? { ...refused('wrong-code'), isLocked } : refused('wrong-code')
    })
}
