// What a client of the API may know of the configuration.
import type { PasswordPolicyConfig } from '../../config/config.ts'
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
        async handle({ response, visit: { settings } }) {
          ok(response, policyOf(settings.passwordPolicy))
        },
      },
    },
  },
]

/** As Authelia shows it: with zxcvbn all numbers are 0, its own too. */
function policyOf(policy: PasswordPolicyConfig) {
  const standard = policy.kind === 'standard' ? policy : undefined
  return {
    mode: policy.kind === 'none' ? 'disabled' : policy.kind,
    min_length: standard?.minLength ?? 0,
    max_length: standard?.maxLength ?? 0,
    min_score: 0,
    require_uppercase: standard?.requireUppercase ?? false,
    require_lowercase: standard?.requireLowercase ?? false,
    require_number: standard?.requireNumber ?? false,
    require_special: standard?.requireSpecial ?? false,
  }
}
