// Basic credentials at the gate: the memory of successes, sharing, delays within what proxies wait.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fixture, from, settle } from './fixture.ts'

const LIFESPAN = 60_000

test('a success is remembered for its lifespan and spares the hash, under every spelling of the name', async () => {
  const { login, directory, clock } = fixture()
  const basic = (typed: string) => login.basic(typed, 'password', from(), LIFESPAN)
  assert.equal((await basic('bob')).kind, 'accepted')
  clock.advance(LIFESPAN - 1)
  const again = await basic('BOB')
  assert.equal(again.kind === 'accepted' && again.user.username, 'bob')
  assert.equal(directory.checks.length, 1)
  clock.advance(1)
  await basic('bob')
  assert.equal(directory.checks.length, 2)
})

test('without a lifespan, or with a directory that cannot tell a changed password, nothing is remembered', async () => {
  const { login, directory } = fixture()
  await login.basic('bob', 'password', from(), 0)
  await login.basic('bob', 'password', from(), 0)
  assert.equal(directory.checks.length, 2)
  directory.passwordStamp = () => undefined
  await login.basic('bob', 'password', from(), LIFESPAN)
  await login.basic('bob', 'password', from(), LIFESPAN)
  assert.equal(directory.checks.length, 4)
})

test('a changed password voids what was remembered at once', async () => {
  const { login, directory } = fixture()
  await login.basic('bob', 'password', from(), LIFESPAN)
  directory.setPassword('bob', 'new')
  assert.equal((await login.basic('bob', 'password', from(), LIFESPAN)).kind, 'refused')
  assert.equal((await login.basic('bob', 'new', from(), LIFESPAN)).kind, 'accepted')
})

test('LIF-01 a removed user is refused though his password was remembered', async () => {
  const { login, directory } = fixture()
  await login.basic('bob', 'password', from(), LIFESPAN)
  directory.remove('bob')
  assert.deepEqual(await login.basic('bob', 'password', from(), LIFESPAN), { kind: 'refused', reason: 'unknown-user' })
})

test('a ban holds though the password was remembered', async () => {
  const { login } = fixture()
  await login.basic('bob', 'password', from(), LIFESPAN)
  for (let i = 0; i < 3; i++) await login.password('bob', `guess ${i}`, from())
  assert.deepEqual(await login.basic('bob', 'password', from(), LIFESPAN), { kind: 'refused', reason: 'banned-user' })
})

test('a remembered password of one user opens nothing for another, and a wrong one is hashed', async () => {
  const { login, directory } = fixture()
  await login.basic('bob', 'password', from(), LIFESPAN)
  directory.setPassword('alice', 'other')
  assert.equal((await login.basic('alice', 'password', from(), LIFESPAN)).kind, 'refused')
  assert.equal((await login.basic('bob', 'passwor', from(), LIFESPAN)).kind, 'refused')
  assert.equal(directory.checks.length, 3)
})

test('identical attempts in flight share one verification; others do not', async () => {
  const { login, directory, storage } = fixture()
  directory.hold()
  const same = Array.from({ length: 100 }, () => login.basic('bob', 'password', from(), LIFESPAN))
  const others = [
    login.basic('bob', 'wrong', from(), LIFESPAN),
    login.basic('bob', 'password', from('198.51.100.1'), LIFESPAN),
    login.basic('alice', 'password', from(), LIFESPAN),
  ]
  await settle()
  assert.equal(directory.checks.length, 4)
  directory.release()
  assert.ok((await Promise.all(same)).every(({ kind }) => kind === 'accepted'))
  assert.deepEqual(
    (await Promise.all(others)).map(({ kind }) => kind),
    ['refused', 'accepted', 'accepted'],
  )
  assert.equal(storage.rows.length, 4)
})

test('a shared failure is forgotten with its verification', async () => {
  const { login, directory } = fixture()
  await login.basic('bob', 'wrong', from(), LIFESPAN)
  directory.setPassword('bob', 'wrong')
  assert.equal((await login.basic('bob', 'wrong', from(), LIFESPAN)).kind, 'accepted')
})

test('BAS-05 Basic says who somebody is, nothing of a second factor', async () => {
  const { login } = fixture()
  assert.deepEqual(Object.keys(await login.basic('bob', 'password', from(), 0)).sort(), ['kind', 'user'])
})

test('a refusal is answered within 200 ms of padding, a success at once, and a hash that took longer is not padded', async () => {
  const { login, directory, waits, clock } = fixture()
  await login.basic('bob', 'password', from(), LIFESPAN)
  assert.deepEqual(waits, [])
  for (const typed of ['bob', 'nobody', '']) await login.basic(typed, 'wrong', from(), LIFESPAN)
  assert.equal(waits.length, 3)
  assert.ok(waits.every((wait) => wait > 0 && wait <= 200))
  directory.whileHashing = () => clock.advance(300)
  await login.basic('bob', 'wrong', from(), LIFESPAN)
  assert.equal(waits.length, 3)
})
