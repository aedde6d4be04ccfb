// What the catalogue doesn't name: two domains, two hosts, two families and two answers played against each other.
import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { exchange, parseResponses } from '../server/raw-http.ts'
import {
  assertAllowed,
  assertClosed,
  assertLogin,
  authRequest,
  CLIENT,
  cookiesOf,
  extAuthz,
  forwardAuth,
  legacy,
  OWN,
  PASSWORD,
  PROTOCOLS,
  PROXY,
  portalHeaders,
  SESSION,
  startLab,
} from './lab.ts'

const lab = await startLab({ quick: true })
after(() => lab.close())
const ONE = 'https://one.example.com/'
const head = (line: string, headers: readonly (readonly [string, string])[], ...more: string[]): string =>
  `${[line, ...headers.map((pair) => pair.join(': ')), ...more].join('\r\n')}\r\n\r\n`

test('a session of one domain is none of another, with whatever cookie of the other portal beside it', async () => {
  const here = await lab.signedIn('carol', 1)
  const there = await lab.signedIn('carol', 1, { host: 'login.example.org' })
  assertAllowed(await there.asks('https://app.example.org/'), 'carol', 'at home')
  for (const ask of Object.values(PROTOCOLS)) {
    const away = await lab.ask(ask(ONE, { cookie: there.session }))
    assertClosed(away, ask.name)
  }
  const portal = (host: string, cookie: string) => lab.browser(host).send('GET', '/api/state', '', [], cookie)
  for (const [host, cookie] of [
    ['auth.example.com', there.cookie],
    ['login.example.org', here.cookie],
    ['auth.example.com', `${there.session}; ${OWN}=${here.jar.get(OWN)}`],
    ['auth.example5.com', here.cookie],
  ] as const) {
    assert.match((await portal(host, cookie)).body, /"username":""/, host)
  }
  const crossed = `${here.session}; ${OWN}=${there.jar.get(OWN)}`
  const json = [['Content-Type', 'application/json']] as const
  const body = '{"method":"totp"}'
  const changed = await lab.browser().send('POST', '/api/user/info/2fa_method', body, json, crossed)
  assert.equal(changed.status, 403)
  // Signing out with a foreign cookie ends nothing at its home
  const out = await lab.browser('auth.example.com').send('POST', '/api/logout', '{}', json, there.cookie)
  assert.equal(out.status, 200)
  assertAllowed(await there.asks('https://app.example.org/'), 'carol', 'still at home')
})

test('the portal is where the proxy says and nowhere else, in no spelling', async () => {
  const at = (headers: readonly (readonly [string, string])[]) => lab.ask({ path: '/api/state', headers })
  const real = [
    ['X-Forwarded-Proto', 'https'],
    ['X-Forwarded-For', CLIENT],
  ] as const
  for (const host of ['AUTH.example.com', 'auth.example.com:443', 'auth.example.com:1234']) {
    assert.equal((await at([...real, ['Host', host]])).status, 200, host)
  }
  for (const host of [
    'auth.example.com.',
    'auth.example.com@evil.com',
    'evil.com@auth.example.com',
    'auth.example.com,evil.com',
    'auth.example.com evil.com',
    'auth.example.com/',
    'auth.example.com#',
    'auth.example.com%00',
    '.auth.example.com',
    'auth.example.com:',
    'auth.example.com:99999',
    'xauth.example.com',
    'app.example.com',
    'evil.com',
    '[::1]',
  ]) {
    const answer = await at([...real, ['Host', host]])
    assert.ok([400, 403, 404].includes(answer.status), `${host} → ${answer.status}`)
    const page = await lab.ask({ path: '/', headers: [...real, ['Host', `${host}<script>`], ['Accept', 'text/html']] })
    assert.ok(page.status >= 400, host)
    assert.doesNotMatch(page.body, /<script>/)
    const forwarded = await at([...real, ['Host', 'auth.example.com'], ['X-Forwarded-Host', host]])
    assert.ok([400, 403, 404].includes(forwarded.status), `forwarded ${host} → ${forwarded.status}`)
  }
  const plain = await at([
    ['X-Forwarded-Proto', 'http'],
    ['X-Forwarded-For', CLIENT],
    ['Host', 'auth.example.com'],
  ])
  assert.equal(plain.status, 403, 'in the clear there is none')
})

test('a request for an upgrade is one question, and nothing that follows it is read', async () => {
  const carol = await lab.signedIn('carol', 1)
  const question = (url: string, cookie?: string) => {
    const { headers = [] } = forwardAuth(url, cookie === undefined ? {} : { cookie })
    return [['Host', 'authz'], ...headers] as const
  }
  const upgrade = [
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
  ]
  const line = 'GET /api/authz/forward-auth HTTP/1.1'
  const hidden = head(line, question('https://public.example.com/'), 'Connection: close')
  for (const protocol of ['websocket', 'h2c', 'TLS/1.0', 'HTTP/2.0']) {
    const more = upgrade
      .map((one) => one.replace('websocket', protocol))
      .concat('HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA')
    const bytes = await exchange(
      lab.port,
      head(line, question('https://admin.example.com/', carol.session), ...more) + hidden,
      PROXY,
    )
    const answers = parseResponses(bytes)
    assert.equal(answers.length, 1, `${protocol}: what follows is neither a question nor part of one`)
    assert.equal(answers[0]?.status, 401, `${protocol}: no switch, and no pass`)
  }
  const first = head(
    'POST /api/firstfactor HTTP/1.1',
    portalHeaders('auth.example.com'),
    ...upgrade,
    'Content-Length: 0',
  )
  const [answer] = parseResponses(await exchange(lab.port, first + hidden, PROXY))
  assert.equal(answer?.status, 415)
})

test('requests in one connection share nothing: who was signed in before is not who asks next', async () => {
  const carol = await lab.signedIn('carol', 1)
  const line = 'GET /api/authz/forward-auth HTTP/1.1'
  const of = (cookie?: string, ...more: string[]) =>
    head(line, [['Host', 'a'], ...(forwardAuth(ONE, cookie === undefined ? {} : { cookie }).headers ?? [])], ...more)
  const stream = [of(carol.session), of(), of(carol.session), of(`${SESSION}=x`), of(undefined, 'Connection: close')]
  const answers = parseResponses(await exchange(lab.port, stream.join(''), PROXY))
  assert.deepEqual(
    answers.map(({ status, headers }) => [status, headers['remote-user']]),
    [200, 302, 200, 302, 302].map((status) => [status, status === 200 ? 'carol' : undefined]),
  )
})

test('bodies that pose as requests are bodies', async () => {
  const inner = head('GET /api/authz/forward-auth HTTP/1.1', [
    ['Host', 'a'],
    ...(forwardAuth('https://public.example.com/').headers ?? []),
  ])
  const outer = [['Host', 'a'], ...(forwardAuth('https://admin.example.com/').headers ?? [])] as const
  const bodies = [
    `${head('GET /api/authz/forward-auth HTTP/1.1', outer, `Content-Length: ${inner.length}`, 'Connection: close')}${inner}`,
    `${head('GET /api/authz/forward-auth HTTP/1.1', outer, 'Content-Length: 0', `Content-Length: ${inner.length}`)}${inner}`,
    `${head('GET /api/authz/forward-auth HTTP/1.1', outer, 'Content-Length: 4', 'Transfer-Encoding: chunked')}0\r\n\r\n${inner}`,
    `${head('GET /api/authz/forward-auth HTTP/1.1', outer, 'Transfer-Encoding: chunked, identity')}0\r\n\r\n${inner}`,
    `${head('GET /api/authz/forward-auth HTTP/1.1', outer, 'Transfer-Encoding : chunked')}0\r\n\r\n${inner}`,
    `${head('GET /api/authz/forward-auth HTTP/1.1', outer, 'X: y\r\n folded: z')}${inner}`,
    head('GET /api/authz/forward-auth HTTP/1.1', outer).replaceAll('\r\n', '\n') + inner,
    head('GET /api/authz/forward-auth HTTP/1.1', outer, 'X-A: b\rX-Forwarded-Host: public.example.com'),
    head('GET /api/authz/forward-auth HTTP/1.1', outer, 'X-A: b\0c'),
  ]
  for (const bytes of bodies) {
    const answers = parseResponses(await exchange(lab.port, bytes, PROXY))
    assert.equal(answers.length, 1, JSON.stringify(bytes.slice(0, 80)))
    assert.ok([302, 400].includes(answers[0]?.status ?? 0), String(answers[0]?.status))
  }
})

test('an rd given twice, a path of pieces and odd methods lead nowhere', async () => {
  const twice = await lab.browser().get('/?rd=https%3A%2F%2Fone.example.com%2F&rd=https%3A%2F%2Fevil.com%2F')
  assert.doesNotMatch(twice.body, /evil\.com|value="https:\/\/one/)
  const rm = await lab.browser().get('/?rd=https%3A%2F%2Fone.example.com%2F&rm="><script>alert(1)</script>')
  assert.doesNotMatch(rm.body, /<script>alert/)
  for (const path of [
    '//evil.com/',
    '//evil.com/%2e%2e',
    '/\\evil.com',
    '///api/state',
    '/2fa//',
    '/2fa/..//evil.com',
    '/logout%2f',
    '//logout',
  ]) {
    const { status, headers } = await lab.browser().get(path)
    assert.equal(status, 404, `${path} → ${status} ${headers['location']}`)
  }
  for (const path of ['/api/state/', '/api/firstfactor/', '/api/state/?x=//evil.com']) {
    const { headers } = await lab.browser().get(path)
    assert.doesNotMatch(headers['location'] ?? '..', /^\/\/|^\/\\|^[a-z]+:/i, path)
  }
})

test('an identity is never taken from what a proxy may copy back from us', async () => {
  const lines = [
    ['Remote-User', 'alice'],
    ['Remote-Groups', 'admins'],
    ['Remote-Name', 'Alice'],
    ['Remote-Email', 'alice@example.com'],
    ['X-Forwarded-User', 'alice'],
    ['Authelia-User', 'alice'],
  ] as const
  const carol = await lab.signedIn('carol', 1)
  for (const ask of Object.values(PROTOCOLS)) {
    const mine = await lab.ask(ask(ONE, { cookie: carol.session, extra: lines }))
    assertAllowed(mine, 'carol', ask.name)
    assert.deepEqual(
      [mine.headers['remote-groups'], mine.headers['remote-email'], mine.headers['remote-name']],
      ['', '', 'Carol'],
    )
    assertAllowed(await lab.ask(ask('https://public.example.com/', { extra: lines })), '', ask.name)
  }
})

test('two answers at once: rights that change between two requests are those of the later one', async () => {
  const bob = await lab.signedIn('bob', 2)
  const cookie = bob.session
  const out = bob.post('/api/logout', {})
  const asked = Array.from({ length: 30 }, () => lab.ask(forwardAuth('https://admin.example.com/', { cookie })))
  await out
  const later = await lab.ask(forwardAuth('https://admin.example.com/', { cookie }))
  assertLogin(later, 'once signing out was answered')
  // in the order they were sent, nobody passes again after somebody was turned away
  const statuses = (await Promise.all(asked)).map(({ status }) => status)
  assert.deepEqual(
    [...new Set(statuses)].filter((status) => status !== 200 && status !== 302),
    [],
  )
  assert.deepEqual(cookiesOf(later), [])
})

test('a portal address that a question names is no way to collect passwords', async () => {
  for (const address of [
    'https://evil.com/',
    'https://auth.example.com.evil.com/',
    'https://auth.example.com@evil.com/',
    '//evil.com/',
    'javascript:alert(1)',
    'https://app.example.com/phish',
    'https://auth.example.com:8443/',
    'http://auth.example.com/',
    'https://auth.example.com\\@evil.com/',
  ]) {
    const encoded = encodeURIComponent(address)
    const asks = [
      { ...forwardAuth(ONE), path: `/api/authz/forward-auth?authelia_url=${encoded}&rd=${encoded}` },
      { ...authRequest(ONE), path: `/api/authz/auth-request?authelia_url=${encoded}&rd=${encoded}` },
      { ...legacy(ONE), path: `/api/verify?rd=${encoded}` },
      extAuthz(ONE, { extra: [['X-Authelia-URL', address]] }),
    ]
    for (const ask of asks) {
      const answer = await lab.ask(ask)
      assertClosed(answer, address)
      const location = answer.headers['location']
      if (location !== undefined)
        assert.ok(location.startsWith('https://auth.example.com/?'), `${address} → ${location}`)
      assert.doesNotMatch(answer.body, /evil\.com|javascript:|phish/)
    }
  }
})

test('on a unix socket the peer is trusted, its clients are not', async (t) => {
  const path = join(lab.folder, 'latchkey.sock')
  const local = await startLab({ changes: { server: { address: `unix://${path}` } } })
  t.after(() => local.close())
  const ask = (bytes: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const socket = connect(path)
      let text = ''
      socket.setEncoding('latin1').on('data', (chunk) => {
        text += String(chunk)
      })
      socket.on('error', reject).on('close', () => resolve(text))
      socket.write(bytes)
    })
  const question = (url: string, client: string) =>
    head(
      'GET /api/authz/forward-auth HTTP/1.1',
      [['Host', 'a'], ...(forwardAuth(url, { client }).headers ?? [])],
      'Connection: close',
    )
  const status = async (url: string, client: string) => parseResponses(await ask(question(url, client)))[0]?.status
  assert.equal(await status('https://internal.example.com/', '10.0.0.5, 203.0.113.9'), 302)
  assert.equal(await status('https://internal.example.com/', '10.0.0.5'), 200)
  assert.equal(await status('https://internal.example.com/', ''), 302, 'without an address nobody is internal')
  assert.equal(await status('https://internal.example.com/', '10.0.0.5, unix'), 400)
  assert.equal(await status('https://admin.example.com/', '10.0.0.5'), 302)
})

test('a password as long as a body, an odd one, and one with a line break are passwords', async () => {
  for (const password of [
    'x'.repeat(50_000),
    '\u0000',
    `${PASSWORD}\u0000`,
    `${PASSWORD}\n`,
    ` ${PASSWORD}`,
    PASSWORD.toUpperCase(),
    '\ud800',
  ]) {
    lab.clock.advance(10 * 60_000)
    const { status } = await lab
      .browser('auth.example.com', '198.18.8.1')
      .post('/api/firstfactor', { username: 'carol', password })
    assert.equal(status, 401, JSON.stringify(password.slice(0, 30)))
  }
})
