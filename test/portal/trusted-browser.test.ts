// A browser that is trusted with the second factor: after the password only, for one user, for a while, and for nothing that changes the account.
import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { PortalSettings } from '../../src/portal/portal.ts'
import { ALLOW, device } from '../login/duo/stand-in.ts'
import { type Client, CODE, type OpenLab, openLab, PASSWORD } from './lab.ts'
import { proveAfresh } from './steps.ts'

const DAY = 86_400_000
const COOKIE = '__Host-latchkey_browser'
const VAULT = 'https://vault.example.com/'

async function labFor(t: TestContext, changed: Partial<PortalSettings> = {}): Promise<OpenLab> {
  const lab = await openLab({ trustedBrowser: 30 * DAY, ...changed })
  t.after(() => lab.close())
  return lab
}

async function trusting(lab: OpenLab, username = 'alice', client = lab.client()): Promise<Client> {
  await client.signIn(username)
  lab.spent.delete(username)
  const { status } = await client.post('/2fa/one-time-password', { code: CODE, trust: 'yes' })
  assert.equal(status, 303)
  return client
}

/** Signs in by password and says whether the place that demands two factors is open. */
async function isLetIn(client: Client, username = 'alice'): Promise<boolean> {
  await client.signIn(username)
  // Who was sent there a moment ago and is back is told so, which is another matter.
  client.cookies.delete('__Host-latchkey_sent')
  const { body } = await client.get(`/?rd=${encodeURIComponent(VAULT)}&done=sign-in`)
  return body.includes(`content="0;url=${VAULT}"`)
}

test('once trusted, a browser is let in by the password alone, for as many days as are configured', async (t) => {
  const lab = await labFor(t)
  const first = lab.client()
  await first.signIn('alice')
  assert.match(
    (await first.get('/2fa')).body,
    /name="trust" value="yes"><span>Don’t ask for this again in this browser for 30 days/,
  )
  const client = await trusting(lab)
  assert.ok(await isLetIn(client))
  lab.clock.advance(30 * DAY - 1)
  assert.ok(await isLetIn(client))
  lab.clock.advance(1)
  assert.equal(await isLetIn(client), false)
  assert.ok(lab.events.some(({ kind, username }) => kind === 'browser-trusted' && username === 'alice'))
  assert.ok(lab.events.some(({ kind, subject }) => kind === 'second-factor' && subject === 'trusted-browser'))
})

test('it counts for the API as for the form, and the target that demands two factors is named at once', async (t) => {
  const lab = await labFor(t)
  const bySelf = async (client: Client, targetURL = VAULT): Promise<unknown> => {
    const headers = { 'content-type': 'application/json', origin: 'https://auth.example.com' }
    const fields = JSON.stringify({ username: 'alice', password: PASSWORD, targetURL })
    const { status, body } = await client.send('POST', '/api/firstfactor', headers, fields)
    assert.equal(status, 200)
    const state = JSON.parse((await client.get('/api/state')).body)
    return [JSON.parse(body).data?.redirect, state.data.authentication_level]
  }
  assert.deepEqual(await bySelf(lab.client()), [undefined, 1])
  const client = await trusting(lab)
  assert.deepEqual(await bySelf(client), [VAULT, 2])
  assert.deepEqual(await bySelf(client, ''), [undefined, 2])
  lab.clock.advance(30 * DAY)
  assert.deepEqual(await bySelf(client), [undefined, 1])
})

test('it is off unless configured: nothing is offered, asked for or kept', async (t) => {
  const lab = await labFor(t, { trustedBrowser: 0 })
  const asked = lab.client()
  await asked.signIn('alice')
  assert.doesNotMatch((await asked.get('/2fa')).body, /name="trust"/)
  const client = await trusting(lab)
  assert.equal(client.cookies.has(COOKIE), false)
  assert.equal(await isLetIn(client), false)
})

test('not wished is not trusted', async (t) => {
  const lab = await labFor(t)
  const client = lab.client()
  await client.signIn('alice')
  await client.post('/2fa/one-time-password', { code: CODE })
  assert.equal(client.cookies.has(COOKIE), false)
  assert.equal(await isLetIn(client), false)
})

test('the cookie alone opens nothing; it is of the portal alone, and storage holds its hash', async (t) => {
  const lab = await labFor(t)
  const client = await trusting(lab)
  const id = client.cookies.get(COOKIE) ?? ''
  assert.match(id, /^[\w-]{43}$/)
  const [known] = await lab.browsers.list('alice')
  assert.match(known?.id ?? '', /^[0-9a-f]{64}$/)
  assert.ok(!JSON.stringify(known).includes(id))
  const stranger = lab.client()
  stranger.cookies.set(COOKIE, id)
  assert.match((await stranger.get('/')).body, /name="password"/)
  assert.equal((await stranger.post('/', { username: 'alice', password: 'wrong' })).status, 401)
  assert.equal((await stranger.get('/account')).headers.location, '/')
  const fresh = await lab.client()
  await fresh.signIn('alice')
  lab.spent.delete('alice')
  const answer = await fresh.post('/2fa/one-time-password', { code: CODE, trust: 'yes' })
  const line = answer.headers['set-cookie']?.find((set) => set.startsWith(COOKIE)) ?? ''
  assert.match(line, /; Path=\/; Expires=[^;]*; HttpOnly; Secure; SameSite=Lax$/)
})

test('the trust is for one user: another one of the same browser gives his own second factor', async (t) => {
  const lab = await labFor(t)
  lab.codes.add('bob')
  const client = await trusting(lab)
  assert.equal(await isLetIn(client, 'bob'), false)
  assert.ok(await isLetIn(client, 'alice'))
  await trusting(lab, 'bob', client)
  assert.ok(await isLetIn(client, 'bob'))
  assert.ok(await isLetIn(client, 'alice'), 'a new id of the browser takes the trust of its other users along')
})

test('SES-01 an id that somebody planted in the browser is not the one that gets trusted', async (t) => {
  const lab = await labFor(t)
  const planted = 'A'.repeat(43)
  const victim = lab.client()
  victim.cookies.set(COOKIE, planted)
  await trusting(lab, 'alice', victim)
  assert.notEqual(victim.cookies.get(COOKIE), planted)
  const attacker = lab.client()
  attacker.cookies.set(COOKIE, planted)
  assert.equal(await isLetIn(attacker), false)
  const tossed = lab.client()
  tossed.cookies.set(COOKIE, `${victim.cookies.get(COOKIE)}; ${COOKIE}=${planted}`)
  assert.equal(await isLetIn(tossed), false, 'two of them are none')
  assert.ok(await isLetIn(victim))
})

test('MFA-01 it is never enough to change the account: that takes the second factor itself', async (t) => {
  const lab = await labFor(t)
  const client = await trusting(lab)
  await client.signIn('alice')
  assert.equal((await client.get('/account')).status, 200, 'the account may be looked at')
  for (const path of ['/account/one-time-code/remove', '/account/recovery-codes']) {
    const shown = `/2fa?for=${encodeURIComponent(path)}`
    assert.equal((await client.get(path)).headers.location, shown)
    assert.equal((await client.post(path, { made: '' })).headers.location, shown)
  }
  const setUpPage = '/register/one-time-code'
  assert.equal((await client.get(setUpPage)).headers.location, `/2fa?for=${encodeURIComponent(setUpPage)}`)
  const api = await client.send('DELETE', '/api/secondfactor/totp', {
    'content-type': 'application/json',
    origin: 'https://auth.example.com',
  })
  assert.equal(api.status, 403)
  assert.ok(lab.codes.has('alice'))
  assert.match((await client.get(`/2fa?for=${encodeURIComponent(setUpPage)}`)).body, /name="code"/)
  lab.spent.delete('alice')
  const shown = await client.post('/2fa/one-time-password', { code: CODE, for: setUpPage })
  assert.equal(shown.headers.location, setUpPage)
  await proveAfresh(lab, client)
  assert.equal((await client.get(setUpPage)).status, 200)
  assert.equal((await client.get('/account/one-time-code/remove')).status, 200)
})

test('SES-09 it ends with a change of the password, however that was changed', async (t) => {
  const lab = await labFor(t)
  const client = await trusting(lab)
  lab.settings = { ...lab.settings, passwordStamp: () => 'stamp of another password' }
  assert.equal(await isLetIn(client), false)
})

test('it ends with the removal of a factor, and without a factor it raises nothing', async (t) => {
  const lab = await labFor(t)
  const client = await trusting(lab)
  await proveAfresh(lab, client)
  const removed = await client.post('/account/one-time-code/remove', {})
  assert.equal(removed.headers.location, '/account/security?done=totp-removed')
  await client.signIn('alice')
  assert.match((await client.get('/')).body, /Signed in with a password/)
  lab.codes.add('alice')
  assert.equal(await isLetIn(client), false, 'with a new factor the old trust is gone')
  const bare = await trusting(lab)
  lab.codes.delete('alice')
  await bare.signIn('alice')
  assert.match((await bare.get('/')).body, /Signed in with a password/)
})

test('a shorter time that is configured holds at once', async (t) => {
  const lab = await labFor(t)
  const client = await trusting(lab)
  lab.settings = { ...lab.settings, trustedBrowser: DAY }
  assert.equal(await isLetIn(client), false)
})

test('SES-10 trust is listed and ended by its owner only, one or all', async (t) => {
  const lab = await labFor(t)
  lab.codes.add('bob')
  const [one, two] = [await trusting(lab), await trusting(lab)]
  const bob = await trusting(lab, 'bob')
  const [known] = await lab.browsers.list('alice')
  const FORGET = '/account/security/forget-browsers'
  const bodies = new Set<string>()
  for (const browser of [String(known?.id), '4711', '-1', '1e1', '1 OR 1=1', '']) {
    const { status, body } = await bob.post(FORGET, { browser })
    assert.equal(status, 404)
    bodies.add(body.replaceAll(/nonce="[^"]*"/g, ''))
  }
  assert.equal(bodies.size, 1)
  assert.ok((await isLetIn(one)) && (await isLetIn(two)))
  const { body } = await one.get('/account/security')
  const ids = [...body.matchAll(/name="browser" value="([0-9a-f]{64})"/g)].map(([, id = '']) => id)
  assert.equal(ids.length, 2)
  assert.equal(
    (await one.post(FORGET, { browser: ids[0] ?? '' })).headers.location,
    '/account/security?done=browser-forgotten',
  )
  const still = [await isLetIn(one), await isLetIn(two)]
  assert.deepEqual(still.filter(Boolean).length, 1)
  assert.equal(
    (await bob.post(FORGET, { browser: 'all' })).headers.location,
    '/account/security?done=browsers-forgotten',
  )
  assert.ok((await isLetIn(one)) || (await isLetIn(two)))
  await one.signIn('alice')
  const last = still[0] ? one : two
  assert.equal((await last.post(FORGET, { browser: 'all' })).status, 303)
  assert.equal((await isLetIn(one)) || (await isLetIn(two)), false)
})

test('a recovery code trusts no browser', async (t) => {
  const lab = await labFor(t)
  await lab.recovery.save('alice', ['AAAABBBBCCCC'], lab.clock.now())
  const client = lab.client()
  await client.post('/', { username: 'alice', password: PASSWORD })
  await client.post('/2fa/recovery-code', { code: 'AAAABBBBCCCC', trust: 'yes' })
  assert.equal(client.cookies.has(COOKIE), false)
})

test('what is wished with a push counts once it is approved, and no link can wish it', async (t) => {
  const lab = await labFor(t, { hasDuo: true })
  const PUSH = '/2fa/push-notification'
  lab.duo.users.set('bob', { kind: 'auth', devices: [device('D1')] })
  const approved = async (fields: Record<string, string>, wait = `${PUSH}/wait`): Promise<Client> => {
    const client = lab.client()
    await client.signIn('bob')
    assert.match((await client.get(PUSH)).body, /name="trust" value="yes"/)
    await client.post(PUSH, fields)
    await lab.duo.isOut()
    lab.duo.answer(ALLOW)
    await new Promise(setImmediate)
    assert.equal((await client.get(wait)).status, 303)
    return client
  }
  const wished = await approved({ trust: 'yes' })
  assert.equal(wished.cookies.has('__Host-latchkey_trust'), false, 'the wish is used up')
  assert.ok(await isLetIn(wished, 'bob'))
  const linked = await approved({}, `${PUSH}/wait?trust=yes`)
  assert.equal(await isLetIn(linked, 'bob'), false)
  // Raised by trust only, he can still be asked for the push itself.
  await wished.signIn('bob')
  assert.equal((await wished.get(`${PUSH}?for=/account/recovery-codes`)).status, 200)
  const sent = await wished.post(PUSH, { for: '/account/recovery-codes' })
  assert.match(sent.headers.location ?? '', /\/wait\?for=/)
})
