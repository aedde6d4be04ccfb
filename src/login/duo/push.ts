// A push to the user's device: sent at most as often as nobody is worn down by it, counted before it rings, and taken up once.
import type { Clock } from '../../base/clock.ts'
import type { Logger } from '../../base/log.ts'
import type { DuoRepository } from '../../storage/duo-devices.ts'
import type { RefusalReason } from '../login.ts'
import type { Verdict } from './answers.ts'
import type { AskDuo } from './ask-duo.ts'
import { awaitPush } from './await-push.ts'
import { chooseDevice, PUSH, takesPasscodes } from './choose-device.ts'
import type { Closed, Duo, DuoVisitor, PushStart } from './duo.ts'
import { unavailable } from './duo-failure.ts'
import { OutstandingPushes, PUSH_LIFE, type PushAnswer } from './outstanding-pushes.ts'
import type { Tell } from './tell.ts'
import { FRAUD, pushWait, secondsUntilTry } from './try-wait.ts'

export interface PushDeps {
  readonly ask: AskDuo
  readonly tell: Tell
  readonly devices: DuoRepository
  readonly clock: Clock
  readonly log: Logger
  readonly wait: (milliseconds: number) => Promise<void>
  /** For tests: milliseconds that a push is waited for. */
  readonly pushLife?: number
}

const REFUSALS = {
  denied: 'push-denied',
  timeout: 'push-unanswered',
  fraud: 'push-fraud',
  locked: 'duo-locked',
  'not-sent': 'push-not-sent',
} as const satisfies Record<Extract<Verdict, { kind: 'deny' }>['reason'], RefusalReason>

export interface Pushes extends Pick<Duo, 'progress' | 'answered' | 'take' | 'close'> {
  /** One at a time for each user: whoever calls sees to that. */
  start(visitor: DuoVisitor): Promise<PushStart>
}

export function createPushes(deps: PushDeps): Pushes {
  const { ask, tell, devices: stored, clock, log } = deps
  const pushes = new OutstandingPushes(clock)
  const closing = new AbortController()
  const life = deps.pushLife ?? PUSH_LIFE

  const bypassed = async (visitor: DuoVisitor): Promise<{ readonly kind: 'accepted' }> => {
    const { username } = visitor.user
    log.warn({ username, from: visitor.attempt.from }, 'Duo lets this user pass without a second factor')
    await tell(visitor, undefined)
    return { kind: 'accepted' }
  }
  const closed = async (visitor: DuoVisitor, outcome: Closed): Promise<Closed> => {
    if (outcome.kind === 'refused') await tell(visitor, outcome.reason)
    // Gone at Duo: another one may be chosen when there are some again.
    if (outcome.kind === 'enroll') await stored.delete(visitor.user.username)
    return outcome
  }

  /** Counts what came of a push before anybody can act on it. Where that fails, it came to nothing. */
  const settle = async (visitor: DuoVisitor, answer: PushAnswer): Promise<PushAnswer> => {
    const { username } = visitor.user
    if (closing.signal.aborted) return { kind: 'lost' }
    try {
      if (answer.kind === 'allow' && answer.bypass && visitor.hasOtherFactor) {
        await tell(visitor, 'bypass-not-enough')
        await stored.closeTry(username, 'push', 0)
        return { kind: 'deny', reason: 'denied' }
      }
      if (answer.kind === 'allow') await stored.clearTries(username, 'push')
      else await stored.closeTry(username, 'push', answer.kind === 'deny' && answer.reason === 'fraud' ? FRAUD : 0)
      if (answer.kind === 'deny') await tell(visitor, REFUSALS[answer.reason])
      if (answer.kind === 'deny' && answer.reason === 'fraud') {
        const fields = { username, from: visitor.attempt.from }
        log.warn(fields, 'a push was reported as a fraud: somebody else has the password of this user')
        visitor.onFraud()
      }
      return answer
    } catch (error) {
      log.error({ err: error }, 'the answer to a push could not be counted and is refused')
      return { kind: 'lost' }
    }
  }

  return {
    async start(visitor) {
      const { user, session, attempt } = visitor
      const { username } = user
      if (pushes.progress(username, session).kind === 'waiting') return { kind: 'sent' }
      const known = await stored.tries(username, 'push')
      const retryAfter = secondsUntilTry(known, pushWait, clock.now())
      if (retryAfter > 0) return { kind: 'throttled', retryAfterSeconds: retryAfter }

      const answer = await ask(visitor)
      if (answer.kind === 'bypass') return bypassed(visitor)
      if (answer.kind !== 'open') return closed(visitor, answer)
      const choice = chooseDevice(answer.devices, await stored.find(username))
      if (choice.kind === 'none') {
        const nothing = { kind: 'enroll', url: undefined } as const
        return takesPasscodes(answer.devices) ? nothing : closed(visitor, nothing)
      }
      if (choice.kind === 'ask') return { kind: 'choose', devices: choice.devices }
      const { device } = choice
      if (choice.isNew) await stored.save(username, { device, method: PUSH })

      const now = clock.now()
      if (!(await stored.openTry(username, 'push', known, now, now + life)))
        return { kind: 'throttled', retryAfterSeconds: Math.ceil(life / 1000) }
      let transaction: string
      try {
        transaction = await answer.api.push({
          username,
          displayName: user.displayName,
          device,
          from: attempt.from,
          target: withoutQuery(attempt.requestUri),
        })
      } catch (error) {
        await stored.closeTry(username, 'push', 0)
        return unavailable(error, log)
      }
      const signal = AbortSignal.any([closing.signal, AbortSignal.timeout(life)])
      pushes.add(
        username,
        session,
        awaitPush(answer.api, transaction, signal, deps).then((given) => settle(visitor, given)),
      )
      return { kind: 'sent' }
    },

    progress: ({ user, session }) => pushes.progress(user.username, session),
    answered: ({ user, session }) => pushes.answered(user.username, session),

    async take(visitor) {
      const answer = pushes.take(visitor.user.username, visitor.session)
      switch (answer.kind) {
        case 'none':
        case 'waiting':
          return { kind: answer.kind }
        case 'lost':
          return { kind: 'refused', reason: 'unavailable' }
        case 'deny':
          return { kind: 'refused', reason: REFUSALS[answer.reason] }
        case 'allow':
          await tell(visitor, undefined)
          return { kind: 'accepted' }
      }
    },

    close: () => closing.abort(),
  }
}

/** Queries of applications carry tokens; they are nobody's business at Duo. */
const withoutQuery = (uri: string | undefined): string => (/^[^?#]*/.exec(uri ?? '')?.[0] ?? '').slice(0, 500)
