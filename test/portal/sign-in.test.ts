import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { CODE, openLab } from './lab.ts'

const APP = 'https://app.example.com/deep?a=1'
const VAULT = 'https://vault.example.com/'
const lab = await openLab()
after(() => lab.close())

const home = (rd: string): string => `/?${new URLSearchParams({ rd, rm: 'GET' })}`
const text = (body: string): string =>
  body
    .replace(/<[^>]*>/g, ' ')
    .replaceAll('&#39;', "'")
    .replace(/\s+/g, ' ')

test('a long name of a host breaks after its dots, a short one doesn’t', async () => {
  const long = 'a-rather-long-name.department.example.com'
  const { body } = await lab.client().get(`/?rd=${encodeURIComponent(`https://${long}/x.y`)}`)
  assert.match(body, /<strong>a-rather-long-name\.<wbr>department\.<wbr>example\.<wbr>com<\/strong>/)
  assert.match(body, /name="rd" value="https:\/\/a-rather-long-name\.department\.example\.com\/x\.y"/)
  assert.match(body, /<p>auth\.example\.com<\/p>/)
})

test('the page says where one returns to', async () => {
  const { status, body } = await lab.client().get(home(APP))
  assert.equal(status, 200)
  assert.match(body, /to continue to <strong>app\.example\.com<\/strong>/)
  assert.match(body, /<title>Sign in · Latchkey<\/title>/)
  assert.match(body, /<html lang="en" data-theme="auto">/)
})

test('password, then away: each step is a redirect to a page of our own, the last page goes on by itself', async () => {
  const client = lab.client()
  const posted = await client.signIn('alice', { rd: APP, rm: 'GET' })
  assert.equal(posted.status, 303)
  assert.equal(posted.headers.location, `/?rd=${encodeURIComponent(APP)}&rm=GET&done=sign-in`)
  const leaving = await client.get(posted.headers.location ?? '')
  assert.equal(leaving.status, 200)
  assert.match(leaving.body, /<meta http-equiv="refresh" content="0;url=https:\/\/app\.example\.com\/deep\?a=1">/)
})

test('whoever is signed in already and comes by a link is sent on at once', async () => {
  const client = lab.client()
  await client.signIn('alice')
  const { status, headers, body } = await client.get(home(APP))
  assert.deepEqual([status, headers.location, body], [302, APP, ''])
})

test('password and code where the place demands it', async () => {
  const client = lab.client()
  const afterPassword = await client.signIn('alice', { rd: VAULT, rm: 'GET' })
  const asked = await client.get(afterPassword.headers.location ?? '')
  assert.match(asked.body, /autocomplete="one-time-code"/)
  const sessionBefore = client.cookies.get('__Secure-latchkey_session')
  const wrong = await client.post('/2fa', { rd: VAULT, rm: 'GET', code: '000000' })
  assert.equal(wrong.status, 403)
  assert.match(text(wrong.body), /That code didn’t work\. Each code works once/)
  const right = await client.post('/2fa', { rd: VAULT, rm: 'GET', code: '123 456' })
  assert.equal(right.status, 303)
  assert.notEqual(client.cookies.get('__Secure-latchkey_session'), sessionBefore)
  const leaving = await client.get(right.headers.location ?? '')
  assert.match(leaving.body, /content="0;url=https:\/\/vault\.example\.com\/"/)
  // MFA-06: a new sign-in begins at level 1 again
  await client.signIn('alice')
  assert.match((await client.get(home(VAULT))).body, /autocomplete="one-time-code"/)
})

test('ENU-01 every refusal has the same status, words and headers', async () => {
  const answers = []
  for (const username of ['alice', 'bob', 'nobody', '__proto__', 'alice ']) {
    const { status, headers, body } = await lab.client().post('/', { username, password: 'wrong' })
    const { date: _, 'content-length': _length, 'content-security-policy': csp, ...rest } = headers
    const nonce = /'nonce-([^']*)'/.exec(String(csp))?.[1] ?? ''
    answers.push({ status, ...rest, body: body.replaceAll(nonce, '').replace(`value="${username}"`, '') })
  }
  assert.equal(answers[0]?.status, 401)
  assert.match(text(answers[0]?.body ?? ''), /That didn’t work\. Check your username and password/)
  for (const answer of answers) assert.deepEqual(answer, answers[0])
})

test('a refused sign-in keeps what was typed, but never the password', async () => {
  const { body } = await lab
    .client()
    .post('/', { username: 'alice', password: 'hunter2-typed', remember: 'yes', rd: APP })
  assert.match(body, /value="alice"/)
  assert.match(body, /value="yes" checked/)
  assert.match(body, /value="https:\/\/app\.example\.com\/deep\?a=1"/)
  assert.doesNotMatch(body, /hunter2-typed/)
  assert.match(body, /<title>Problem: Sign in/)
  assert.match(body, /role="alert"/)
})

test('an empty field is asked for, and nobody is asked about it', async () => {
  const { status, body } = await lab.client().post('/', { username: '', password: '' })
  assert.equal(status, 400)
  assert.match(text(body), /Enter your username and your password/)
})

test('a refused sign-in leaves an existing session alone', async () => {
  const client = lab.client()
  await client.signIn('alice')
  await client.post('/', { username: 'alice', password: 'wrong' })
  assert.equal((await client.get(home(APP))).status, 302)
})

test('remember-me is offered where it is configured, and nowhere else', async () => {
  const [domain] = lab.settings.cookies
  assert.ok(domain)
  const off = await openLab({ cookies: [{ ...domain, rememberMe: 0 }] })
  try {
    assert.match((await lab.client().get('/')).body, /name="remember"/)
    assert.doesNotMatch((await off.client().get('/')).body, /name="remember"/)
  } finally {
    await off.close()
  }
})

test('a browser that keeps no cookies is told so instead of being asked again and again', async () => {
  const posted = await lab.client().signIn('alice', { rd: APP })
  const { body } = await lab.client().get(posted.headers.location ?? '')
  assert.match(text(body), /your browser didn’t keep the sign-in cookie/)
})

test('whoever is sent back at once is shown why, and the next try is a fresh one', async () => {
  const client = lab.client()
  await client.signIn('alice')
  assert.equal((await client.get(home(APP))).status, 302)
  const back = await client.get(home(APP))
  assert.equal(back.status, 200)
  assert.match(text(back.body), /may go to app\.example\.com, but it keeps sending you back here/)
  assert.equal((await client.get(home(APP))).status, 302)
})

test('a chain of redirects through the portal ends, whatever the application does', async () => {
  for (const username of ['alice', 'bob', 'eve'])
    for (const rd of [APP, VAULT, 'https://deny.example.com/', 'https://auth.example.com/', 'https://evil.com/']) {
      const client = lab.client()
      await client.signIn(username)
      let hops = 0
      for (let path: string | undefined = home(rd); path !== undefined; hops++) {
        const { headers } = await client.get(path)
        // an application that always sends back
        path = headers.location?.startsWith('https:') ? home(headers.location) : headers.location
        assert.ok(hops < 5, `${username} ${rd}`)
      }
    }
})

test('RED-04 a place that is denied is named, not linked', async () => {
  const client = lab.client()
  await client.signIn('alice')
  const { status, headers, body } = await client.get(home('https://deny.example.com/x'))
  assert.deepEqual([status, headers.location], [403, undefined])
  assert.match(text(body), /your account has no access to deny\.example\.com\./)
  assert.doesNotMatch(body, /href="https:\/\/deny/)
})

const UNSAFE = [
  'https://evil.com',
  '//evil.com',
  '///evil.com',
  '/\\evil.com',
  '\\\\evil.com',
  'https:evil.com',
  'https:/evil.com',
  'https:\\\\evil.com',
  'https://example.com@evil.com',
  'https://evil.com#.example.com',
  'https://evil.com?.example.com',
  'https://evil.com\\.example.com',
  'https://evil.com/.example.com',
  'https://example.com.evil.com',
  'https://notexample.com',
  'https://evil.com%2f.example.com',
  'http://app.example.com',
  'javascript:alert(1)//app.example.com',
  'data:text/html,x',
  ' https://evil.com',
  'ht\ttps://evil.com',
  'https://app.example.com:99999',
  'https://user@app.example.com',
  'https://evil.com\r\nLocation: https://evil.com',
  `https://evil.com/${'x'.repeat(10_000)}`,
  '/..//evil.example',
  '/.//evil.example',
  '/%2e%2e//evil',
]

test('RED-01 RED-06 an unsafe rd leads nowhere: not by redirect, not by link, not by form', async () => {
  const signedIn = lab.client()
  await signedIn.signIn('alice')
  for (const rd of UNSAFE) {
    const query = new URLSearchParams({ rd, rm: 'GET' })
    const answers = [
      await lab.client().get(`/?${query}`),
      await signedIn.get(`/?${query}`),
      await signedIn.get(`/?${query}&done=sign-in`),
      await signedIn.get(`/2fa?${query}`),
      await signedIn.get(`/logout?${query}`),
      await lab.client().get(`/logout?${query}`),
      await signedIn.get(`/register/one-time-code?${query}`),
      await lab.client().signIn('bob', { rd }),
    ]
    for (const { headers, body } of answers) {
      assert.doesNotMatch(headers.location ?? '', /evil|user@|99999|javascript/, rd)
      for (const [, attribute] of body.matchAll(/(?:href|action|content|value)="([^"]*)"/g))
        assert.doesNotMatch(attribute ?? '', /evil|user@|99999|javascript|data:/, rd)
    }
  }
  const { body } = await lab.client().get('/?rd=https://evil.com')
  assert.match(text(body), /isn’t one of the places this sign-in serves/)
})

test('RED-01 rd given twice is no rd', async () => {
  const client = lab.client()
  await client.signIn('alice')
  const { status, headers } = await client.get('/?rd=https://app.example.com/&rd=https://evil.com/')
  assert.deepEqual([status, headers.location], [200, undefined])
})

test('RED-03 the portal is not a place to return to', async () => {
  const client = lab.client()
  await client.signIn('alice')
  for (const rd of [
    'https://auth.example.com/',
    'https://auth.example.com/logout',
    'https://auth.example.com/api/state',
  ]) {
    const { status, headers } = await client.get(home(rd))
    assert.deepEqual([status, headers.location], [200, undefined], rd)
  }
})

test('RED-07 what rd says stays out of the log, and out of what other sites get to see', async () => {
  const before = lab.logged.length
  const { headers } = await lab.client().get(home('https://app.example.com/?token=canary'))
  assert.equal(headers['referrer-policy'], 'same-origin')
  assert.doesNotMatch(lab.logged.slice(before).join('\n'), /canary/)
})

test('INJ-08 nothing that was sent breaks out of a header', async () => {
  const client = lab.client()
  await client.signIn('alice')
  for (const rd of [
    'https://app.example.com/a%0d%0aX-Evil:1',
    'https://app.example.com/ü"x',
    'https://app.example.com/\u2028',
  ]) {
    const { status, headers } = await client.get(home(rd))
    assert.equal(status, 302, rd)
    assert.equal(headers['x-evil'], undefined)
    assert.match(headers.location ?? '', /^https:\/\/app\.example\.com\/[\x21-\x7e]*$/)
  }
})

test('too many attempts: what happened, and how long to wait', async () => {
  lab.mood = 'throttled'
  const { status, headers, body } = await lab.client().signIn('alice')
  lab.mood = 'usual'
  assert.equal(status, 429)
  assert.equal(headers['retry-after'], '125')
  assert.match(text(body), /try again in about 3 minutes/)
})

test('codes by form and by API share one limit by address', async () => {
  const own = await openLab()
  try {
    const client = own.client()
    await client.signIn('alice')
    let last = 0
    for (let i = 0; i < 31; i++) last = (await client.post('/2fa', { code: '000000' })).status
    assert.equal(last, 429)
    const json = { 'content-type': 'application/json' }
    const viaApi = await client.send('POST', '/api/secondfactor/totp', json, JSON.stringify({ token: CODE }))
    assert.equal(viaApi.status, 429)
  } finally {
    await own.close()
  }
})

test('signing out: GET asks, POST does it, and the way back is offered', async () => {
  const client = lab.client()
  await client.signIn('alice')
  const sessions = lab.sessionCount()
  const asked = await client.get('/logout?rd=https://app.example.com/')
  assert.match(text(asked.body), /Sign out\?/)
  assert.equal(lab.sessionCount(), sessions)
  const done = await client.post('/logout', { rd: 'https://app.example.com/' })
  assert.equal(done.status, 303)
  assert.equal(done.headers['clear-site-data'], '"cache", "storage"')
  assert.equal(lab.sessionCount(), sessions - 1)
  assert.equal(client.cookies.has('__Secure-latchkey_session'), false)
  const after = await client.get(done.headers.location ?? '')
  assert.match(text(after.body), /You’re signed out/)
  assert.match(after.body, /<a href="https:\/\/app\.example\.com\/" rel="noopener">Back to app\.example\.com<\/a>/)
})

test('signing out without being signed in is fine', async () => {
  const client = lab.client()
  assert.match(text((await client.get('/logout')).body), /You’re signed out/)
  assert.equal((await client.post('/logout', {})).status, 303)
})

test('the page of somebody signed in lists the places he may open, with the port of the portal', async () => {
  const [domain] = lab.settings.cookies
  assert.ok(domain)
  const own = await openLab({ cookies: [{ ...domain, portalUrl: 'https://auth.example.com:8443/' }] })
  try {
    const client = own.client()
    await client.signIn('alice')
    const { body } = await client.get('/')
    assert.match(text(body), /Alice Liddell Signed in with a password/)
    const links = [...body.matchAll(/<li><a href="([^"]*)"/g)].map(([, url]) => url)
    assert.deepEqual(
      links,
      ['app', 'vault', 'wiki'].map((name) => `https://${name}.example.com:8443/`),
    )
    assert.match(body, /vault\.example\.com<\/span><span class="badge">asks for a second proof/)
  } finally {
    await own.close()
  }
})

test('LIF-01 a user who is gone is not signed in any more', async () => {
  const own = await openLab()
  try {
    const client = own.client()
    await client.signIn('alice')
    own.settings = { ...own.settings, findUser: () => undefined }
    const { status, body } = await client.get(home(APP))
    assert.equal(status, 200)
    assert.match(body, /name="password"/)
  } finally {
    await own.close()
  }
})

test('COO-05 a session cookie without the portal’s own is not signed in at the portal', async () => {
  const attacker = lab.client()
  await attacker.signIn('bob')
  const victim = lab.client()
  victim.cookies.set('__Secure-latchkey_session', attacker.cookies.get('__Secure-latchkey_session') ?? '')
  assert.match((await victim.get('/')).body, /name="password"/)
  assert.equal((await victim.get('/register/one-time-code')).headers.location, '/')
})

test('COO-01 our own cookie has the attributes of a cookie of the portal alone', async () => {
  const client = lab.client()
  await client.signIn('alice')
  const { headers } = await client.get(home(APP))
  assert.deepEqual(headers['set-cookie']?.length, 1)
  assert.match(
    headers['set-cookie']?.[0] ?? '',
    /^__Host-latchkey_sent=[\w-]{16}; Path=\/; Max-Age=10; Secure; HttpOnly; SameSite=Lax$/,
  )
})

test('CSR-04 COO-08 looking at pages sets no cookie for strangers', async () => {
  for (const path of ['/', home(APP), '/2fa', '/logout', '/register/one-time-code', '/none', '/?done=sign-in'])
    assert.equal((await lab.client().get(path)).headers['set-cookie'], undefined, path)
})
