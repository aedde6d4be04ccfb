// One-time codes of somebody signed in: using one, seeing what is registered, removing it.
import { signInByCode } from '../../login/flow.ts'
import { afterChange } from '../account-change.ts'
import { sendNotice } from '../notice.ts'
import { raiseSession } from '../raise-session.ts'
import { ko, koTooMany, MESSAGES, ok, okSignedIn, text } from './answer.ts'
import { destinationOf } from './destination.ts'
import { readFields } from './json-body.ts'
import type { Route } from './route.ts'

export const totpRoutes: readonly Route[] = [
  {
    path: '/api/secondfactor/totp',
    available: ({ totpDisabled }) => !totpDisabled,
    methods: {
      GET: {
        access: 'signed-in',
        async handle({ response, deps }, { user }) {
          const registered = await deps.storage.totp.find(user.username)
          if (registered === undefined) return ko(response, 404, MESSAGES.noTotp)
          const { createdAt, lastUsedAt, issuer, algorithm, digits, period } = registered
          ok(response, {
            created_at: new Date(createdAt).toISOString(),
            ...(lastUsedAt === undefined ? {} : { last_used_at: new Date(lastUsedAt).toISOString() }),
            issuer,
            algorithm,
            digits,
            period,
          })
        },
      },
      POST: {
        access: 'signed-in',
        limit: 'second_factor_totp',
        async handle({ request, response, deps, visit, body }, { session, user }) {
          // possessed, like the passkey it would be added to
          if (session.begunWith === 'passkey') return ko(response, 403, MESSAGES.secondFactor)
          const fields = readFields(body, { token: 'string', targetURL: 'string', flow: 'string' })
          if (fields === undefined || fields.token === '') return ko(response, 403, MESSAGES.secondFactor)
          if (fields.token.length !== 6 && fields.token.length !== 8) return ko(response, 400, MESSAGES.secondFactor)
          const destination = destinationOf(visit, { ...fields, requestMethod: '' })
          const result = await signInByCode(deps.login, visit.settings, user, fields.token, destination)
          if (result.kind === 'throttled') {
            return koTooMany({ response, deps }, result.retryAfterSeconds)
          }
          if (result.kind === 'refused' && result.isLocked)
            sendNotice({ deps, visit }, user, 'second-factor-locked', '')
          if (result.kind !== 'signed-in') return ko(response, 403, MESSAGES.secondFactor)
          const raised = await raiseSession(deps, request, response, visit, session, 'totp')
          if (raised === undefined) return text(response, 403)
          okSignedIn(response, result, fields.flow, MESSAGES.secondFactor)
        },
      },
      DELETE: {
        access: 'elevated',
        async handle(call, signedIn) {
          const { response, deps } = call
          const { username } = signedIn.user
          if (!(await deps.storage.totp.delete(username))) return ko(response, 403, MESSAGES.totpDelete)
          await afterChange(call, signedIn, { kind: 'factor-removed', subject: 'totp' })
          ok(response)
        },
      },
    },
  },
]
