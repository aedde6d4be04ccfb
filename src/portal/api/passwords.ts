// Passwords through the API: setting a forgotten one anew by the link of a mail, and changing one's own. Between a link's redemption and the new
// password a browser keeps a grant; nothing here signs anybody in.
import type { ResetPlace } from '../../login/password-reset.ts'
import { accountLink, resetLinksOf } from '../links.ts'
import { forgetGrant, grantOf, keepGrant } from '../reset-grant.ts'
import { isResetHere, mayAskForReset } from '../reset-offer.ts'
import { empty, ko, koTooMany, MESSAGES, ok, text } from './answer.ts'
import { readFields } from './json-body.ts'
import { type Call, type Route, whoIs } from './route.ts'

/** What Authelia says of a token, by what is wrong with it. Only whoever holds a token of ours learns more than that it failed. */
const TOKEN_MESSAGES = {
  expired: 'The identity verification token has expired',
  'not-yet': 'The identity verification token is only valid in the future',
  signature: 'The identity verification token has an invalid signature',
  malformed: 'Operation failed',
  gone: 'Operation failed',
} as const

const placeOf = ({ visit, language }: Call): ResetPlace => ({
  portalUrl: visit.domain.portalUrl ?? '',
  from: visit.clientAddress,
  userAgent: visit.userAgent,
  language,
})

/** Somebody else is signed in in this browser: a link that he was sent sets no password here. */
const isSomebodyElse = async (call: Call, username: string): Promise<boolean> => {
  const signedIn = await whoIs(call)
  return signedIn !== undefined && signedIn.user.username !== username
}

/** As Authelia: without a body once the notice is on its way, else the usual OK. */
const done = ({ response, deps }: Call, emails: readonly string[]): void =>
  deps.mailer.isEnabled && emails.length > 0 ? empty(response, 200, {}) : ok(response)

export const passwordRoutes: readonly Route[] = [
  {
    path: '/api/reset-password/identity/start',
    available: isResetHere,
    methods: {
      POST: {
        access: 'open',
        limit: 'reset_password_start',
        async handle(call) {
          const { response, deps, visit, body } = call
          if (!mayAskForReset(deps, visit) || !deps.resets.isPossible()) return ko(response, 200, 'Operation failed')
          // what can't be read takes the same way, as a name that is nobody's
          const username = readFields(body, { username: 'string' })?.username ?? ''
          await deps.resets.ask(username, placeOf(call), resetLinksOf(visit.domain))
          ok(response)
        },
      },
    },
  },
  {
    path: '/api/reset-password/identity/finish',
    available: isResetHere,
    methods: {
      POST: {
        access: 'open',
        limit: 'reset_password_finish',
        async handle(call) {
          const { response, deps, visit, body } = call
          const fields = readFields(body, { token: 'string' })
          if (fields === undefined || visit.domain.portalUrl === undefined) return ko(response, 200, 'Operation failed')
          const place = placeOf(call)
          const user = await deps.resets.find({ kind: 'token', text: fields.token }, place)
          if (typeof user === 'string') return ko(response, 200, TOKEN_MESSAGES[user])
          if (await isSomebodyElse(call, user.username)) return ko(response, 200, 'Operation failed')
          const granted = await deps.resets.exchange(fields.token, place)
          if (typeof granted === 'string') return ko(response, 200, TOKEN_MESSAGES[granted])
          keepGrant(response, granted.grant, granted.expiresAt - deps.clock.now())
          ok(response)
        },
      },
    },
  },
  {
    path: '/api/reset-password',
    available: isResetHere,
    methods: {
      POST: {
        access: 'open',
        async handle(call) {
          const { request, response, deps, visit, body } = call
          const fields = readFields(body, { password: 'string' })
          const refused = () => ko(response, 200, MESSAGES.passwordReset)
          if (fields === undefined || visit.domain.portalUrl === undefined) return refused()
          const place = placeOf(call)
          const brought = { kind: 'grant', text: grantOf(request) } as const
          const user = await deps.resets.find(brought, place)
          if (typeof user === 'string' || (await isSomebodyElse(call, user.username))) return refused()
          const outcome = await deps.resets.set(brought, fields.password, place)
          if (typeof outcome === 'string' || outcome.kind === 'failed') return refused()
          if (outcome.kind === 'weak') return ko(response, 200, MESSAGES.passwordWeak)
          if (outcome.kind === 'throttled') return koTooMany(call, outcome.retryAfterSeconds)
          forgetGrant(response)
          done(call, user.emails)
        },
      },
      DELETE: {
        access: 'open',
        limit: 'reset_password_finish',
        async handle(call) {
          const { response, deps, visit, body } = call
          const token = readFields(body, { token: 'string' })?.token ?? ''
          const isKnown = visit.domain.portalUrl !== undefined && (await deps.resets.revoke(token, placeOf(call)))
          if (isKnown) ok(response)
          else ko(response, 200, MESSAGES.failed)
        },
      },
    },
  },
  {
    path: '/api/change-password',
    available: ({ passwordChangeDisabled }) => !passwordChangeDisabled,
    methods: {
      POST: {
        access: 'elevated',
        async handle(call, { session, user }) {
          const { request, response, deps, visit, body, language } = call
          const fields = readFields(body, { old_password: 'string', new_password: 'string' })
          if (fields === undefined) return ko(response, 400, MESSAGES.passwordChange)
          const outcome = await deps.changePassword({
            user,
            oldPassword: fields.old_password,
            newPassword: fields.new_password,
            session: session.record.key,
            from: visit.clientAddress,
            userAgent: visit.userAgent,
            language,
            portalUrl: accountLink(visit.domain),
          })
          switch (outcome.kind) {
            case 'weak':
            case 'same':
              return ko(response, 400, MESSAGES.passwordWeak)
            case 'wrong-password':
              return ko(response, 401, MESSAGES.passwordWrong)
            case 'throttled':
              return koTooMany(call, outcome.retryAfterSeconds)
            case 'failed':
              return ko(response, 500, MESSAGES.passwordChange)
            case 'set': {
              const change = { passwordProvenAt: deps.clock.now() }
              const renewed = await deps.sessions.renew(request, response, visit.domain, session, change)
              return renewed === undefined ? text(response, 403) : done(call, user.emails)
            }
          }
        },
      },
    },
  },
]
