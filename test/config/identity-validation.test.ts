// The section identity_validation: what it is derived to, and what is said of it.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { configWith, errorsWith, warningsWith } from './loading.ts'

const elevated = (changes: Record<string, unknown>) => ({ identity_validation: { elevated_session: changes } })

test('lifespans are milliseconds, and what is not written has Authelia’s defaults', () => {
  assert.deepEqual(configWith({}).identityValidation, {
    resetPassword: { secret: 'a-secret-for-tests-that-is-long-enough', algorithm: 'HS256', lifespan: 300_000 },
    elevatedSession: {
      codeLifespan: 300_000,
      elevationLifespan: 600_000,
      characters: 8,
      requireSecondFactor: false,
      skipSecondFactor: false,
    },
  })
  const { resetPassword, elevatedSession } = configWith({
    identity_validation: {
      reset_password: { jwt_lifespan: '1h', jwt_algorithm: 'HS512' },
      elevated_session: { code_lifespan: 60, elevation_lifespan: '2m', skip_second_factor: true },
    },
  }).identityValidation
  assert.deepEqual([resetPassword.lifespan, resetPassword.algorithm], [3_600_000, 'HS512'])
  assert.deepEqual([elevatedSession.codeLifespan, elevatedSession.elevationLifespan], [60_000, 120_000])
  assert.equal(elevatedSession.skipSecondFactor, true)
})

test('OTC-05 a code is never shorter than what can’t be guessed, and that is said', () => {
  const at = 'odd-value identity_validation.elevated_session.characters'
  for (const [written, counts, says] of [
    [12, 12, []],
    [5, 5, []],
    [4, 5, [at]],
    [1, 5, [at]],
    [-3, 5, [at]],
    [0, 8, []],
  ] as const) {
    assert.equal(configWith(elevated({ characters: written })).identityValidation.elevatedSession.characters, counts)
    assert.deepEqual(warningsWith(elevated({ characters: written })), says)
  }
})

test('a secret is never made up: without one nothing starts, unless resetting is turned off', () => {
  const without = { identity_validation: undefined }
  assert.deepEqual(errorsWith(without), ['missing-key identity_validation.reset_password.jwt_secret'])
  const off = { ...without, authentication_backend: { password_reset: { disable: true } } }
  assert.deepEqual(errorsWith(off), [])
  assert.equal(configWith(off).identityValidation.resetPassword.secret, undefined)
})
