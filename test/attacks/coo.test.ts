// Cookies: which ones are ever set, and which ones are believed.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { errorsWith } from '../config/loading.ts'
import {
  assertAllowed,
  assertLogin,
  cookiesOf,
  forwardAuth,
  OWN,
  PASSWORD,
  PROTOCOLS,
  SESSION,
  startLab,
} from './lab.ts'

const lab = await startLab({ quick: true })
after(() => lab.close())

const ONE = 'https://one.example.com/'
const JSON_HEADERS = [
  ['Content-Type', 'application/json'],
  ['Origin', 'https://auth.example.com'],
] as const

test('COO-01 every cookie of every page, answer and error is secure, unreadable to scripts, and of the right scope', async () => {
  const seen = new Map<string, Set<string>>()
  const collect = (answer: Awaited<ReturnType<typeof lab.ask>>) => {
    for (const { name, value, line } of cookiesOf(answer)) {
      seen.set(name, (seen.get(name) ?? new Set()).add(line))
      assert.match(line, /; HttpOnly/, line)
      assert.match(line, /; Secure/, line)
      assert.match(line, /; SameSite=(?:Lax|Strict)/, line)
      assert.match(line, /; Path=\/(?:;|$)/, line)
      if (name === SESSION) assert.match(line, /; Domain=example\.com;/, line)
      else assert.doesNotMatch(line, /domain/i, line)
      assert.match(line, name === SESSION ? /^__Secure-[a-z_]+=/ : /^__Host-[a-z_]+=/, line)
      assert.ok(name.length + value.length < 300, line)
    }
  }
  const pages = ['/', '/2fa', '/register/one-time-code', '/nowhere']
  const targets = ['/?rd=https%3A%2F%2Fone.example.com%2F', '/?rd=https%3A%2F%2Fdeny.example.com%2F', '/?rd=x']
  const api = ['/api/state', '/api/user/info', '/api/health', '/api/nowhere', '/api/secondfactor/totp', '/logout']
  const stranger = lab.browser()
  const one = await lab.signedIn('carol', 1)
  const two = await lab.signedIn('alice', 2)
  for (const browser of [stranger, one, two]) {
    for (const path of [...targets, ...pages, ...api]) {
      collect(await browser.get(path))
      collect(await browser.send('OPTIONS', path, '', []))
      collect(await browser.send('POST', path, '{', JSON_HEADERS))
    }
  }
  const form = { username: 'carol', password: PASSWORD, rd: ONE, rm: 'GET' }
  collect(await lab.browser().form('/', form))
  collect(await lab.browser().form('/', { ...form, password: 'wrong' }))
  collect(await lab.browser().post('/api/firstfactor', { username: 'carol', password: PASSWORD, keepMeLoggedIn: true }))
  const alice = await lab.signedIn('alice', 2)
  collect(await alice.post('/api/firstfactor/reauthenticate', { password: PASSWORD }))
  collect(await alice.form('/logout', {}))
  assert.deepEqual([...seen.keys()].toSorted(), [OWN, '__Host-latchkey_sent', SESSION].toSorted())
})

test('COO-03 no name, domain or option of a cookie can smuggle an attribute in', () => {
  const cookies = (over: object) => ({
    session: { cookies: [{ domain: 'example.com', authelia_url: 'https://auth.example.com', ...over }] },
  })
  for (const name of ['a;b', 'a b', 'a=b', 'a\r\nb', 'a,b', 'a"b', 'a\u0000b', 'ä']) {
    assert.notDeepEqual(errorsWith(cookies({ name })), [], `name ${JSON.stringify(name)}`)
    assert.notDeepEqual(errorsWith({ session: { name } }), [], `session.name ${JSON.stringify(name)}`)
  }
  for (const domain of [
    'com',
    'example.com; Path=/x',
    'https://example.com',
    'a b.com',
    'example.com\r\nX: y',
    'exa_mple,com',
  ]) {
    const url = 'https://auth.example.com'
    assert.notDeepEqual(errorsWith(cookies({ domain, authelia_url: url })), [], `domain ${JSON.stringify(domain)}`)
  }
  for (const same_site of ['none; x', 'lax\r\n', 'Lax; Domain=evil.com', 'whatever']) {
    assert.notDeepEqual(errorsWith(cookies({ same_site })), [], `same_site ${JSON.stringify(same_site)}`)
  }
})

test('COO-05 of several session cookies the order says nothing, and the portal believes none', async () => {
  const victim = await lab.signedIn('carol', 1)
  const attacker = await lab.signedIn('bob', 1)
  const junk = `${SESSION}=junk`
  for (const [cookie, user] of [
    [`${attacker.session}; ${victim.session}`, undefined],
    [`${victim.session}; ${attacker.session}`, undefined],
    [`${victim.session}, ${attacker.session}`, undefined],
    [`${junk}; ${victim.session}`, 'carol'],
    [`${victim.session}; ${junk}`, 'carol'],
    [`${victim.session};${victim.session}`, 'carol'],
    [`${victim.session.toLowerCase()}; ${victim.session}`, 'carol'],
  ] as const) {
    const answer = await lab.ask(forwardAuth(ONE, { cookie }))
    if (user === undefined) assertLogin(answer, cookie)
    else assertAllowed(answer, user, cookie)
  }
  const two = forwardAuth(ONE, {
    extra: [
      ['Cookie', attacker.session],
      ['Cookie', victim.session],
    ],
  })
  assertLogin(await lab.ask(two), 'two header lines')
  // The portal, with the victim's own cookie and the attacker's session beside the victim's, or in its place
  for (const session of [`${attacker.session}; ${victim.session}`, `${victim.session}; ${attacker.session}`]) {
    const cookie = `${session}; ${OWN}=${victim.jar.get(OWN)}`
    const { body } = await lab.browser().send('GET', '/api/state', '', [], cookie)
    assert.match(body, /"username":""/)
  }
  const swapped = `${attacker.session}; ${OWN}=${victim.jar.get(OWN)}`
  const page = await lab.browser().send('GET', '/register/one-time-code', '', [['Accept', 'text/html']], swapped)
  assert.doesNotMatch(page.body, /id="secret"/, 'a victim never sets a device up in the attacker’s account')
  const put = '{"algorithm":"SHA1","length":6,"period":30}'
  const offered = await lab.browser().send('PUT', '/api/secondfactor/totp/register', put, JSON_HEADERS, swapped)
  assert.equal(offered.status, 403)
})

test('COO-05 signing in with a tossed cookie beside it ends what was tossed and sets a new one', async () => {
  const attacker = await lab.signedIn('bob', 1)
  const victim = lab.browser()
  victim.jar.set(SESSION, attacker.jar.get(SESSION) ?? '')
  const answer = await victim.post('/api/firstfactor', { username: 'carol', password: PASSWORD })
  assert.equal(answer.status, 200)
  assertAllowed(await victim.asks(ONE), 'carol', 'her own session')
  assertLogin(await attacker.asks(ONE), 'the tossed session')
})

test('COO-06 a name with odd bytes around it is another name', async () => {
  const { session } = await lab.signedIn('carol', 1)
  for (const cookie of [
    `\xe2\x80\x80${session}`,
    `\xa0${session}`,
    `$Version=1 ${session}`,
    `=${session}`,
    `x${session}`,
    session.replace('=', ' ='),
    session.replace('=', '%3D'),
    session.replace('__S', '__s'),
    session.replace('=', '=='),
    `a="; ${session.replace('=', '\\=')}"`,
  ]) {
    for (const ask of Object.values(PROTOCOLS)) assertLogin(await lab.ask(ask(ONE, { cookie })), JSON.stringify(cookie))
    const { body } = await lab.browser().send('GET', '/api/state', '', [], cookie)
    assert.match(body, /"username":""/, JSON.stringify(cookie))
  }
})

test('COO-08 whoever only looks is given no cookie, however often and at once', async () => {
  const answers = Array.from({ length: 200 }, (_, i) => {
    const paths = ['/', '/api/state', '/?rd=https%3A%2F%2Fone.example.com%2F', '/logout', '/2fa', '/nowhere']
    return lab.browser().get(paths[i % paths.length] ?? '/')
  })
  assert.deepEqual((await Promise.all(answers)).flatMap(cookiesOf), [])
})
