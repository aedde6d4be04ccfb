// The password: to sign in, and again to show that it is still the same person. Every refusal is the same answer; login makes it take alike.
import { afterSecondFactor, proveAgain, type SignIn, signInByPassword } from '../../login/flow.ts'
import type { PortalSession } from '../../session/session.ts'
import { raiseByTrust } from '../raise-session.ts'
import { recordEvent } from '../record-event.ts'
import { ko, koTooMany, MESSAGES, okSignedIn, text } from './answer.ts'
import { destinationOf } from './destination.ts'
import { readFields } from './json-body.ts'
import type { Call, Route } from './route.ts'

const DESTINATION = { targetURL: 'string', requestMethod: 'string', flow: 'string' } as const
const NOTHING = { targetURL: '', requestMethod: '', flow: '' }

/** Answers what isn't a success. @returns whether it did */
function refuse({ response, deps }: Call, result: SignIn): boolean {
  if (result.kind === 'refused') {
    ko(response, 401, MESSAGES.firstFactor)
    return true
  }
  if (result.kind === 'throttled') {
    koTooMany({ response, deps }, result.retryAfterSeconds)
    return true
  }
  return false
}

export const firstFactorRoutes: readonly Route[] = [
  {
    path: '/api/firstfactor',
    methods: {
      POST: {
        access: 'open',
        async handle(call) {
          const { request, response, deps, visit } = call
          // what can't be read goes through the login like an empty name, so that it takes as long
          const fields = readFields(call.body, {
            username: 'string',
            password: 'string',
            keepMeLoggedIn: 'boolean',
            ...DESTINATION,
          }) ?? { username: '', password: '', keepMeLoggedIn: false, ...NOTHING }
          const destination = destinationOf(visit, fields)
          const result = await signInByPassword(deps.login, visit.settings, fields, destination)
          if (refuse(call, result)) return
          if (result.kind !== 'signed-in' && result.kind !== 'second-factor') return
          let session: PortalSession
          try {
            session = await deps.sessions.begin(request, response, visit.domain, {
              username: result.user.username,
              remember: fields.keepMeLoggedIn && visit.domain.rememberMe > 0,
              from: visit.clientAddress,
            })
            const { username, key } = session.record
            await recordEvent(deps, visit, { kind: 'sign-in', username, subject: '1fa', session: key })
          } catch (error) {
            deps.log.error({ err: error }, 'a session could not be made')
            return ko(response, 401, MESSAGES.firstFactor)
          }
          const isRaised = await raiseByTrust(deps, request, response, visit, session)
          const next = isRaised ? afterSecondFactor(visit.settings, result.user, destination) : result
          okSignedIn(call.response, next, fields.flow, MESSAGES.firstFactor)
        },
      },
    },
  },
  {
    path: '/api/firstfactor/reauthenticate',
    methods: {
      POST: {
        access: 'signed-in',
        async handle(call, { session }) {
          const { request, response, deps, visit } = call
          const fields = readFields(call.body, { password: 'string', ...DESTINATION }) ?? { password: '', ...NOTHING }
          const destination = destinationOf(visit, fields)
          const result = await proveAgain(deps.login, visit.settings, session.record, fields.password, destination)
          if (refuse(call, result)) return
          const change = { passwordProvenAt: deps.clock.now() }
          const renewed = await deps.sessions.renew(request, response, visit.domain, session, change)
          if (renewed === undefined) return text(response, 403)
          const { username, key } = renewed.record
          await recordEvent(deps, visit, { kind: 'elevation', username, subject: '1fa', session: key })
          okSignedIn(call.response, result, fields.flow, MESSAGES.firstFactor)
        },
      },
    },
  },
]
