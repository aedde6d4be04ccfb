import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { type Answer, openLab, PASSWORD } from './lab.ts'

const lab = await openLab()
after(() => lab.close())

/** One answer of every kind the portal gives. */
async function everyAnswer(): Promise<readonly (readonly [string, Answer])[]> {
  const [stranger, alice, bob, late] = [lab.client(), lab.client(), lab.client(), lab.client()]
  await late.signIn('bob')
  lab.clock.advance(5 * 60_000)
  await alice.signIn('alice')
  await bob.signIn('bob')
  const form = { 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': 'same-origin' }
  const answers: (readonly [string, Answer])[] = [
    ['sign in', await stranger.get('/?rd=https://app.example.com/')],
    ['refused', await stranger.post('/', { username: 'alice', password: 'x' })],
    ['code', await alice.get('/?rd=https://vault.example.com/')],
    ['code refused', await alice.post('/2fa', { code: '000000' })],
    ['redirect', await alice.get('/?rd=https://app.example.com/')],
    ['sent back', await alice.get('/?rd=https://app.example.com/')],
    ['leaving', await alice.get('/?rd=https://wiki.example.com/&done=sign-in')],
    ['forbidden', await alice.get('/?rd=https://deny.example.com/')],
    ['confirm', await late.get('/confirm?for=/register/one-time-code')],
    ['register', await bob.get('/register/one-time-code')],
    ['signed in', await alice.get('/')],
    ['sign out', await alice.get('/logout')],
    ['not found', await stranger.get('/none')],
    ['not found for programs', await stranger.get('/static/none.css')],
    ['method', await stranger.send('PUT', '/')],
    ['cross-site', await stranger.post('/', {}, { 'sec-fetch-site': 'cross-site' })],
    ['too large', await stranger.send('POST', '/', form, `rd=${'x'.repeat(70_000)}`)],
    ['too many fields', await stranger.send('POST', '/', form, 'a=1&'.repeat(30))],
    ['wrong host', await stranger.get('/', { host: 'evil.com' })],
    ['not https', await stranger.get('/', { 'x-forwarded-proto': 'http' })],
    ['bad escape', await stranger.get('/%zz')],
  ]
  lab.mood = 'broken'
  answers.push(['broken', await stranger.signIn('alice')])
  lab.mood = 'throttled'
  answers.push(['too many', await stranger.signIn('alice')])
  lab.mood = 'usual'
  return answers
}
const ANSWERS = await everyAnswer()
const PAGES = ANSWERS.filter(([, { headers }]) => headers['content-type']?.startsWith('text/html'))

test('BRW-01 no page can be framed, whatever its status', () => {
  assert.ok(PAGES.length >= 17)
  for (const [name, { headers }] of ANSWERS) {
    assert.match(String(headers['content-security-policy']), /frame-ancestors 'none'/, name)
    assert.equal(headers['x-frame-options'], 'DENY', name)
  }
})

test('BRW-02 every page has a strict policy with a nonce of its own, and uses it', () => {
  const nonces = new Set<string>()
  for (const [name, { headers, body }] of PAGES) {
    const policy = String(headers['content-security-policy'])
    assert.match(policy, /^default-src 'none'; script-src 'nonce-[\w-]{32}'; style-src 'nonce-[\w-]{32}';/, name)
    assert.doesNotMatch(policy, /unsafe/, name)
    const nonce = /'nonce-([^']*)'/.exec(policy)?.[1] ?? ''
    assert.equal(nonces.has(nonce), false, name)
    nonces.add(nonce)
    assert.equal([...body.matchAll(/<(?:script|link rel="stylesheet")[^>]*>/g)].length, 2, name)
    assert.equal(body.split(`nonce="${nonce}"`).length, 3, name)
  }
})

test('BRW-05 CSR-07 every answer has the headers that keep browsers strict', () => {
  for (const [name, { headers }] of ANSWERS) {
    assert.equal(headers['x-content-type-options'], 'nosniff', name)
    assert.equal(headers['referrer-policy'], 'same-origin', name)
    assert.equal(headers['cross-origin-opener-policy'], 'same-origin', name)
    assert.equal(headers['cross-origin-resource-policy'], 'same-origin', name)
    assert.match(String(headers['permissions-policy']), /camera=\(\)/, name)
    assert.equal(headers['x-powered-by'], undefined, name)
    assert.equal(headers['server'], undefined, name)
    if (headers['content-type']) assert.match(headers['content-type'], /; charset=utf-8$/, name)
  }
})

test('BRW-08 nothing the portal says about somebody is kept', () => {
  for (const [name, { headers }] of ANSWERS) assert.equal(headers['cache-control'], 'no-store', name)
})

test('CSR-05 no answer opens the door to another origin', async () => {
  for (const origin of ['https://evil.com', 'https://app.example.com', 'null', 'https://auth.example.com.evil.com'])
    for (const method of ['GET', 'OPTIONS', 'POST'])
      for (const path of ['/', '/2fa', '/logout', '/register/one-time-code', '/none']) {
        const asked = { origin, 'access-control-request-method': 'POST', 'content-type': 'text/plain' }
        const { headers } = await lab.client().send(method, path, asked)
        assert.deepEqual(
          Object.keys(headers).filter((name) => name.startsWith('access-control-')),
          [],
        )
      }
})

test('the status of every answer is the one that fits', () => {
  assert.deepEqual(Object.fromEntries(ANSWERS.map(([name, { status }]) => [name, status])), {
    'sign in': 200,
    refused: 401,
    code: 200,
    'code refused': 403,
    redirect: 302,
    'sent back': 200,
    leaving: 200,
    forbidden: 403,
    confirm: 200,
    register: 200,
    'signed in': 200,
    'sign out': 200,
    'not found': 404,
    'not found for programs': 404,
    method: 405,
    'cross-site': 403,
    'too large': 413,
    'too many fields': 413,
    'wrong host': 421,
    'not https': 400,
    'bad escape': 404,
    broken: 500,
    'too many': 429,
  })
})

test('BRW-04 what a visitor or the directory says is shown as text', async () => {
  const payload = `"><script>alert(1)</script><img src=x onerror=alert(1)>`
  const client = lab.client()
  const answers = [
    await client.post('/', { username: payload, password: 'x', rd: payload, rm: payload }),
    await client.get(`/?${new URLSearchParams({ rd: payload, rm: payload, done: payload })}`, { referer: payload }),
    await client.get(`/${encodeURIComponent(payload)}`, { referer: payload, 'accept-language': payload }),
    await client.get('/', { host: payload }),
    await client.signIn('eve').then(() => client.get('/')),
  ]
  for (const { body } of answers) assert.doesNotMatch(body, /<script>|<img/)
  assert.match(answers[4]?.body ?? '', /&lt;img src=x onerror=/)
})

const FORMS = ['/', '/2fa', '/confirm', '/register/one-time-code/confirm', '/logout']

test('CSR-01 CSR-02 CSR-03 a form from elsewhere does nothing, whoever sends it', async () => {
  const foreign: Record<string, string>[] = [
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { 'sec-fetch-site': 'none' },
    { 'sec-fetch-site': 'same-site', origin: 'https://auth.example.com' },
    { origin: 'https://evil.com' },
    { origin: 'https://app.example.com' },
    { origin: 'null' },
    { referer: 'https://auth.example.com/' },
    {},
  ]
  const fields = new URLSearchParams({ username: 'alice', password: PASSWORD, code: '123456' }).toString()
  const client = lab.client()
  await client.signIn('bob')
  const sessions = lab.sessionCount()
  for (const path of FORMS)
    for (const headers of foreign) {
      const form = { 'content-type': 'application/x-www-form-urlencoded', ...headers }
      const { status, headers: answer } = await client.send('POST', path, form, fields)
      assert.equal(status, 403, `${path} ${JSON.stringify(headers)}`)
      assert.equal(answer['set-cookie'], undefined)
    }
  assert.equal(lab.sessionCount(), sessions)
})

test('CSR-01 a form of the portal is known by Origin where the browser sends no Sec-Fetch-Site', async () => {
  const form = { 'content-type': 'application/x-www-form-urlencoded', origin: 'https://auth.example.com' }
  const fields = new URLSearchParams({ username: 'alice', password: PASSWORD }).toString()
  assert.equal((await lab.client().send('POST', '/', form, fields)).status, 303)
})

test('CSR-01 a body that is no form signs nobody in', async () => {
  const fields = { username: 'alice', password: PASSWORD }
  for (const [type, body] of [
    ['text/plain', new URLSearchParams(fields).toString()],
    ['text/plain', JSON.stringify(fields)],
    ['application/json', JSON.stringify(fields)],
    ['multipart/form-data; boundary=x', '--x\r\nContent-Disposition: form-data; name="username"\r\n\r\nalice\r\n--x--'],
    ['application/x-www-form-urlencoded; charset=utf-16', new URLSearchParams(fields).toString()],
    ['', new URLSearchParams(fields).toString()],
  ] as const) {
    const headers = { 'sec-fetch-site': 'same-origin', ...(type ? { 'content-type': type } : {}) }
    const { status, headers: answer } = await lab.client().send('POST', '/', headers, body)
    assert.ok(status === 400 || status === 415, `${type}: ${status}`)
    assert.equal(answer['set-cookie'], undefined)
  }
})

test('INJ-01 INJ-02 fields of odd names and shapes are no fields', async () => {
  const form = { 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': 'same-origin' }
  for (const body of [
    'username[]=alice&password[]=x',
    'username=alice&username=bob&password=x',
    '__proto__[username]=alice&__proto__=1&constructor=1',
    'username=alice&password[$ne]=',
    '&&&===%zz',
  ]) {
    const { status } = await lab.client().send('POST', '/', form, body)
    assert.equal(status, 400, body)
  }
  assert.equal(({} as Record<string, unknown>)['username'], undefined)
})

test('CSR-04 MTH-07 a method that changes nothing changes nothing, and an unknown one is refused', async () => {
  const client = lab.client()
  await client.signIn('alice')
  const sessions = lab.sessionCount()
  for (const path of FORMS)
    for (const method of ['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE', 'PATCH']) {
      const { status, headers } = await client.send(method, path)
      if (method === 'GET' || method === 'HEAD')
        assert.ok(status < 500 && (status !== 405 || path.startsWith('/register/')))
      else {
        assert.equal(status, 405)
        assert.match(headers.allow ?? '', path.startsWith('/register/') ? /^POST$/ : /^GET, HEAD, POST$/)
      }
    }
  assert.equal(lab.sessionCount(), sessions)
  assert.equal((await client.get('/')).status, 200)
})

test('HEAD answers like GET, without the page', async () => {
  const { status, headers, body } = await lab.client().send('HEAD', '/')
  assert.equal(status, 200)
  assert.ok(Number(headers['content-length']) > 1000)
  assert.equal(body, '')
})

test('paths are exact', async () => {
  for (const path of ['/LOGOUT', '/logout/', '//logout', '/2FA', '/2fa/', '/register', '/%6cogout/x'])
    assert.equal((await lab.client().get(path)).status, 404, path)
})

test('a failure inside shows an id, which the log has too, and nothing of what happened', () => {
  const broken = ANSWERS.find(([name]) => name === 'broken')?.[1]
  const reference = /<code>([0-9a-f-]{36})<\/code>/.exec(broken?.body ?? '')?.[1] ?? 'none'
  assert.ok(lab.logged.some((line) => line.includes(reference) && line.includes('the portal failed to answer')))
  assert.doesNotMatch(broken?.body ?? '', /secret-in-stack|Error:|\.ts/)
})

test('a host that is no portal of ours is told so, and which header to look at', () => {
  const wrong = ANSWERS.find(([name]) => name === 'wrong host')?.[1]
  assert.match(wrong?.body ?? '', /Check X-Forwarded-Host/)
  assert.doesNotMatch(wrong?.body ?? '', /<form|<a /)
})

test('health answers at any host and over any scheme; the rest of the API does not', async () => {
  for (const headers of [{}, { host: 'evil.com' }, { 'x-forwarded-proto': 'http' }])
    assert.equal((await lab.client().get('/api/health', headers)).status, 200)
  assert.equal((await lab.client().get('/api/state', { host: 'evil.com' })).status, 403)
  assert.equal((await lab.client().get('/api/state')).status, 200)
  assert.equal((await lab.client().get('/api/none')).status, 404)
})

test('with a base path everything works with and without it, and links keep to what one came with', async () => {
  const own = await openLab({ basePath: '/sso' })
  try {
    for (const base of ['', '/sso']) {
      const client = own.client()
      const { body } = await client.get(`${base}/`)
      assert.match(body, new RegExp(`<form method="post" action="${base}/"`))
      const css = /href="([^"]*\.css)"/.exec(body)?.[1] ?? ''
      assert.ok(css.startsWith(`${base}/static/portal.`))
      assert.equal((await client.get(css)).status, 200)
      const posted = await client.post(`${base}/`, { username: 'alice', password: PASSWORD })
      assert.equal(posted.headers.location, `${base}/?done=sign-in`)
      assert.equal((await client.get(`${base}/api/state`)).status, 200)
      assert.equal((await client.get(`${base}/logout`)).status, 200)
    }
    assert.equal((await own.client().get('/sso?rd=https://app.example.com/')).status, 200)
    assert.equal((await own.client().get('/ssox/')).status, 404)
  } finally {
    await own.close()
  }
})

test('the theme of the configuration is on every page, and a change of it takes effect at once', async () => {
  const own = await openLab({ theme: 'oled' })
  try {
    assert.match((await own.client().get('/')).body, /data-theme="oled"/)
    own.settings = { ...own.settings, theme: 'grey' }
    const { body } = await own.client().get('/')
    assert.match(body, /data-theme="grey"/)
    assert.match(body, /name="color-scheme" content="dark"/)
  } finally {
    await own.close()
  }
})

test('BRW-03 an operator’s policy is used with a fresh nonce, and what is weak about it is said once', async () => {
  const placeholder = ['$', '{NONCE}'].join('')
  const own = await openLab({ cspTemplate: `default-src 'self'; style-src 'nonce-${placeholder}' 'unsafe-inline'` })
  try {
    const policyOf = async (): Promise<string> =>
      String((await own.client().get('/')).headers['content-security-policy'])
    const [one, two] = [await policyOf(), await policyOf()]
    assert.match(one, /^default-src 'self'; style-src 'nonce-[\w-]{32}' 'unsafe-inline'$/)
    assert.notEqual(one, two)
    assert.equal(own.logged.filter((line) => line.includes('unsafe-inline')).length, 1)
    own.settings = { ...own.settings, cspTemplate: "default-src 'self'\r\nX-Evil: 1" }
    assert.match(await policyOf(), /^default-src 'none'; script-src 'nonce-/)
  } finally {
    await own.close()
  }
})

test('the sign-in page is at most 15 kB over the wire, everything counted', async () => {
  const page = await lab.client().get('/?rd=https://app.example.com/some/where%3Fof=length&rm=GET')
  const wire = ({ headers, bytes }: Answer): number =>
    bytes.length +
    Object.entries(headers).reduce((sum, [name, value]) => sum + name.length + String(value).length + 4, 17)
  let total = wire(page)
  const addresses = [...page.body.matchAll(/(?:src|<link[^>]*href)="([^"]*)"/g)].map(([, address]) => address ?? '')
  assert.equal(addresses.length, 3)
  for (const address of addresses) total += wire(await lab.client().get(address, { 'accept-encoding': 'gzip' }))
  assert.ok(total <= 15_000, `${total} bytes`)
})
