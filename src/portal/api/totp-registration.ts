// Setting up one-time codes through the API: what may be chosen, a secret, the first code. Nothing is stored before that code.
import type { TotpEnrolment } from '../../login/totp-enrolment.ts'
import { afterChange } from '../account-change.ts'
import { ko, MESSAGES, ok, text } from './answer.ts'
import { readFields } from './json-body.ts'
import type { Route } from './route.ts'

export const totpRegistrationRoutes = (enrolment: TotpEnrolment): readonly Route[] => [
  {
    path: '/api/secondfactor/totp/register',
    available: ({ totpDisabled }) => !totpDisabled,
    methods: {
      GET: {
        access: 'elevated',
        async handle({ response, visit }) {
          const { algorithm, allowedAlgorithms, digits, allowedDigits, period, allowedPeriods } = visit.settings.totp
          ok(response, {
            algorithm,
            algorithms: allowedAlgorithms,
            length: digits,
            lengths: allowedDigits,
            period,
            periods: allowedPeriods,
          })
        },
      },
      PUT: {
        access: 'elevated',
        async handle({ response, deps, visit, body }, { session, user }) {
          const choice = readFields(body, { algorithm: 'string', length: 'integer', period: 'integer' })
          const { totp } = visit.settings
          const proposed =
            choice &&
            enrolment.propose(user.username, totp, {
              algorithm: choice.algorithm,
              digits: choice.length,
              period: choice.period,
            })
          if (proposed === undefined) return ko(response, 400, MESSAGES.totpSetUp)
          if (!(await deps.sessions.setPending(visit.domain, session, proposed.text))) return text(response, 403)
          ok(response, { base32_secret: proposed.code.secret, otpauth_url: proposed.code.otpauthUrl })
        },
      },
      POST: {
        access: 'elevated',
        async handle(call, { session, user }) {
          const { response, deps, visit, body } = call
          const fields = readFields(body, { token: 'string' })
          if (fields === undefined) return ko(response, 400, MESSAGES.totpSetUp)
          const pending = enrolment.read(session.pending, user.username)
          const confirmed = pending && (await enrolment.confirm(user.username, pending, fields.token))
          if (confirmed !== 'accepted') return ko(response, 403, MESSAGES.totpSetUp)
          await deps.sessions.setPending(visit.domain, session, undefined)
          await afterChange(call, { session, user }, { kind: 'factor-added', subject: 'totp' })
          ok(response)
        },
      },
      DELETE: {
        access: 'elevated',
        async handle({ response, deps, visit }, { session }) {
          await deps.sessions.setPending(visit.domain, session, undefined)
          ok(response)
        },
      },
    },
  },
]
