// Duo through the API: a push, whose answer the request waits for, or a passcode; the devices, and which of them is asked.
import type { DuoVisitor, Offer, PushStart } from '../../login/duo/duo.ts'
import { afterSecondFactor } from '../../login/flow.ts'
import type { SecondFactorOutcome } from '../../login/login.ts'
import { sendNotice } from '../notice.ts'
import { factorsOf, hasOtherFactor, hasShownFactor } from '../second-factors.ts'
import type { SignedIn } from '../signed-in.ts'
import { ko, koTooMany, MESSAGES, ok, okSignedIn, text } from './answer.ts'
import { destinationOf } from './destination.ts'
import { readFields } from './json-body.ts'
import type { Call, Route } from './route.ts'

const isAvailable: NonNullable<Route['available']> = ({ hasDuo }) => hasDuo

async function duoVisitorOf(call: Call, { session, user }: SignedIn, targetURL: string): Promise<DuoVisitor> {
  const factors = await factorsOf(call, user.username)
  const { clientAddress: from, userAgent } = call.visit
  return {
    user,
    session: session.record.key,
    level: hasShownFactor(session.record) ? 2 : 1,
    hasOtherFactor: hasOtherFactor(factors, 'mobile_push'),
    attempt: { from, userAgent, requestUri: targetURL || undefined, requestMethod: undefined },
    onFraud: () => sendNotice(call, user, 'push-fraud', ''),
  }
}

/** As Authelia names them: of what a device can do, only pushes. */
const devicesOf = ({ devices }: Extract<Offer | PushStart, { devices: unknown }>) =>
  devices.map(({ device, displayName }) => ({ device, display_name: displayName, capabilities: ['push'] }))

const enrolment = (url: string | undefined) => ({ result: 'enroll', ...(url === undefined ? {} : { enroll_url: url }) })

export const duoRoutes: readonly Route[] = [
  {
    path: '/api/secondfactor/duo',
    available: isAvailable,
    methods: {
      GET: {
        access: 'signed-in',
        async handle({ response, deps }, { user }) {
          const stored = await deps.storage.duo.find(user.username)
          ok(response, {
            result: 'auth',
            ...(stored?.method === 'push' ? { preferred_device: stored.device, preferred_method: stored.method } : {}),
          })
        },
      },
      POST: {
        access: 'signed-in',
        limit: 'second_factor_duo',
        async handle(call, signedIn) {
          const { response, deps, body } = call
          // Possessed, like the passkey it would be added to.
          if (signedIn.session.begunWith === 'passkey') return ko(response, 403, MESSAGES.secondFactor)
          const fields = readFields(body, { targetURL: 'string', passcode: 'string', flow: 'string' })
          if (fields === undefined) return ko(response, 401, MESSAGES.secondFactor)
          const who = await duoVisitorOf(call, signedIn, fields.targetURL)
          if (fields.passcode !== '')
            return answer(call, signedIn, fields, await deps.duo.passcode(who, fields.passcode))
          const started = await deps.duo.push(who)
          switch (started.kind) {
            case 'choose':
              return ok(response, { result: 'auth', devices: devicesOf(started) })
            case 'enroll':
              return ok(response, enrolment(started.url))
            case 'refused':
              // As Authelia: whoever has been asked on a device before isn't told why.
              if (await deps.storage.duo.find(who.user.username)) return text(response, 401)
              return ok(response, { result: 'deny' })
            case 'unavailable':
              return ko(response, 401, MESSAGES.secondFactor)
            case 'accepted':
            case 'throttled':
              return answer(call, signedIn, fields, started)
            case 'sent': {
              await deps.duo.answered(who)
              // Whoever has gone away meanwhile hasn't been told: what he approved is still to be taken up.
              if (response.destroyed) return
              const outcome = await deps.duo.take(who)
              const isTaken = outcome.kind === 'none' || outcome.kind === 'waiting'
              return answer(call, signedIn, fields, isTaken ? { kind: 'refused', reason: 'push-unanswered' } : outcome)
            }
          }
        },
      },
    },
  },
  {
    path: '/api/secondfactor/duo_devices',
    available: isAvailable,
    methods: {
      GET: {
        access: 'signed-in',
        limit: 'second_factor_duo',
        async handle(call, signedIn) {
          const { response, deps } = call
          const offer = await deps.duo.offer(await duoVisitorOf(call, signedIn, ''))
          switch (offer.kind) {
            case 'devices':
              return ok(
                response,
                offer.devices.length > 0 ? { result: 'auth', devices: devicesOf(offer) } : { result: 'enroll' },
              )
            case 'bypass':
              return ok(response, { result: 'allow' })
            case 'refused':
              return ok(response, { result: 'deny' })
            case 'enroll':
              return ok(response, enrolment(offer.url))
            case 'unavailable':
              return ko(response, 200, MESSAGES.secondFactor)
          }
        },
      },
    },
  },
  {
    path: '/api/secondfactor/duo_device',
    available: isAvailable,
    methods: {
      POST: {
        access: 'signed-in',
        limit: 'second_factor_duo',
        async handle(call, signedIn) {
          const { response, deps, body } = call
          const fields = readFields(body, { device: 'string', method: 'string' })
          if (fields?.method !== 'push') return ko(response, 200, MESSAGES.secondFactor)
          const result = await deps.duo.choose(await duoVisitorOf(call, signedIn, ''), fields.device)
          if (result.kind === 'chosen') return ok(response)
          ko(response, 200, MESSAGES.secondFactor)
        },
      },
    },
  },
]

async function answer(
  { request, response, deps, visit }: Call,
  { session, user }: SignedIn,
  { targetURL, flow }: { readonly targetURL: string; readonly flow: string },
  outcome: SecondFactorOutcome,
): Promise<void> {
  if (outcome.kind === 'throttled') {
    return koTooMany({ response, deps }, outcome.retryAfterSeconds)
  }
  if (outcome.kind === 'refused') return ko(response, 401, MESSAGES.secondFactor)
  const raised = await deps.sessions.renew(request, response, visit.domain, session, { level: 2 })
  if (raised === undefined) return text(response, 403)
  const next = afterSecondFactor(visit.settings, user, destinationOf(visit, { targetURL, requestMethod: '' }))
  okSignedIn(response, next, flow, MESSAGES.secondFactor)
}
