// A passcode that Duo looks at, counted before it is: of Duo's app, of a text message, of a token, or given out by its administrator.
import type { Clock } from '../../base/clock.ts'
import type { Logger } from '../../base/log.ts'
import type { DuoRepository } from '../../storage/duo-devices.ts'
import { codeWait } from '../code-lock.ts'
import type { RefusalReason, SecondFactorOutcome } from '../login.ts'
import type { Verdict } from './answers.ts'
import type { AskDuo } from './ask-duo.ts'
import { takesPasscodes } from './choose-device.ts'
import type { DuoVisitor } from './duo.ts'
import { unavailable } from './duo-failure.ts'
import type { Tell } from './tell.ts'
import { secondsUntilTry } from './try-wait.ts'

/** How long a passcode may be looked at (milliseconds); then another may be tried. */
const PASSCODE_LIFE = 15_000
/** Kept as the way in which somebody is asked who has only ever typed passcodes. */
const PASSCODE_METHOD = 'passcode'
const PASSCODE = /^[0-9A-Za-z]{4,64}$/

export interface PasscodeDeps {
  readonly ask: AskDuo
  readonly tell: Tell
  readonly devices: DuoRepository
  readonly clock: Clock
  readonly log: Logger
}

export type CheckPasscode = (visitor: DuoVisitor, typed: string) => Promise<SecondFactorOutcome>

export function createPasscodeCheck({ ask, tell, devices: stored, clock, log }: PasscodeDeps): CheckPasscode {
  const check: CheckPasscode = async (visitor, passcode) => {
    const { user, attempt } = visitor
    const { username } = user
    const known = await stored.tries(username, 'passcode')
    const retryAfter = secondsUntilTry(known, codeWait, clock.now())
    if (retryAfter > 0) return { kind: 'throttled', retryAfterSeconds: retryAfter }
    const answer = await ask(visitor)
    if (answer.kind === 'unavailable') return refused('unavailable')
    if (answer.kind === 'refused') {
      await tell(visitor, answer.reason)
      return refused(answer.reason)
    }
    // No passcode is asked for where Duo lets him pass: the way of pushes says so.
    if (answer.kind !== 'open' || !takesPasscodes(answer.devices)) return refused('no-second-factor')

    const now = clock.now()
    if (!(await stored.openTry(username, 'passcode', known, now, now + PASSCODE_LIFE)))
      return { kind: 'throttled', retryAfterSeconds: 1 }
    let verdict: Verdict
    try {
      verdict = await answer.api.passcode(username, passcode, attempt.from)
    } catch (error) {
      await stored.closeTry(username, 'passcode', 0)
      unavailable(error, log)
      return refused('unavailable')
    }
    if (verdict.kind === 'allow' && !verdict.bypass) {
      await stored.clearTries(username, 'passcode')
      // Whoever only ever types passcodes has a second factor all the same.
      const [first] = answer.devices
      if (first && !(await stored.find(username)))
        await stored.save(username, { device: first.device, method: PASSCODE_METHOD })
      await tell(visitor, undefined)
      return { kind: 'accepted' }
    }
    await stored.closeTry(username, 'passcode', 0)
    const reason =
      verdict.kind === 'allow' ? 'bypass-not-enough' : verdict.reason === 'locked' ? 'duo-locked' : 'wrong-code'
    await tell(visitor, reason)
    return refused(reason)
  }

  return async (visitor, typed) => {
    const passcode = typed.replaceAll(/[\s-]/g, '')
    return PASSCODE.test(passcode) ? check(visitor, passcode) : refused('malformed')
  }
}

const refused = (reason: RefusalReason): SecondFactorOutcome => ({ kind: 'refused', reason })
