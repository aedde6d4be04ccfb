// What a client of the API may know of the configuration.
import { availableMethods } from '../second-factors.ts'
import { ok } from './answer.ts'
import type { Route } from './route.ts'

export const configurationRoutes: readonly Route[] = [
  {
    path: '/api/configuration',
    methods: {
      GET: {
        access: 'signed-in',
        async handle({ response, visit: { settings } }) {
          ok(response, {
            available_methods: settings.secondFactorEnabled ? availableMethods(settings) : [],
            password_change_disabled: settings.passwordChangeDisabled,
            password_reset_disabled: settings.passwordResetDisabled,
          })
        },
      },
    },
  },
  {
    path: '/api/configuration/password-policy',
    methods: {
      GET: {
        access: 'open',
        async handle({ response }) {
          // there is no policy yet: nothing in the portal sets a password
          ok(response, {
            mode: 'disabled',
            min_length: 0,
            max_length: 0,
            min_score: 0,
            require_uppercase: false,
            require_lowercase: false,
            require_number: false,
            require_special: false,
          })
        },
      },
    },
  },
]
