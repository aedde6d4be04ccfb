// Who may ask what: every route of the API with what it takes, and every standing a visitor can have, tried against each other.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Mail } from '../../../src/notify/mailer.ts'
import { routesOf } from '../../../src/portal/api/router.ts'
import { codeOf, stepAt, totpOf } from '../../login/fixture.ts'
import { WEBAUTHN } from '../../login/webauthn-storage.ts'
import { apiFixture } from './fixture.ts'

type Access = 'open' | 'signed-in' | 'elevated'

/** A new route has no line here and fails the test below: write down who may ask it. */
const MATRIX: Readonly<Record<string, Readonly<Record<string, Access>>>> = {
  '/api/state': { GET: 'open' },
  '/api/checks/safe-redirection': { POST: 'open' },
  '/api/logout': { POST: 'open' },
  '/api/firstfactor': { POST: 'open' },
  '/api/firstfactor/reauthenticate': { POST: 'signed-in' },
  '/api/user/session/elevation': { GET: 'signed-in', POST: 'signed-in', PUT: 'signed-in' },
  '/api/user/session/elevation/{id}': { DELETE: 'open' },
  '/api/reset-password/identity/start': { POST: 'open' },
  '/api/reset-password/identity/finish': { POST: 'open' },
  '/api/reset-password': { POST: 'open', DELETE: 'open' },
  '/api/change-password': { POST: 'elevated' },
  '/api/secondfactor/totp': { GET: 'signed-in', POST: 'signed-in', DELETE: 'elevated' },
  '/api/secondfactor/totp/register': { GET: 'elevated', PUT: 'elevated', POST: 'elevated', DELETE: 'elevated' },
  '/api/firstfactor/passkey': { GET: 'open', POST: 'open' },
  '/api/secondfactor/password': { POST: 'signed-in' },
  '/api/secondfactor/webauthn': { GET: 'signed-in', POST: 'signed-in' },
  '/api/secondfactor/webauthn/credentials': { GET: 'signed-in' },
  '/api/secondfactor/webauthn/credential/register': { PUT: 'elevated', POST: 'elevated', DELETE: 'elevated' },
  '/api/secondfactor/webauthn/credential/{id}': { PUT: 'elevated', DELETE: 'elevated' },
  '/api/secondfactor/duo': { GET: 'signed-in', POST: 'signed-in' },
  '/api/secondfactor/duo_devices': { GET: 'signed-in' },
  '/api/secondfactor/duo_device': { POST: 'signed-in' },
  '/api/user/info': { GET: 'signed-in', POST: 'signed-in' },
  '/api/user/info/2fa_method': { POST: 'signed-in' },
  '/api/configuration': { GET: 'signed-in' },
  '/api/configuration/password-policy': { GET: 'open' },
}

/** What each standing is told where everything is demanded: what is missing, or nothing. Alice has one-time codes, bob has no second factor. */
const STANDINGS = {
  anonymous: 'first_factor',
  'bob, gone from the directory': 'first_factor',
  'bob, password': 'elevation',
  'bob, password and code by mail': undefined,
  'alice, password': 'second_factor',
  'alice, password and code by mail': 'second_factor',
  'alice, both factors': 'elevation',
  'alice, both factors and code by mail': undefined,
} as const
type Standing = keyof typeof STANDINGS

async function lab(context: Parameters<typeof apiFixture>[0]) {
  const parts = await apiFixture(context, {
    mails: true,
    passwordChangeDisabled: false,
    hasDuo: true,
    webauthn: { ...WEBAUTHN, passkeyLogin: true },
  })
  parts.settings.totp = { ...parts.settings.totp, disableReuseSecurityPolicy: true }
  const off = { enable: false, buckets: [] }
  for (const name of Object.keys(parts.place.settings.rateLimits))
    Object.assign(parts.place.settings.rateLimits, { [name]: off })

  const arrive = async (standing: Standing) => {
    const client = parts.client()
    const [name] = standing.split(/[ ,]/)
    if (standing === 'anonymous' || name === undefined) return client
    await parts.storage.totp.save(totpOf('alice'))
    // limits of mails and guesses are for others to test
    for (const purpose of ['code-mail', 'code-guess'])
      for (const subject of [`user ${name}`, 'ip 203.0.113.7'])
        await parts.storage.proofAttempts.clear(purpose, subject)
    assert.equal((await client.signIn(name)).status, 200)
    if (standing.includes('both')) {
      const token = codeOf(stepAt(parts.clock.now()))
      assert.equal((await client.post('/api/secondfactor/totp', { token })).status, 200)
    }
    if (standing.includes('code by mail')) {
      await client.post('/api/user/session/elevation', {})
      const { code } = (parts.mails.at(-1) as Mail<'one-time-code'>).values
      assert.equal((await client.call('PUT', '/api/user/session/elevation', { otc: code })).status, 200)
    }
    if (standing.includes('gone')) parts.directory.remove(name)
    return client
  }
  const depart = (standing: Standing) => {
    if (standing.includes('gone')) parts.directory.setPassword('bob', 'password')
    parts.directory.setPassword('alice', 'password')
  }
  return { ...parts, arrive, depart }
}

test('MFA-02 every route is in the matrix, with what it takes, and nothing else is', async (context) => {
  const { enrolment, webauthn } = await apiFixture(context)
  const routes = [...routesOf(enrolment, webauthn)].map(([path, { methods }]) => [
    path,
    Object.fromEntries(Object.entries(methods).map(([method, { access }]) => [method, access])),
  ])
  assert.deepEqual(Object.fromEntries(routes), MATRIX)
})

test('ENU-05 nobody who is not signed in learns anything of a person, or of what there is to choose', async (context) => {
  const { client } = await lab(context)
  const anonymous = client()
  assert.deepEqual((await anonymous.get('/api/state')).json.data, {
    username: '',
    authentication_level: 0,
    factor_knowledge: false,
  })
  for (const path of ['/api/user/info', '/api/configuration', '/api/secondfactor/totp', '/api/user/session/elevation'])
    assert.deepEqual((await anonymous.get(path)).body, '403 Forbidden', path)
})

for (const [standing, missing] of Object.entries(STANDINGS) as [Standing, (typeof STANDINGS)[Standing]][]) {
  test(`MFA-02 MFA-01 ${standing}: asks everything, and is told what is missing or let through`, async (context) => {
    const { arrive, depart, place, enrolment, webauthn } = await lab(context)
    const routes = routesOf(enrolment, webauthn)
    for (const [path, methods] of Object.entries(MATRIX)) {
      for (const [method, access] of Object.entries(methods)) {
        const client = await arrive(standing)
        const body = method === 'PUT' || method === 'POST' ? {} : undefined
        const answer = await client.call(method, path.replace('{id}', 'nothing'), body)
        depart(standing)
        const what = `${method} ${path}`
        if (routes.get(path)?.available?.(place.settings) === false) {
          assert.equal(answer.status, 404, what)
          continue
        }
        const told = answer.json?.data ?? {}
        const isMissing = told.elevation === true || told.first_factor === true || told.second_factor === true
        if (access === 'elevated' && missing !== undefined) {
          assert.deepEqual([answer.status, told[missing]], [403, true], what)
          assert.equal(answer.headers['set-cookie'], undefined, what)
        } else if (access === 'signed-in' && missing === 'first_factor') {
          assert.deepEqual([answer.status, answer.body], [403, '403 Forbidden'], what)
        } else {
          assert.notEqual(answer.body, '403 Forbidden', what)
          assert.equal(isMissing && path !== '/api/user/session/elevation', false, what)
        }
      }
    }
  })
}
