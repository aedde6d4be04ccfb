// Sessions over the whole server: what dies must be dead at gate and portal alike, at once and for good.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { codeOfStep, timeStep } from '../../src/login/totp-code.ts'
import { decodeTotpSecret } from '../../src/login/totp-registration.ts'
import {
  assertAllowed,
  assertLogin,
  type Browser,
  cookiesOf,
  forwardAuth,
  OWN,
  PASSWORD,
  SESSION,
  startLab,
  TOTP_SECRETS,
} from './lab.ts'

const lab = await startLab({ quick: true })
after(() => lab.close())

const ONE = 'https://one.example.com/'
const MINUTE = 60_000

/** Neither gate nor portal knows these cookies any more. */
async function assertDead(cookie: string, what: string): Promise<void> {
  assertLogin(await lab.ask(forwardAuth(ONE, { cookie })), what)
  const { body } = await lab.browser().send('GET', '/api/state', '', [], cookie)
  assert.match(body, /"username":"".*"authentication_level":0/, what)
  assert.equal((await lab.browser().send('GET', '/api/user/info', '', [], cookie)).status, 403, what)
}

test('SES-01 the id changes whenever somebody proves more, and each id of before is dead', async () => {
  const planted = `${SESSION}=s%3A${'A'.repeat(43)}.${'B'.repeat(43)}`
  const browser = lab.browser()
  const old: string[] = [planted]
  const step = async (path: string, body: object) => {
    const before = browser.cookie
    const answer = await browser.post(path, body)
    assert.equal(answer.status, 200, answer.body)
    assert.equal(cookiesOf(answer).filter(({ name }) => name === SESSION).length, 1, path)
    if (before !== '') old.push(before)
    for (const cookie of old) assert.notEqual(cookie, browser.cookie)
  }
  await browser.get('/')
  assert.equal(browser.cookie, '', 'a visitor has no session')
  browser.jar.set(SESSION, planted.slice(SESSION.length + 1))
  await step('/api/firstfactor', { username: 'alice', password: PASSWORD })
  await step('/api/secondfactor/totp', { token: lab.code('alice') })
  await step('/api/firstfactor/reauthenticate', { password: PASSWORD })
  await step('/api/firstfactor', { username: 'alice', password: PASSWORD })
  for (const cookie of old) await assertDead(cookie, 'an id of before')
  assertAllowed(await browser.asks(ONE), 'alice', 'the last id')
  const last = browser.cookie
  assert.equal((await browser.post('/api/logout', {})).status, 200)
  await assertDead(last, 'after signing out')
})

test('SES-04 a session that is not used for five minutes is dead, and only use at the gate or the portal counts', async () => {
  const browser = await lab.signedIn('carol', 1)
  lab.clock.advance(5 * MINUTE - 1000)
  assertAllowed(await browser.asks(ONE), 'carol', 'just in time')
  lab.clock.advance(5 * MINUTE - 1000)
  assert.equal((await browser.state()).username, 'carol', 'the portal counts as use')
  lab.clock.advance(3 * MINUTE)
  await browser.get('/static/style.css')
  await lab.ask(forwardAuth(ONE, { cookie: `${SESSION}=${browser.jar.get(SESSION)}x` }))
  await lab.ask(forwardAuth(ONE, { cookie: browser.session, from: '127.0.0.66' }))
  lab.clock.advance(2 * MINUTE + 1000)
  await assertDead(browser.cookie, 'five minutes after its last use')
  lab.clock.advance(-10 * MINUTE)
  await assertDead(browser.cookie, 'a clock that is set back raises no dead')
  lab.clock.advance(10 * MINUTE)
})

test('SES-04 a remembered session outlives inactivity, and nothing else', async () => {
  const browser = await lab.signedIn('carol', 1, { remember: true })
  lab.clock.advance(60 * MINUTE * 24 * 29)
  assertAllowed(await browser.asks(ONE), 'carol', 'remembered')
  lab.clock.advance(60 * MINUTE * 24 + 1000)
  await assertDead(browser.cookie, 'after thirty days')
})

test('SES-05 the end is judged here, whatever the client keeps, and no cookie promises more than that', async () => {
  const browser = lab.browser()
  const answer = await browser.post('/api/firstfactor', { username: 'carol', password: PASSWORD })
  for (const { line } of cookiesOf(answer)) {
    const expires = Date.parse(/Expires=([^;]*)/.exec(line)?.[1] ?? '')
    assert.ok(expires <= lab.clock.now() + 60 * MINUTE, line)
  }
  // Use moves the end, as in Authelia; that of a remembered session it doesn't.
  lab.clock.advance(60 * MINUTE)
  await assertDead(browser.cookie, 'an hour unused')
  const remembered = await lab.signedIn('carol', 1, { remember: true })
  for (let day = 1; day < 30; day++) {
    lab.clock.advance(24 * 60 * MINUTE)
    assertAllowed(await remembered.asks(ONE), 'carol', `day ${day}`)
  }
  lab.clock.advance(24 * 60 * MINUTE)
  await assertDead(remembered.cookie, 'thirty days, used every day')
})

test('SES-06 signing out ends the session everywhere, with any body, twice, and says so with the right cookies', async () => {
  for (const body of ['{}', '', '{"targetURL":', 'null', '[]', '{"targetURL":7}']) {
    const browser = await lab.signedIn('carol', 1)
    const cookie = browser.cookie
    const answer = await browser.post('/api/logout', body)
    assert.equal(answer.status, 200, body)
    assert.match(answer.headers['clear-site-data'] ?? '', /"cache", "storage"/)
    const lines = new Map(cookiesOf(answer).map(({ name, line }) => [name, line]))
    assert.match(lines.get(SESSION) ?? '', /^[^=]+=; Domain=example\.com; Path=\/; Expires=Thu, 01 Jan 1970/)
    assert.match(lines.get(OWN) ?? '', /^[^=]+=; Path=\/; Expires=Thu, 01 Jan 1970/)
    await assertDead(cookie, body)
    const again = await lab.browser().send('POST', '/api/logout', '{}', [['Content-Type', 'application/json']], cookie)
    assert.equal(again.status, 200)
  }
  const browser = await lab.signedIn('carol', 1)
  const cookie = browser.cookie
  assert.equal((await browser.form('/logout', {})).status, 303)
  await assertDead(cookie, 'by the page')
})

test('SES-07 signing out amid other requests leaves nothing alive, at the gate nor at the portal', async () => {
  for (let round = 0; round < 8; round++) {
    const browser = await lab.signedIn('bob', 1)
    const cookie = browser.cookie
    const token = lab.code('bob', round % 2 === 0 ? 0 : 1)
    const racing: Promise<unknown>[] = []
    for (let i = 0; i < 6; i++) racing.push(lab.ask(forwardAuth(ONE, { cookie })))
    const json = [['Content-Type', 'application/json']] as const
    const other = lab.browser()
    const rise = other.send('POST', '/api/secondfactor/totp', JSON.stringify({ token }), json, cookie)
    racing.push(rise, browser.post('/api/logout', {}), lab.ask(forwardAuth(ONE, { cookie })))
    await Promise.all(racing)
    await assertDead(cookie, `round ${round}`)
    // Rising either came first, and then its new session is another one, or failed.
    if ((await rise).status !== 200) assert.deepEqual(cookiesOf(await rise), [], `round ${round}`)
    lab.clock.advance(MINUTE)
  }
})

test('SES-08 two codes and a sign-out at once never leave a session that nobody was given', async () => {
  const browser = await lab.signedIn('bob', 1)
  const cookie = browser.cookie
  lab.clock.advance(MINUTE)
  const token = lab.code('bob')
  const json = [['Content-Type', 'application/json']] as const
  const tries = Array.from({ length: 10 }, () =>
    lab.browser().send('POST', '/api/secondfactor/totp', JSON.stringify({ token }), json, cookie),
  )
  const answers = await Promise.all(tries)
  assert.equal(answers.filter(({ status }) => status === 200).length, 1)
  assert.equal(answers.filter((answer) => cookiesOf(answer).length > 0).length, 1)
  await assertDead(cookie, 'the id of before')
})

test('SES-09 SES-10 SES-14 elevation is of one session, ends with it and in time; another session of the user gains nothing', async () => {
  const first = await lab.signedIn('carol', 1)
  const second = await lab.signedIn('carol', 1)
  const registration = '/api/secondfactor/totp/register'
  lab.clock.advance(4 * MINUTE)
  assert.equal((await first.post('/api/firstfactor/reauthenticate', { password: PASSWORD })).status, 200)
  await second.state()
  lab.clock.advance(MINUTE + 1000)
  assert.equal((await first.get(registration)).status, 200, 'proven a minute ago')
  assert.equal((await second.get(registration)).status, 403, 'the other session')
  const mixed = `${first.session}; ${OWN}=${second.jar.get(OWN)}`
  assert.equal((await lab.browser().send('GET', registration, '', [], mixed)).status, 403, 'mixed cookies')
  lab.clock.advance(4 * MINUTE)
  await first.state()
  assert.equal((await first.get(registration)).status, 403, 'five minutes later')
})

test('SES-12 a session id anywhere but in its cookie is nothing', async () => {
  const browser = await lab.signedIn('carol', 1)
  const value = browser.jar.get(SESSION) ?? ''
  const id = decodeURIComponent(value)
  lab.secret(id)
  for (const [name, text] of [
    ['X-Session-Id', value],
    ['Authorization', `Bearer ${id.slice(2)}`],
    ['X-Authelia-Session', id],
    ['Cookie2', `${SESSION}=${value}`],
    ['X-Cookie', `${SESSION}=${value}`],
  ] as const) {
    assertLogin(await lab.ask(forwardAuth(ONE, { extra: [[name, text]] })), name)
    const { body } = await lab.browser().send('GET', '/api/state', '', [[name, text]])
    assert.match(body, /"username":""/, name)
  }
  for (const path of [`/api/state?${SESSION}=${value}`, `/api/state?authelia_session=${value}`]) {
    assert.match((await lab.browser().get(path)).body, /"username":""/, path)
  }
  assert.equal((await lab.browser().get(`/api/state;jsessionid=${value}`)).status, 404)
})

/** Everything that a page or the API says to somebody signed in. */
async function everything(browser: Browser): Promise<string> {
  const paths = ['/', '/2fa', '/logout', '/register/one-time-code', '/nowhere', '/api/state', '/api/user/info']
  const more = ['/api/configuration', '/api/secondfactor/totp', '/api/nowhere', '/?rd=https://one.example.com/x']
  const answers = await Promise.all([...paths, ...more].map((path) => browser.get(path)))
  return answers.map(({ body }) => body).join('\n')
}

test('SES-15 TOT-06 no page and no answer holds what belongs to the session, the store or the device', async () => {
  const browser = await lab.signedIn('alice', 2)
  const text = await everything(browser)
  const value = browser.jar.get(SESSION) ?? ''
  const secret = TOTP_SECRETS['alice'] ?? Buffer.of()
  for (const hidden of [
    value,
    decodeURIComponent(value).slice(2, 45),
    browser.jar.get(OWN) ?? '',
    PASSWORD,
    secret.toString('latin1'),
    secret.toString('hex'),
    '$argon2',
    'alice@example.com',
  ]) {
    assert.ok(hidden !== '' && !text.includes(hidden), `told: ${hidden}`)
  }
})

test('TOT-06 TOT-07 a new secret is told once, to this session, is stored nowhere before its first code, and consumes it', async () => {
  const carol = await lab.signedIn('carol', 1)
  const other = await lab.signedIn('carol', 1)
  const registration = '/api/secondfactor/totp/register'
  const offered = await carol.post(registration, { algorithm: 'SHA1', length: 6, period: 30 }, 'PUT')
  assert.equal(offered.status, 200, offered.body)
  const { base32_secret: text } = (JSON.parse(offered.body) as { data: { base32_secret: string } }).data
  lab.secret(text)
  const secret = decodeTotpSecret(text)
  assert.ok(secret)
  const code = (offset = 0): string =>
    codeOfStep({ secret, algorithm: 'SHA1', digits: 6, period: 30 }, timeStep(lab.clock.now(), 30) + offset)
  assert.equal((await other.post(registration, { token: code() })).status, 403, 'another session')
  assert.equal((await carol.post('/api/secondfactor/totp', { token: code() })).status, 403, 'not stored yet')
  assert.ok(!(await everything(other)).includes(text), 'the other session is told another one')
  assert.equal((await carol.post(registration, { token: code() })).status, 200)
  assert.equal((await other.post('/api/secondfactor/totp', { token: code() })).status, 403, 'the first code is used up')
  assert.ok(!(await everything(carol)).includes(text), 'not told again')
  // from now on she needs it
  assertLogin(await carol.asks('https://admin.example.com/'), 'setting it up is no second factor')
  assert.equal((await other.post(registration, { algorithm: 'SHA1', length: 6, period: 30 }, 'PUT')).status, 403)
  lab.clock.advance(MINUTE)
  assert.equal((await carol.post('/api/secondfactor/totp', { token: code() })).status, 200)
})
