// A password alone against what takes more.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { assertAllowed, assertLogin, PASSWORD, startLab } from './lab.ts'

const lab = await startLab()
after(() => lab.close())

test('MFA-01 one factor opens nothing that takes two, and changes no factor', async () => {
  const bob = await lab.signedIn('bob', 1)
  assertAllowed(await bob.asks('https://one.example.com/'), 'bob', 'one factor is enough here')
  assertLogin(await bob.asks('https://admin.example.com/'), 'two factors')
  for (const [method, path, body] of [
    ['GET', '/api/secondfactor/totp/register', ''],
    ['PUT', '/api/secondfactor/totp/register', '{"algorithm":"SHA1","length":6,"period":30}'],
    ['POST', '/api/secondfactor/totp/register', '{"token":"123456"}'],
    ['DELETE', '/api/secondfactor/totp/register', ''],
    ['DELETE', '/api/secondfactor/totp', ''],
  ] as const) {
    const answer = method === 'GET' ? await bob.get(path) : await bob.post(path, body, method)
    assert.equal(answer.status, 403, `${method} ${path}`)
    assert.equal((JSON.parse(answer.body) as { data: { second_factor: boolean } }).data.second_factor, true, path)
  }
  // a password given again is no second factor
  assert.equal((await bob.post('/api/firstfactor/reauthenticate', { password: PASSWORD })).status, 200)
  assert.equal((await bob.post('/api/secondfactor/totp', '', 'DELETE')).status, 403)
  for (const [method, path] of [
    ['PUT', '/api/secondfactor/webauthn/credential/register'],
    ['POST', '/api/secondfactor/webauthn/credential/register'],
    ['DELETE', '/api/secondfactor/webauthn/credential/register'],
    ['PUT', '/api/secondfactor/webauthn/credential/1'],
    ['DELETE', '/api/secondfactor/webauthn/credential/1'],
  ] as const) {
    const answer = await bob.post(path, method === 'DELETE' ? '' : {}, method)
    assert.equal(answer.status, 403, `${method} ${path}`)
    assert.equal((JSON.parse(answer.body) as { data: { second_factor: boolean } }).data.second_factor, true, path)
  }
  assert.equal(
    (await bob.post('/api/secondfactor/totp', { token: lab.code('bob') })).status,
    200,
    'the device is still his',
  )
  assertAllowed(await bob.asks('https://admin.example.com/'), 'bob', 'two factors')
})

test('MFA-01 the session cookie alone, as applications see it, changes nothing at the portal', async () => {
  const bob = await lab.signedIn('bob', 2)
  const cookie = bob.session
  const json = [
    ['Content-Type', 'application/json'],
    ['Origin', 'https://auth.example.com'],
  ] as const
  for (const [method, path, body] of [
    ['PUT', '/api/secondfactor/totp/register', '{"algorithm":"SHA1","length":6,"period":30}'],
    ['DELETE', '/api/secondfactor/totp', ''],
    ['POST', '/api/secondfactor/totp', '{"token":"000000"}'],
    ['POST', '/api/user/info/2fa_method', '{"method":"totp"}'],
    ['POST', '/api/firstfactor/reauthenticate', JSON.stringify({ password: PASSWORD })],
  ] as const) {
    const answer = await lab.browser().send(method, path, body, json, cookie)
    assert.equal(answer.status, 403, `${method} ${path}`)
    assert.equal(answer.headers['set-cookie'], undefined, path)
  }
  assertAllowed(await bob.asks('https://admin.example.com/'), 'bob', 'and harms nobody')
})
