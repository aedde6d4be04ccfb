import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fixture, from } from './fixture.ts'

const CODES = ['AAAABBBBCCCC', 'DDDDEEEEFFFF']
const MINUTE = 60_000

async function withCodes() {
  const parts = fixture()
  await parts.storage.recovery.save('alice', CODES, parts.clock.now())
  return parts
}

test('a recovery code is accepted once, however it was typed, and recorded', async () => {
  const { login, storage, events } = await withCodes()
  assert.deepEqual(await login.recovery('alice', 'aaaa bbbb-cccc', from()), { kind: 'accepted' })
  assert.deepEqual(await login.recovery('alice', 'AAAA-BBBB-CCCC', from()), { kind: 'refused', reason: 'code-used' })
  assert.deepEqual(await login.recovery('bob', 'DDDDEEEEFFFF', from()), {
    kind: 'refused',
    reason: 'no-second-factor',
  })
  assert.deepEqual(await login.recovery('mallory', 'DDDDEEEEFFFF', from()), { kind: 'refused', reason: 'unknown-user' })
  assert.deepEqual(
    storage.rows.map(({ kind, successful, username }) => [kind, successful, username]),
    [
      ['Recovery', true, 'alice'],
      ['Recovery', false, 'alice'],
    ],
  )
  assert.deepEqual(
    events.map(({ kind, username, subject, reason }) => [kind, username, subject, reason]),
    [['second-factor-refused', 'alice', 'recovery', 'code-used']],
  )
})

test('wrong recovery codes are counted for the user, across sessions and addresses, and lock out guessing', async () => {
  const { login, clock } = await withCodes()
  const guess = (i: number) => login.recovery('alice', 'ZZZZ-ZZZZ-ZZZZ', from(`203.0.113.${i}`))
  for (let i = 0; i < 4; i++) assert.deepEqual(await guess(i), { kind: 'refused', reason: 'wrong-code' })
  assert.deepEqual(await guess(5), { kind: 'refused', reason: 'wrong-code', isLocked: true })
  assert.deepEqual(await guess(6), { kind: 'throttled', retryAfterSeconds: 60 })
  assert.deepEqual(await login.recovery('alice', 'AAAABBBBCCCC', from()), { kind: 'throttled', retryAfterSeconds: 60 })
  clock.advance(MINUTE)
  assert.deepEqual(await guess(7), { kind: 'refused', reason: 'wrong-code', isLocked: true })
  clock.advance(MINUTE)
  assert.deepEqual(await guess(8), { kind: 'throttled', retryAfterSeconds: 60 }, 'the wait doubles')
  clock.advance(MINUTE)
  assert.deepEqual(await login.recovery('alice', 'AAAABBBBCCCC', from()), { kind: 'accepted' })
  for (let i = 0; i < 4; i++) assert.equal((await guess(i)).kind, 'refused', 'counted anew after a success')
})

test('a code typed again that was used is no guess; text that can be no code is one', async () => {
  const { login, storage } = await withCodes()
  await login.recovery('alice', 'AAAABBBBCCCC', from())
  for (let i = 0; i < 8; i++) assert.equal((await login.recovery('alice', 'AAAABBBBCCCC', from())).kind, 'refused')
  assert.equal((await storage.recovery.failures('alice')).failures, 0)
  await login.recovery('alice', 'no code at all', from())
  assert.equal((await storage.recovery.failures('alice')).failures, 1)
})

test('of 200 guesses at once five are looked at; of 200 uses of one code one gets in', async () => {
  const { login } = await withCodes()
  const guesses = await Promise.all(
    Array.from({ length: 200 }, (_, i) => login.recovery('alice', 'ZZZZ-ZZZZ-ZZZZ', from(`203.0.113.${i}`))),
  )
  assert.equal(guesses.filter(({ kind }) => kind === 'refused').length, 5)
  const again = await withCodes()
  const uses = await Promise.all(
    Array.from({ length: 200 }, () => again.login.recovery('alice', 'AAAABBBBCCCC', from())),
  )
  assert.equal(uses.filter(({ kind }) => kind === 'accepted').length, 1)
})

test('wrong recovery codes do not lock one-time codes, nor the other way round', async () => {
  const { login, storage } = await withCodes()
  for (let i = 0; i < 6; i++) await login.recovery('alice', 'ZZZZ-ZZZZ-ZZZZ', from())
  assert.equal((await storage.totp.failures('alice')).failures, 0)
})

test('a database that does not answer refuses', async () => {
  const { login, storage } = await withCodes()
  storage.broken = true
  assert.deepEqual(await login.recovery('alice', 'AAAABBBBCCCC', from()), { kind: 'refused', reason: 'unavailable' })
})
