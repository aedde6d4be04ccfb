// Showing afresh who one is, through the API: what is needed, a code by mail, the code. The code never raises the level; it only lets the account be
// changed from here for a while.

import { isElevated } from '../../login/elevation.ts'
import { LONGEST_CODE } from '../../login/elevation-codes.ts'
import { portalLink, revokeCodePath } from '../links.ts'
import { askerOf, canMail, missingProof } from '../proof.ts'
import { factorsOf, hasShownFactor, isGuarded } from '../second-factors.ts'
import { ko, koTooMany, MESSAGES, ok, text } from './answer.ts'
import { readFields } from './json-body.ts'
import type { Route } from './route.ts'

export const elevationRoutes: readonly Route[] = [
  {
    path: '/api/user/session/elevation',
    methods: {
      GET: {
        access: 'signed-in',
        async handle(call, signedIn) {
          const { deps, visit, response } = call
          const { record, elevation } = signedIn.session
          const { skipSecondFactor } = visit.settings.elevatedSession
          const factors = await factorsOf(call, record.username)
          const now = deps.clock.now()
          const lives = isElevated(elevation, visit.clientAddress, now)
          const isProven = (await missingProof(call, signedIn)) === undefined
          ok(response, {
            require_second_factor: !hasShownFactor(record) && isGuarded(factors),
            skip_second_factor: skipSecondFactor && hasShownFactor(record) && isProven,
            // as in Authelia where the second factor is required, which here it always is
            can_skip_second_factor: false,
            factor_knowledge: record.level === 1,
            elevated: lives,
            expires: lives && elevation ? Math.floor((elevation.until - now) / 1000) : 0,
          })
        },
      },
      POST: {
        access: 'signed-in',
        limit: 'session_elevation_start',
        async handle(call, { session, user }) {
          const { response, deps, visit } = call
          const asker = askerOf(visit, { session, user })
          const revokeUrl = (id: string) => portalLink(visit.domain, revokeCodePath, { id })
          const way = canMail(deps, visit, user) ? { language: call.language, revokeUrl } : undefined
          const sent = await deps.elevation.send(asker, visit.settings.elevatedSession, way)
          if (sent.kind === 'throttled') return koTooMany(call, sent.retryAfterSeconds)
          ok(response, { delete_id: sent.handle })
        },
      },
      PUT: {
        access: 'signed-in',
        limit: 'session_elevation_finish',
        async handle(call, { session, user }) {
          const { request, response, deps, visit, body } = call
          const code = readFields(body, { otc: 'string' })?.otc.trim()
          if (code === undefined || code.length > LONGEST_CODE) return ko(response, 400, MESSAGES.failed)
          if (code === '') return ko(response, 403, MESSAGES.failed)
          const outcome = await deps.elevation.redeem(askerOf(visit, { session, user }), code)
          if (outcome.kind === 'throttled') return koTooMany(call, outcome.retryAfterSeconds)
          if (outcome.kind === 'refused') return ko(response, 403, MESSAGES.failed)
          const until = deps.clock.now() + visit.settings.elevatedSession.elevationLifespan
          const elevation = { until, from: visit.clientAddress }
          const renewed = await deps.sessions.renew(request, response, visit.domain, session, { elevation })
          if (renewed === undefined) return text(response, 403)
          ok(response)
        },
      },
    },
  },
  {
    path: '/api/user/session/elevation/{id}',
    methods: {
      DELETE: {
        access: 'open',
        async handle({ response, deps, visit, id }) {
          if (await deps.elevation.revoke(id, visit.clientAddress)) return ok(response)
          ko(response, 200, MESSAGES.failed)
        },
      },
    },
  },
]
