// Changing one's own password.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { passwordsFixture } from './passwords-fixture.ts'

const GOOD = 'truck-sail-orbit-plum'

function lab() {
  const parts = passwordsFixture()
  const change = (oldPassword = 'password', newPassword = GOOD) =>
    parts.changePassword({
      user: parts.user('alice'),
      oldPassword,
      newPassword,
      session: 's'.repeat(64),
      from: '203.0.113.7',
      language: 'en',
      portalUrl: 'https://auth.example.com/',
    })
  return { ...parts, change }
}

test('the new password counts, this session lives on, everything else that rested on the old one ends, and a mail says so', async () => {
  const { change, ended, directory, mails, events } = lab()
  assert.deepEqual(await change(), { kind: 'set' })
  assert.equal(directory.passwordStamp?.('alice'), GOOD)
  assert.deepEqual(ended, [
    ['alice', 's'.repeat(64)],
    ['alice', 's'.repeat(64)],
  ])
  assert.deepEqual(
    mails.map(({ name, values }) => [name, 'event' in values && values.event]),
    [['notice', 'password-changed']],
  )
  assert.deepEqual(
    events.map(({ kind }) => kind),
    ['password-changed'],
  )
})

test('the new password is judged before the old one is asked, which would count an attempt', async () => {
  const { change, storage, ended } = lab()
  assert.deepEqual(await change('wrong', 'short'), { kind: 'weak', weaknesses: [{ kind: 'too-short', least: 8 }] })
  assert.deepEqual(await change('wrong', 'wrong'), { kind: 'same' })
  assert.equal(storage.rows.length, 0)
  assert.deepEqual(await change('wrong'), { kind: 'wrong-password' })
  assert.equal(storage.rows.length, 1)
  assert.deepEqual(ended, [])
})

test('BRF-11 PWD-07 wrong old passwords lead to a ban like any other', async () => {
  const { change, storage } = lab()
  for (let i = 0; i < 3; i++) await change('wrong')
  assert.deepEqual(await change(), { kind: 'wrong-password' })
  assert.equal(storage.allBans.length, 1)
})

test('where nothing can be written nobody is asked for anything', async () => {
  const { change, store, storage } = lab()
  store.isReadOnly = true
  assert.deepEqual(await change(), { kind: 'failed' })
  assert.equal(storage.rows.length, 0)
  store.isReadOnly = false
  store.isBusy = true
  assert.equal((await change()).kind, 'throttled')
})

test('SES-07 where sessions can not be ended no password is changed', async () => {
  const { change, ended, directory } = lab()
  const before = directory.passwordStamp?.('alice')
  ended.push = () => {
    throw new Error('the session database is full')
  }
  await assert.rejects(change(), /is full/)
  assert.equal(directory.passwordStamp?.('alice'), before)
})

test('PWD-07 a password that was set meanwhile by other means is not overwritten', async () => {
  const { change, store, directory, ended } = lab()
  store.whileHashing = () => directory.setPassword('alice', 'set by an operator')
  assert.deepEqual(await change(), { kind: 'wrong-password' })
  assert.equal(directory.passwordStamp?.('alice'), 'set by an operator')
  assert.deepEqual(ended, [])
})
