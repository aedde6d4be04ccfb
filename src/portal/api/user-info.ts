// What somebody signed in may see of himself, and which second factor he prefers.

import { maskEmail } from '../mask-email.ts'
import { availableMethods, factorsOf, hasFactor, type UserFactors } from '../second-factors.ts'
import type { SignedIn } from '../signed-in.ts'
import { ko, MESSAGES, ok } from './answer.ts'
import { readFields } from './json-body.ts'
import type { Route } from './route.ts'

/** @param factors undefined: nothing is said of them */
const info = (
  { user }: SignedIn,
  emails: readonly string[] | null,
  method: string,
  factors: UserFactors | undefined,
) => ({
  display_name: user.displayName,
  emails,
  method,
  has_totp: factors !== undefined && hasFactor(factors, 'totp'),
  has_webauthn: factors !== undefined && hasFactor(factors, 'webauthn'),
  has_duo: factors !== undefined && hasFactor(factors, 'mobile_push'),
})

export const userInfoRoutes: readonly Route[] = [
  {
    path: '/api/user/info',
    methods: {
      GET: {
        access: 'signed-in',
        async handle(call, signedIn) {
          const { username, emails } = signedIn.user
          const preferences = await call.deps.storage.preferences.find(username)
          // as Authelia: until the first POST nothing is said of factors
          const factors = preferences && (await factorsOf(call, username))
          ok(
            call.response,
            info(signedIn, emails.length > 0 ? emails.map(maskEmail) : null, preferences?.method ?? '', factors),
          )
        },
      },
      POST: {
        access: 'signed-in',
        async handle(call, signedIn) {
          const { deps, visit, response } = call
          const { username } = signedIn.user
          const available: readonly string[] = availableMethods(visit.settings)
          const before = await deps.storage.preferences.find(username)
          const factors = await factorsOf(call, username)
          const registered = available.find((name) => factors.registered.some((factor) => factor.name === name))
          const wished = [before?.method, visit.settings.default2faMethod, registered, available[0]]
          const method = wished.find((name) => name !== undefined && available.includes(name)) ?? ''
          if (before?.method !== method) await deps.storage.preferences.save(username, { method })
          ok(response, info(signedIn, null, method, factors))
        },
      },
    },
  },
  {
    path: '/api/user/info/2fa_method',
    methods: {
      POST: {
        access: 'signed-in',
        async handle({ response, deps, visit, body }, { user }) {
          const method = readFields(body, { method: 'string' })?.method ?? ''
          if (!availableMethods(visit.settings).some((name) => name === method))
            return ko(response, 200, MESSAGES.failed)
          await deps.storage.preferences.save(user.username, { method })
          ok(response)
        },
      },
    },
  },
]
