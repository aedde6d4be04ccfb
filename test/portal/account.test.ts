// The pages of the account: what they show, to whom, and what their forms do.
import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { PortalSettings } from '../../src/portal/portal.ts'
import { type Client, CODE, type OpenLab, openLab, PASSWORD } from './lab.ts'
import { proveAfresh, setUp } from './steps.ts'

const FIREFOX = { 'user-agent': 'Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0' }
const SAFARI = { 'user-agent': 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_1) Version/18.1 Mobile/15E148 Safari/604.1' }
const PAGES = ['/account', '/account/security', '/account/sessions', '/account/activity', '/account/preferences']

async function labFor(t: TestContext, changed: Partial<PortalSettings> = {}): Promise<OpenLab> {
  const lab = await openLab(changed)
  t.after(() => lab.close())
  return lab
}

/** Signed in, with the second factor where he has one. */
async function signedIn(lab: OpenLab, username: string, headers: Record<string, string> = FIREFOX): Promise<Client> {
  const client = lab.client()
  await client.post('/', { username, password: PASSWORD }, headers)
  if (lab.codes.has(username)) {
    lab.spent.delete(username)
    const { status } = await client.post('/2fa/one-time-password', { code: CODE })
    assert.equal(status, 303)
  }
  return client
}

const keysIn = (body: string): string[] =>
  [...body.matchAll(/name="session" value="([^"]*)"/g)].map(([, key = '']) => key)

test('the pages of the account are for whoever is signed in, with all factors he has', async (t) => {
  const lab = await labFor(t)
  for (const path of PAGES) {
    const { status, headers } = await lab.client().get(path)
    assert.deepEqual([status, headers.location], [303, '/'], path)
  }
  const half = lab.client()
  await half.signIn('alice')
  for (const path of PAGES) {
    const { status, headers } = await half.get(path)
    assert.deepEqual([status, headers.location], [303, `/2fa?for=${encodeURIComponent(path)}`], path)
  }
  for (const name of ['alice', 'bob']) {
    const client = await signedIn(lab, name)
    for (const path of PAGES) {
      const { status, body, headers } = await client.get(path)
      assert.equal(status, 200, path)
      assert.equal(headers['cache-control'], 'no-store')
      assert.match(body, new RegExp(`<a href="${path}" aria-current="page">`))
    }
  }
})

test("Authelia's addresses of the settings lead to the account", async (t) => {
  const client = await signedIn(await labFor(t), 'bob')
  for (const [path, led] of [
    ['/settings', '/account'],
    ['/settings/security', '/account/security'],
    ['/settings/two-factor-authentication', '/account/security'],
  ] as const)
    assert.equal((await client.get(path)).headers.location, led)
  assert.match((await client.get('/')).body, /<a href="\/account">/)
})

test('the application with the session cookie alone sees nothing of the account and changes nothing', async (t) => {
  const lab = await labFor(t)
  const client = await signedIn(lab, 'alice')
  const [key = ''] = keysIn((await client.get('/account/sessions')).body)
  client.cookies.delete('__Host-latchkey_portal')
  for (const path of PAGES) assert.equal((await client.get(path)).headers.location, '/')
  const forms: readonly (readonly [string, Record<string, string>])[] = [
    ['/account/sessions/end', { session: key }],
    ['/account/sessions/end-others', {}],
    ['/account/security/preferred', { method: 'totp' }],
    ['/account/security/forget-browsers', { browser: 'all' }],
    ['/account/one-time-code/remove', {}],
    ['/account/recovery-codes', { made: '' }],
    ['/account/recovery-codes/remove', {}],
    ['/account/preferences', { theme: 'dark' }],
  ]
  for (const [path, fields] of forms) assert.equal((await client.post(path, fields)).headers.location, '/', path)
  assert.equal(lab.sessionCount(), 1)
  assert.ok(lab.codes.has('alice'))
  const other = await signedIn(lab, 'alice')
  for (const [path, fields] of forms) {
    const { status } = await other.post(path, fields, { 'sec-fetch-site': 'same-site' })
    assert.equal(status, 403, `CSR-01 ${path}`)
  }
  assert.ok(lab.codes.has('alice'))
})

test('sessions are told in words, this one marked, and coarse', async (t) => {
  const lab = await labFor(t)
  await signedIn(lab, 'alice', SAFARI)
  lab.clock.advance(3 * 60_000)
  const here = await signedIn(lab, 'alice')
  const { body } = await here.get('/account/sessions')
  assert.match(body, /Firefox on Windows[^<]*<span class="badge good">this one<\/span>/)
  assert.match(body, /Safari on iPhone/)
  assert.ok(body.indexOf('Firefox on Windows') < body.indexOf('Safari on iPhone'), 'this one comes first')
  assert.match(body, /3 minutes ago/)
  assert.match(body, /203\.0\.113\.0\/24/)
  assert.doesNotMatch(body, /203\.0\.113\.7/)
  for (const value of here.cookies.values()) if (!keysIn(body).includes(value)) assert.ok(!body.includes(value))
})

test('SES-10 one session is ended, then all others, at the very next request', async (t) => {
  const lab = await labFor(t)
  const [phone, desk, here] = [
    await signedIn(lab, 'alice', SAFARI),
    await signedIn(lab, 'alice'),
    await signedIn(lab, 'alice'),
  ]
  const bob = await signedIn(lab, 'bob')
  const phoneKey = keysIn((await phone.get('/account/sessions')).body)[0] ?? ''
  const ended = await here.post('/account/sessions/end', { session: phoneKey })
  assert.deepEqual([ended.status, ended.headers.location], [303, '/account/sessions?done=session-ended'])
  assert.match((await here.get('/account/sessions?done=session-ended')).body, /That session is signed out/)
  assert.equal((await phone.get('/account')).headers.location, '/')
  assert.equal((await desk.get('/account')).status, 200)
  assert.equal((await here.post('/account/sessions/end-others', {})).status, 303)
  assert.equal((await desk.get('/account')).headers.location, '/')
  assert.equal((await here.get('/account')).status, 200)
  assert.equal((await bob.get('/account')).status, 200, 'another user stays')
  assert.deepEqual(
    lab.events.filter(({ kind }) => kind.startsWith('session')).map(({ kind, username }) => [kind, username]),
    [
      ['session-ended', 'alice'],
      ['sessions-ended', 'alice'],
    ],
  )
  const own = keysIn((await here.get('/account/sessions')).body)[0] ?? ''
  const out = await here.post('/account/sessions/end', { session: own })
  assert.equal(out.headers.location, '/logout?done=sign-out')
  assert.equal((await here.get('/account')).headers.location, '/')
})

test("SES-10 somebody else's session is answered as one that isn't there, and lives on", async (t) => {
  const lab = await labFor(t)
  const alice = await signedIn(lab, 'alice')
  const bob = await signedIn(lab, 'bob')
  const hers = keysIn((await alice.get('/account/sessions')).body)[0] ?? ''
  const bodies = new Set<string>()
  for (const session of [hers, 'nothing', '', '-1', '1 OR 1=1', hers.slice(0, 12), '%', '__proto__']) {
    const { status, body } = await bob.post('/account/sessions/end', { session })
    assert.equal(status, 404)
    bodies.add(body.replaceAll(/nonce="[^"]*"/g, ''))
  }
  assert.equal(bodies.size, 1)
  assert.equal((await alice.get('/account')).status, 200)
})

test('recent sign-ins are those of the account, with their failures', async (t) => {
  const lab = await labFor(t)
  const attempt = {
    time: lab.clock.now() - 60 * 60_000,
    banned: false,
    username: 'alice',
    remoteAddress: '2001:db8:1:2::/64',
    requestMethod: 'GET',
    userAgent: '',
  }
  lab.attempts.push(
    { ...attempt, successful: false, kind: '1FA', requestUri: 'https://vault.example.com/secret/path' },
    { ...attempt, successful: true, kind: 'TOTP', requestUri: '' },
    { ...attempt, successful: false, banned: true, kind: '1FA', requestUri: '' },
    { ...attempt, successful: false, kind: '1FA', username: 'bob', requestUri: 'https://bobs.example.com/' },
  )
  const alice = await signedIn(lab, 'alice')
  const { body } = await alice.get('/account/activity')
  assert.match(body, /Password <span class="badge bad">failed/)
  assert.match(body, /One-time code <span class="badge good">worked/)
  assert.match(body, /Password <span class="badge bad">blocked/)
  assert.match(body, /1 hour ago<\/time> · 2001:db8:1::\/48 · vault\.example\.com/)
  assert.doesNotMatch(body, /secret\/path|bobs\.example\.com/)
  assert.match((await alice.get('/account')).body, /2 failures this week/)
})

test('whoever fails ever so often pushes no success off the page', async (t) => {
  const lab = await labFor(t)
  const attempt = {
    time: lab.clock.now() - 60_000,
    banned: false,
    username: 'bob',
    remoteAddress: '203.0.113.7',
    requestUri: '',
    requestMethod: '',
    userAgent: '',
  }
  const stranger = { ...attempt, successful: false, kind: '1FA', remoteAddress: '198.51.100.9' } as const
  lab.attempts.push({ ...attempt, time: attempt.time - 60_000, successful: true, kind: 'Recovery' })
  for (let count = 0; count < 29; count++) lab.attempts.push(stranger)
  const bob = await signedIn(lab, 'bob')
  const few = (await bob.get('/account/activity')).body
  assert.doesNotMatch(few, /Of the failures/)
  for (let count = 0; count < 500; count++) lab.attempts.push({ ...stranger, banned: count > 2 })
  const { body } = await bob.get('/account/activity')
  assert.match(body, /Recovery code <span class="badge good">worked/)
  assert.equal(body.match(/badge bad/g)?.length, 30)
  assert.match(body, /Of the failures only the newest 30 are shown/)
})

test('SES-09 MFA-01 removing one-time codes takes a fresh proof, ends the other sessions, and is told', async (t) => {
  const lab = await labFor(t)
  const other = await signedIn(lab, 'alice', SAFARI)
  const half = lab.client()
  await half.signIn('alice')
  const REMOVE = '/account/one-time-code/remove'
  for (const answer of [await half.get(REMOVE), await half.post(REMOVE, {})])
    assert.deepEqual([answer.status, answer.headers.location], [303, `/2fa?for=${encodeURIComponent(REMOVE)}`])
  const here = await signedIn(lab, 'alice')
  await proveAfresh(lab, here)
  lab.clock.advance(10 * 60_000)
  assert.equal((await here.post(REMOVE, {})).headers.location, `/confirm?for=${encodeURIComponent(REMOVE)}`)
  assert.ok(lab.codes.has('alice'))
  const fresh = await signedIn(lab, 'alice')
  await proveAfresh(lab, fresh)
  assert.match((await fresh.get(REMOVE)).body, /They are your only second factor/)
  assert.equal((await fresh.post(REMOVE, {})).headers.location, '/account/security?done=totp-removed')
  assert.equal(lab.codes.has('alice'), false)
  for (const client of [other, here, half]) assert.equal((await client.get('/account')).headers.location, '/')
  assert.match((await fresh.get('/account/security?done=totp-removed')).body, /one-time codes are removed/)
  assert.ok(lab.events.some(({ kind, subject }) => kind === 'factor-removed' && subject === 'totp'))
  const [mail] = lab.mails.filter(({ name }) => name === 'notice')
  assert.equal(mail?.to.address, 'alice@example.com')
  assert.deepEqual(mail?.values, {
    event: 'factor-removed',
    subject: 'totp',
    from: '203.0.113.7',
    at: lab.clock.now(),
    portalUrl: 'https://auth.example.com/account/security',
  })
})

test('SES-09 setting up one-time codes ends the other sessions', async (t) => {
  const lab = await labFor(t)
  const other = await signedIn(lab, 'bob')
  const here = await signedIn(lab, 'bob')
  await setUp(lab, here)
  assert.ok(lab.codes.has('bob'))
  assert.equal((await other.get('/account')).headers.location, '/')
  assert.equal((await here.get('/account')).status, 200)
})

test('what is asked for first is chosen among what there is', async (t) => {
  const lab = await labFor(t)
  const client = await signedIn(lab, 'alice')
  const saved = await client.post('/account/security/preferred', { method: 'totp' })
  assert.equal(saved.headers.location, '/account/security?done=preferred')
  assert.deepEqual(lab.preferences.get('alice'), { method: 'totp' })
  for (const method of ['recovery', 'sms', '', '__proto__']) {
    assert.equal((await client.post('/account/security/preferred', { method })).status, 400)
    assert.deepEqual(lab.preferences.get('alice'), { method: 'totp' })
  }
})

test('a theme is kept by the browser and shown at once; only those there are reach a page', async (t) => {
  const client = await signedIn(await labFor(t), 'bob')
  assert.match((await client.get('/account/preferences')).body, /data-theme="auto"/)
  const saved = await client.post('/account/preferences', { theme: 'oled', language: 'de' })
  assert.match(
    String(saved.headers['set-cookie']),
    /__Host-latchkey_theme=oled; Path=\/; Max-Age=31536000; Secure; HttpOnly/,
  )
  const german = (await client.get('/account/preferences')).body
  assert.match(german, /<html lang="de" data-theme="oled">/)
  assert.match(german, /name="theme" value="oled" checked/)
  assert.match((await client.get('/')).body, /content="dark"/)
  client.cookies.set('__Host-latchkey_theme', 'x" onload="alert(1)')
  assert.match((await client.get('/')).body, /data-theme="auto"/)
  await client.post('/account/preferences', { theme: 'nonsense', language: 'xx' })
  assert.equal(client.cookies.has('__Host-latchkey_theme'), false)
  assert.match((await client.get('/')).body, /<html lang="de" data-theme="auto">/)
})

test('BRW-04 what a user agent says is shown as text', async (t) => {
  const lab = await labFor(t)
  const client = await signedIn(lab, 'bob', { 'user-agent': '<img src=x onerror=alert(1)>/1.0' })
  const { body } = await client.get('/account/sessions')
  assert.doesNotMatch(body, /<img src=x/)
  assert.match(body, /Unknown browser/)
})
