// Duo as a second factor, made of its parts: the API, the user's device, tries counted in storage, pushes in memory.
import type { Audit } from '../../audit/audit.ts'
import type { Clock } from '../../base/clock.ts'
import type { Logger } from '../../base/log.ts'
import type { DuoConfig } from '../../config/config.ts'
import type { DuoRepository } from '../../storage/duo-devices.ts'
import type { RecordAttempt } from '../attempt-record.ts'
import { codeWait } from '../code-lock.ts'
import type { RefusalReason, SecondFactorOutcome } from '../login.ts'
import { createOneAtATime } from '../one-at-a-time.ts'
import type { DuoDevice, Preauth, Verdict } from './answers.ts'
import { awaitPush } from './await-push.ts'
import { chooseDevice, PUSH, pushDevices, takesPasscodes } from './choose-device.ts'
import type { Closed, Duo, DuoVisitor, PushStart } from './duo.ts'
import type { DuoAccount, DuoApi } from './duo-api.ts'
import { failureText } from './duo-failure.ts'
import { OutstandingPushes, PUSH_LIFE, type PushAnswer } from './outstanding-pushes.ts'
import { FRAUD, pushWait } from './push-wait.ts'

export interface DuoDeps {
  /** Read anew for each question; undefined: there is no Duo. */
  readonly settings: () => DuoConfig | undefined
  readonly openApi: (account: DuoAccount) => DuoApi
  readonly devices: DuoRepository
  readonly record: RecordAttempt
  readonly audit: Audit
  readonly clock: Clock
  readonly log: Logger
  readonly wait: (milliseconds: number) => Promise<void>
  /** For tests: milliseconds that a push is waited for. */
  readonly pushLife?: number
}

/** How long a passcode may be looked at (milliseconds); then another may be tried. */
const PASSCODE_LIFE = 15_000
/** Of Duo's app, of a text message, of a token, or given out by its administrator. */
const PASSCODE_METHOD = 'passcode'
const PASSCODE = /^[0-9A-Za-z]{4,64}$/

const PUSH_REFUSALS = {
  denied: 'push-denied',
  timeout: 'push-unanswered',
  fraud: 'push-fraud',
  locked: 'duo-locked',
  'not-sent': 'push-not-sent',
} as const satisfies Record<Extract<Verdict, { kind: 'deny' }>['reason'], RefusalReason>

export function createDuo(deps: DuoDeps): Duo {
  const { devices: stored, record, clock, log, audit } = deps
  const pushes = new OutstandingPushes(clock)
  const oneAtATime = createOneAtATime()
  const closing = new AbortController()
  const apis = new WeakMap<DuoConfig, DuoApi>()
  const life = deps.pushLife ?? PUSH_LIFE

  const apiOf = (settings: DuoConfig): DuoApi => {
    const api = apis.get(settings) ?? deps.openApi(settings)
    apis.set(settings, api)
    return api
  }
  const unavailable = (error: unknown): { readonly kind: 'unavailable' } => {
    log.error({ reason: failureText(error) }, 'Duo could not be asked; its second factor is closed')
    return { kind: 'unavailable' }
  }
  const refused = (reason: RefusalReason): SecondFactorOutcome => ({ kind: 'refused', reason })

  const tell = async ({ user, session, attempt }: DuoVisitor, reason: RefusalReason | undefined): Promise<void> => {
    const { username } = user
    await record(attempt, { kind: 'Duo', username, refused: reason })
    const kind = reason === undefined ? 'second-factor' : 'second-factor-refused'
    const { from, userAgent } = attempt
    await audit.record({ kind, username, from, subject: 'duo', reason, session, userAgent })
  }

  type Open = { readonly kind: 'open'; readonly api: DuoApi; readonly devices: readonly DuoDevice[] }
  /** What Duo says of this user, as far as it counts here. */
  const ask = async (visitor: DuoVisitor): Promise<Open | { readonly kind: 'bypass' } | Closed> => {
    const settings = deps.settings()
    if (settings === undefined) return { kind: 'unavailable' }
    const api = apiOf(settings)
    let answer: Preauth
    try {
      answer = await api.preauth(visitor.user.username)
    } catch (error) {
      return unavailable(error)
    }
    switch (answer.kind) {
      case 'auth':
        return { kind: 'open', api, devices: answer.devices }
      case 'allow':
        return visitor.hasOtherFactor ? { kind: 'refused', reason: 'bypass-not-enough' } : { kind: 'bypass' }
      case 'deny':
        return { kind: 'refused', reason: 'duo-denied' }
      case 'enroll': {
        // Whoever enrols by himself has proven the password only, and that must not replace a factor that is there.
        const mayEnrol = settings.selfEnrolment && (!visitor.hasOtherFactor || visitor.level >= 2)
        return { kind: 'enroll', url: mayEnrol ? answer.url : undefined }
      }
    }
  }

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

  const start = async (visitor: DuoVisitor): Promise<PushStart> => {
    const { user, session, attempt } = visitor
    const { username } = user
    if (pushes.progress(username, session).kind === 'waiting') return { kind: 'sent' }
    const known = await stored.tries(username, 'push')
    const retryAfter = waitFor(known, pushWait, clock.now())
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
      return unavailable(error)
    }
    const signal = AbortSignal.any([closing.signal, AbortSignal.timeout(life)])
    pushes.add(
      username,
      session,
      awaitPush(answer.api, transaction, signal, deps).then((given) => settle(visitor, given)),
    )
    return { kind: 'sent' }
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
      if (answer.kind === 'deny') await tell(visitor, PUSH_REFUSALS[answer.reason])
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

  const checkPasscode = async (visitor: DuoVisitor, passcode: string): Promise<SecondFactorOutcome> => {
    const { user, attempt } = visitor
    const { username } = user
    const known = await stored.tries(username, 'passcode')
    const retryAfter = waitFor(known, codeWait, clock.now())
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
      unavailable(error)
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

  return {
    async offer(visitor) {
      const answer = await ask(visitor)
      if (answer.kind !== 'open') return answer
      const choice = chooseDevice(answer.devices, await stored.find(visitor.user.username))
      const passcodes = takesPasscodes(answer.devices)
      if (choice.kind === 'none' && !passcodes) return { kind: 'enroll', url: undefined }
      return {
        kind: 'devices',
        devices: pushDevices(answer.devices),
        chosen: choice.kind === 'chosen' ? choice.device : undefined,
        passcodes,
      }
    },

    async choose(visitor, device) {
      const answer = await ask(visitor)
      if (answer.kind !== 'open') return answer
      if (!pushDevices(answer.devices).some((one) => one.device === device)) return { kind: 'unknown' }
      await stored.save(visitor.user.username, { device, method: PUSH })
      return { kind: 'chosen' }
    },

    push: (visitor) => oneAtATime(visitor.user.username, () => start(visitor)),
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
          return { kind: 'refused', reason: PUSH_REFUSALS[answer.reason] }
        case 'allow':
          await tell(visitor, undefined)
          return { kind: 'accepted' }
      }
    },

    passcode: (visitor, passcode) =>
      oneAtATime(visitor.user.username, async () => {
        const typed = passcode.replaceAll(/[\s-]/g, '')
        return PASSCODE.test(typed) ? checkPasscode(visitor, typed) : refused('malformed')
      }),

    close: () => closing.abort(),
  }
}

/** Whole seconds until the next try: the wait that has grown, and the end of the one that is open. */
function waitFor(
  { tries, lastAt, openUntil }: { readonly tries: number; readonly lastAt: number; readonly openUntil: number },
  grown: (tries: number, lastAt: number, now: number) => number,
  now: number,
): number {
  return Math.ceil(Math.max(grown(tries, lastAt, now), openUntil - now, 0) / 1000)
}

/** Queries of applications carry tokens; they are nobody's business at Duo. */
const withoutQuery = (uri: string | undefined): string => (/^[^?#]*/.exec(uri ?? '')?.[0] ?? '').slice(0, 500)
