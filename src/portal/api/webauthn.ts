// Passkeys through the API: signing in with one, showing one as a second factor, and the password as the second factor after one.
import { afterPassword, afterSecondFactor, proveAgain, type SignIn } from '../../login/flow.ts'
import type { Webauthn } from '../../login/webauthn/webauthn.ts'
import { keepTicket, takeTicket } from '../passkey-cookie.ts'
import { ceremonyAt, tellingOfCopies } from '../passkeys.ts'
import { beginByPasskey, raiseSession } from '../raise-session.ts'
import type { SignedIn } from '../signed-in.ts'
import { ko, koTooMany, MESSAGES, ok, okSignedIn, text } from './answer.ts'
import { destinationOf } from './destination.ts'
import { readFields } from './json-body.ts'
import { type Call, type Route, whoIs } from './route.ts'

const ANSWER = { response: 'object', targetURL: 'string', flow: 'string' } as const
/** What can't be read is answered like an answer that isn't there, so that it uses up its challenge too. */
const NO_ANSWER = { response: undefined, targetURL: '', requestMethod: '', keepMeLoggedIn: false, flow: '' }

type Refusal = Exclude<SignIn, { kind: 'signed-in' } | { kind: 'second-factor' }>

function refuse({ response, deps }: Call, result: Refusal): void {
  if (result.kind === 'throttled') {
    koTooMany({ response, deps }, result.retryAfterSeconds)
  } else ko(response, result.reason === 'malformed' ? 400 : 403, MESSAGES.secondFactor)
}

export const webauthnRoutes = (webauthn: Webauthn): readonly Route[] => [
  {
    path: '/api/firstfactor/passkey',
    available: (settings) => settings.webauthn.passkeyLogin,
    methods: {
      GET: {
        access: 'open',
        async handle(call) {
          const { request, response, visit } = call
          const place = ceremonyAt(visit, request)
          if (place === undefined || (await whoIs(call))) return ko(response, 403, MESSAGES.secondFactor)
          const { options, ticket } = await webauthn.beginPasskey(place)
          keepTicket(response, ticket)
          ok(response, { publicKey: options })
        },
      },
      POST: {
        access: 'open',
        async handle(call) {
          const { request, response, deps, visit } = call
          const shape = { ...ANSWER, requestMethod: 'string', keepMeLoggedIn: 'boolean' } as const
          const fields = readFields(call.body, shape) ?? NO_ANSWER
          const ticket = takeTicket(request, response)
          const place = ceremonyAt(visit, request, fields)
          if (place === undefined || (await whoIs(call))) return ko(response, 403, MESSAGES.secondFactor)
          const { settings, domain } = visit
          const told = tellingOfCopies({ deps, visit })
          const outcome = await webauthn.finishPasskey(
            { ...place, ...told },
            ticket,
            fields.response,
            settings.findUser,
          )
          if (outcome.kind !== 'accepted') return refuse(call, outcome)
          const { user, level } = outcome
          const remember = fields.keepMeLoggedIn && domain.rememberMe > 0
          await beginByPasskey(deps, request, response, visit, { username: user.username, level, remember })
          const destination = destinationOf(visit, fields)
          const next =
            level === 2
              ? afterSecondFactor(settings, user, destination)
              : afterPassword(settings, user, level, destination)
          okSignedIn(call.response, next, fields.flow, MESSAGES.secondFactor)
        },
      },
    },
  },
  {
    path: '/api/secondfactor/password',
    available: (settings) => settings.webauthn.passkeyLogin,
    methods: { POST: { access: 'signed-in', handle: provePassword } },
  },
  {
    path: '/api/secondfactor/webauthn',
    available: (settings) => !settings.webauthn.disable,
    methods: {
      GET: {
        access: 'signed-in',
        async handle({ request, response, visit }, { session, user }) {
          const place = ceremonyAt(visit, request)
          const options =
            place && session.begunWith === 'password'
              ? await webauthn.beginAssertion({ ...place, user, session: session.record.key })
              : undefined
          if (options === undefined) ko(response, 403, MESSAGES.secondFactor)
          else ok(response, { publicKey: options })
        },
      },
      POST: {
        access: 'signed-in',
        async handle(call, { session, user }) {
          const { request, response, deps, visit } = call
          const fields = { ...NO_ANSWER, ...readFields(call.body, ANSWER) }
          const place = ceremonyAt(visit, request, fields)
          // another thing possessed, like the passkey that the session began with
          if (place === undefined || session.begunWith === 'passkey') return ko(response, 403, MESSAGES.secondFactor)
          const told = tellingOfCopies({ deps, visit })
          const signedIn = { ...place, ...told, user, session: session.record.key }
          const outcome = await webauthn.finishAssertion(signedIn, fields.response)
          if (outcome.kind !== 'accepted') return refuse(call, outcome)
          const raised = await raiseSession(deps, request, response, visit, session, 'webauthn')
          if (raised === undefined) return text(response, 403)
          okSignedIn(
            call.response,
            afterSecondFactor(visit.settings, user, destinationOf(visit, fields)),
            fields.flow,
            MESSAGES.secondFactor,
          )
        },
      },
    },
  },
]

/** The second factor after a passkey. After a password it is the same factor again, and the level stays. */
async function provePassword(call: Call, { session, user }: SignedIn): Promise<void> {
  const { request, response, deps, visit } = call
  const shape = { password: 'string', targetURL: 'string', requestMethod: 'string', flow: 'string' } as const
  const fields = readFields(call.body, shape) ?? { password: '', targetURL: '', requestMethod: '', flow: '' }
  const destination = destinationOf(visit, fields)
  const result = await proveAgain(deps.login, visit.settings, session.record, fields.password, destination)
  if (result.kind === 'refused') return ko(response, 401, MESSAGES.secondFactor)
  if (result.kind === 'throttled') return refuse(call, result)
  const isSecond = session.begunWith === 'passkey'
  const passwordProvenAt = deps.clock.now()
  const renewed = isSecond
    ? await raiseSession(deps, request, response, visit, session, 'password', { passwordProvenAt })
    : await deps.sessions.renew(request, response, visit.domain, session, { passwordProvenAt })
  if (renewed === undefined) return text(response, 403)
  okSignedIn(
    call.response,
    isSecond ? afterSecondFactor(visit.settings, user, destination) : result,
    fields.flow,
    MESSAGES.secondFactor,
  )
}
