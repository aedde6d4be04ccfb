// What every proxy set-up of ours must do, seen from outside: one suite, run through each real proxy from its example folder.
import assert from 'node:assert/strict'
import { after, before, describe, it, type TestContext } from 'node:test'
import { codeOfStep, timeStep } from '../../src/login/totp-code.ts'
import { decodeTotpSecret } from '../../src/login/totp-registration.ts'
import { openChromium } from '../browser/chromium.ts'
import { DOMAIN, type Lab, type LabProxy, startLab, TOTP_SECRET } from './lab.ts'
import { type Answer, cookiesOf, echoOf } from './visitor.ts'

export interface Quirks {
  /** The proxy has no way to take the session cookie out of what the application gets. */
  readonly passesSessionCookie?: true
  /** HTTP/1.1 only. */
  readonly noHttp2?: true
}

const HTML = { Accept: 'text/html,application/xhtml+xml' }
const JSON_ACCEPT = { Accept: 'application/json' }
const IDENTITY = ['remote-user', 'remote-groups', 'remote-name', 'remote-email']
const SPOOFED = {
  'Remote-User': 'root',
  'Remote-Groups': 'admins',
  'Remote-Name': 'Mallory',
  'Remote-Email': 'mallory@evil.example',
}
const SESSION = '__Secure-latchkey_session'

/** The code of now, or of a later time step that counts already; each counts once. */
function code(stepsAhead: number): string {
  const secret = decodeTotpSecret(TOTP_SECRET)
  assert.ok(secret)
  return codeOfStep({ secret, algorithm: 'SHA1', digits: 6, period: 30 }, timeStep(Date.now(), 30) + stepsAhead)
}

/** What the application was told about who comes, whatever the separator: many can't tell Remote_User from Remote-User. */
function claims(answer: Answer): Record<string, string> {
  const told = Object.entries(echoOf(answer).headers).filter(([name, value]) => {
    return IDENTITY.includes(name.replaceAll('_', '-')) && value !== ''
  })
  return Object.fromEntries(told)
}
const ALICE = {
  'remote-user': 'alice',
  'remote-groups': 'admins,family',
  'remote-name': 'Alice Liddell',
  'remote-email': `alice@${DOMAIN}`,
}

export function proxyContract(proxy: LabProxy, quirks: Quirks = {}): void {
  describe(`through ${proxy}`, { concurrency: false }, () => {
    let lab: Lab
    let missing: string | undefined
    let cookie = ''
    before(async () => {
      const started = await startLab(proxy)
      if (started.kind === 'missing') {
        missing = started.hint
        return
      }
      lab = started
      cookie = (await lab.signIn('alice', 'password')).elsewhere
    })
    after(() => lab?.stop())
    const check = (name: string, run: (t: TestContext) => Promise<void>): void => {
      it(name, async (t) => (missing ? t.skip(`${proxy}: ${missing}`) : run(t)))
    }
    /** Never the application, never an error that would be worth an alarm. */
    const closed = (answer: Answer, why: string): void =>
      assert.ok(answer.status === 302 || (answer.status >= 400 && answer.status < 500), `${why}: ${answer.status}`)

    check('someone anonymous who opens a page is sent to the portal, with the way back', async () => {
      const answer = await lab.fetch('app', '/deep/page?a=1&b=2', { headers: HTML })
      assert.equal(answer.status, 302)
      const to = new URL(String(answer.headers['location']))
      assert.equal(to.origin, `https://auth.${DOMAIN}:${lab.port}`)
      assert.equal(to.searchParams.get('rd'), lab.url('app', '/deep/page?a=1&b=2'))
      assert.equal(to.searchParams.get('rm'), 'GET')
      for (const name of IDENTITY) assert.equal(answer.headers[name], undefined)
    })
    check('RES-11 a refusal is not for caches', async () => {
      for (const headers of [HTML, JSON_ACCEPT]) {
        const answer = await lab.fetch('app', '/', { headers })
        assert.match(String(answer.headers['cache-control']), /no-store/)
      }
    })
    check('a script gets 401 instead of a redirect', async () => {
      for (const headers of [
        {},
        JSON_ACCEPT,
        { ...HTML, 'X-Requested-With': 'XMLHttpRequest' },
        { Accept: '*/*', 'Sec-Fetch-Mode': 'cors' },
        { ...HTML, 'Sec-Fetch-Mode': 'cors' },
      ]) {
        const answer = await lab.fetch('app', '/api', { headers })
        assert.equal(answer.status, 401, JSON.stringify(headers))
      }
    })
    check('signed in, the application learns who it is and keeps its own cookies', async () => {
      const answer = await lab.fetch('app', '/x?y=1', {
        headers: { ...JSON_ACCEPT, Cookie: `other=1,5; ${cookie}; more=2` },
      })
      assert.equal(answer.status, 200)
      assert.equal(echoOf(answer).url, '/x?y=1')
      assert.deepEqual(claims(answer), ALICE)
      const cookies = (echoOf(answer).headers['cookie'] ?? '').split(/;\s*/)
      assert.deepEqual(quirks.passesSessionCookie ? cookies.toSpliced(1, 1) : cookies, ['other=1,5', 'more=2'])
    })
    check('the application sees no session cookie, wherever it stands and however often', async (t) => {
      if (quirks.passesSessionCookie) return t.skip(`${proxy} can't take one cookie out of several`)
      for (const line of [
        cookie,
        `${cookie}; a=1`,
        `a=1;${cookie}`,
        `${SESSION}=tossed; a=1; ${cookie}`,
        `a=1; ${cookie}; ${SESSION}=tossed; b=2`,
      ]) {
        const answer = await lab.fetch('app', '/', { headers: { ...JSON_ACCEPT, Cookie: line } })
        assert.equal(answer.status, 200, line)
        assert.doesNotMatch(echoOf(answer).headers['cookie'] ?? '', /latchkey_session/)
        assert.equal(/a=1/.test(echoOf(answer).headers['cookie'] ?? ''), /a=1/.test(line), line)
      }
    })
    check('HDR-03 HDR-07 HDR-12 what a client says about itself never reaches the application', async () => {
      const underscored = Object.fromEntries(
        Object.entries(SPOOFED).map(([name, value]) => [name.replace('-', '_'), value]),
      )
      const spoofs: readonly Record<string, string>[] = [
        SPOOFED,
        underscored,
        { ...SPOOFED, ...underscored },
        { 'REMOTE-USER': 'root', Remote_user: 'root' },
        { ...SPOOFED, Connection: 'close, Remote-User, Remote-Groups, Remote-Name, Remote-Email' },
        { Connection: 'close, Remote-User' },
      ]
      for (const spoof of spoofs) {
        const why = JSON.stringify(spoof)
        const named = await lab.fetch('app', '/', { headers: { ...JSON_ACCEPT, ...spoof, Cookie: cookie } })
        // Refusing such a request altogether is as good.
        if (named.status !== 400) assert.deepEqual(claims(named), ALICE, why)
        const open = await lab.fetch('public', '/', { headers: { ...JSON_ACCEPT, ...spoof } })
        if (open.status !== 400) assert.deepEqual(claims(open), {}, why)
        closed(await lab.fetch('app', '/', { headers: { ...HTML, ...spoof } }), why)
      }
    })
    check('HDR-03 HDR-12 what a client says about where it goes is not believed', async () => {
      const elsewhere = {
        'X-Forwarded-Host': `public.${DOMAIN}`,
        'X-Forwarded-URI': '/open/',
        'X-Forwarded-Proto': 'https',
        'X-Forwarded-Method': 'GET',
        'X-Forwarded-For': '127.0.0.1',
        'X-Original-URL': `https://public.${DOMAIN}/open/`,
        'X-Original-Method': 'GET',
      }
      const tricks: readonly Record<string, string>[] = [
        elsewhere,
        Object.fromEntries(Object.entries(elsewhere).map(([name, value]) => [name.replaceAll('-', '_'), value])),
        { ...elsewhere, Connection: 'close, X-Forwarded-Host, X-Forwarded-URI, X-Original-URL, Cookie' },
      ]
      for (const headers of tricks) closed(await lab.fetch('app', '/', { headers: { ...HTML, ...headers } }), 'tricked')
      const query = '/?rd=https://evil.example&authelia_url=https://evil.example&auth=basic'
      const asked = await lab.fetch('app', query, { headers: HTML })
      assert.equal(asked.status, 302)
      assert.equal(new URL(String(asked.headers['location'])).searchParams.get('rd'), lab.url('app', query))
    })
    check('URL-01 URL-02 URL-10 the open part of a host is no way into the rest', async () => {
      assert.equal((await lab.fetch('app', '/open/page', { headers: JSON_ACCEPT })).status, 200)
      for (const path of [
        '/open/../secret',
        '/open/./../secret',
        '/open/%2e%2e/secret',
        '/open/.%2E/secret',
        '/open/%2e%2e%2fsecret',
        '/open/..%2fsecret',
        '/open/..%5csecret',
        '/open/..\\secret',
        '/open%2f..%2fsecret',
        '//open/../secret',
        '/secret#/open/',
        '/secret?/open/',
        '/secret%23/../open/../secret',
      ]) {
        const answer = await lab.fetch('app', path, { headers: HTML }).catch(() => undefined)
        if (answer) closed(answer, path)
      }
    })
    check('MTH-04 RES-02 no method passes unasked', async () => {
      for (const method of ['HEAD', 'OPTIONS', 'PUT', 'DELETE', 'PATCH', 'PROPFIND']) {
        const headers = { ...HTML, Origin: 'https://evil.example', 'Access-Control-Request-Method': 'PUT' }
        const answer = await lab.fetch('app', '/', { method, headers })
        assert.ok(answer.status >= 300, `${method}: ${answer.status}`)
      }
    })
    check('RES-05 COO-05 a session cookie that is none counts as nothing', async () => {
      for (const value of ['', 'x', 'x'.repeat(2000), 'j:{"user":"alice"}', `${cookie.slice(SESSION.length + 1)}x`]) {
        const answer = await lab.fetch('app', '/', { headers: { ...HTML, Cookie: `${SESSION}=${value}` } })
        assert.equal(answer.status, 302, value.slice(0, 40))
      }
      const many = Array.from({ length: 180 }, (_, i) => `c${i}=${'v'.repeat(10)}`).join('; ')
      assert.equal((await lab.fetch('app', '/', { headers: { ...HTML, Cookie: many } })).status, 302)
    })
    check('on an open host nobody can claim to be somebody, and a broken login does not close it', async () => {
      const headers = { ...JSON_ACCEPT, ...SPOOFED, Authorization: 'Basic !!!' }
      const answer = await lab.fetch('public', '/', { headers })
      assert.equal(answer.status, 200)
      assert.deepEqual(claims(answer), {})
    })
    check('a denied host is 403, for someone signed in as well', async () => {
      assert.equal((await lab.fetch('denied', '/', { headers: HTML })).status, 403)
      assert.equal((await lab.fetch('denied', '/', { headers: { ...HTML, Cookie: cookie } })).status, 403)
    })
    check('a host that nobody listed leads nowhere', async () => {
      const answer = await lab
        .fetch('other', '/', { headers: { ...JSON_ACCEPT, Cookie: cookie } })
        .catch(() => undefined)
      assert.ok(!answer?.body.includes('"headers"'), answer?.body)
    })
    check('a host that demands two factors opens with a one-time code', async () => {
      const before = await lab.fetch('admin', '/', { headers: { ...HTML, Cookie: cookie } })
      assert.equal(before.status, 302)
      assert.ok(String(before.headers['location']).startsWith(`https://auth.${DOMAIN}:${lab.port}/?rd=`))
      const { atPortal } = await lab.signIn('alice', 'password')
      const raised = await lab.api('/api/secondfactor/totp', { token: code(0) }, atPortal)
      assert.equal(raised.status, 200, raised.body)
      const headers = { ...JSON_ACCEPT, Cookie: cookiesOf(raised).elsewhere }
      const opened = await lab.fetch('admin', '/', { headers })
      assert.equal(opened.status, 200)
      assert.deepEqual(claims(opened), ALICE)
    })
    check("RES-01 the gate's endpoints answer 404 on the portal's public host", async () => {
      for (const path of [
        '/api/authz/forward-auth',
        '/api/authz/auth-request',
        '/api/authz/ext-authz/x',
        '/api/verify',
        '/API/Verify',
        '/api//verify',
        '/api/%76erify',
        '/api/x/../verify',
        '/api/authz%2fforward-auth',
      ]) {
        const headers = { ...HTML, Cookie: cookie, 'X-Original-URL': lab.url('app'), 'X-Forwarded-URI': '/' }
        const answer = await lab.fetch('auth', path, { headers })
        assert.ok([400, 404].includes(answer.status), `${path}: ${answer.status}`)
        assert.equal(answer.headers['remote-user'], undefined)
      }
      assert.equal((await lab.fetch('auth', '/api/verify')).status, 404)
      assert.equal((await lab.fetch('auth', '/api/authz/forward-auth')).status, 404)
    })
    check('a POST arrives with its body: whole, in chunks, and asking first', async () => {
      const body = 'x'.repeat(100_000)
      const framings: readonly Record<string, string>[] = [
        { 'Content-Length': String(body.length) },
        { 'Transfer-Encoding': 'chunked' },
        { 'Content-Length': String(body.length), Expect: '100-continue' },
      ]
      for (const framing of framings) {
        const headers = { ...JSON_ACCEPT, Cookie: cookie, 'Content-Type': 'text/plain', ...framing }
        const answer = await lab.fetch('app', '/form?q=1', { method: 'POST', headers, body })
        assert.equal(answer.status, 200, JSON.stringify(framing))
        const { method, url, headers: got, body: arrived } = echoOf(answer)
        assert.deepEqual([method, url, got['remote-user'], arrived.length], ['POST', '/form?q=1', 'alice', body.length])
      }
      const anonymous = { ...HTML, 'Content-Length': '5' }
      const refused = await lab.fetch('app', '/form', { method: 'POST', headers: anonymous, body: 'a=b&c' })
      assert.ok([302, 303].includes(refused.status), String(refused.status))
      assert.match(String(refused.headers['location']), /[?&]rm=POST/)
    })
    check('HTTP/2 is the same', async (t) => {
      const anonymous = await lab.fetchHttp2('app', '/deep?a=1', { headers: { accept: 'text/html' } })
      if (quirks.noHttp2) {
        assert.equal(anonymous, undefined)
        return t.skip(`${proxy} is set up for HTTP/1.1`)
      }
      assert.equal(anonymous?.status, 302)
      const to = new URL(String(anonymous.headers['location']))
      assert.equal(to.searchParams.get('rd'), lab.url('app', '/deep?a=1'))
      const headers = {
        accept: 'application/json',
        'remote-user': 'root',
        remote_user: 'root',
        cookie: `a=1; ${cookie}`,
      }
      const post = await lab.fetchHttp2('app', '/form', { method: 'POST', headers, body: 'hello' })
      assert.equal(post?.status, 200)
      assert.equal(echoOf(post).body, 'hello')
      assert.deepEqual(claims(post), ALICE)
      if (!quirks.passesSessionCookie) assert.equal(echoOf(post).headers['cookie'], 'a=1')
      const gate = await lab.fetchHttp2('auth', '/api/verify', { headers: { cookie } })
      assert.equal(gate?.status, 404)
    })
    check('MTH-04 a WebSocket opens for someone signed in, and is 401 for someone anonymous', async () => {
      assert.deepEqual(await lab.webSocket('app', { Cookie: cookie }), { status: 101, message: 'hello alice' })
      assert.equal((await lab.webSocket('app')).status, 401)
      assert.equal((await lab.webSocket('app', { ...HTML, 'Sec-Fetch-Mode': 'websocket' })).status, 401)
    })
    check('HDR-22 Basic credentials work, and wrong ones get the challenge', async () => {
      const basic = (password: string): string => `Basic ${Buffer.from(`alice:${password}`).toString('base64')}`
      const good = await lab.fetch('app', '/', { headers: { ...JSON_ACCEPT, Authorization: basic('password') } })
      assert.equal(good.status, 200)
      assert.deepEqual(claims(good), ALICE)
      for (const headers of [JSON_ACCEPT, HTML]) {
        for (const authorization of [basic('wrong'), 'Basic !!!']) {
          const bad = await lab.fetch('app', '/', { headers: { ...headers, Authorization: authorization } })
          assert.equal(bad.status, 401, authorization)
          assert.match(String(bad.headers['www-authenticate']), /^Basic realm=/)
        }
      }
    })
    check('a person signs in with a browser, comes back, sees their name, and goes on with a code', async (t) => {
      const browser = await openChromium()
      if (browser.kind === 'missing') return t.skip(browser.hint)
      try {
        const page = await browser.newPage({ ignoreHTTPSErrors: true })
        await page.goto(lab.url('app', '/deep/page?a=1'))
        await page.getByLabel('Username').fill('alice')
        await page.getByLabel('Password', { exact: true }).fill('password')
        await page.getByRole('button', { name: /sign in/i }).click()
        await page.waitForURL(lab.url('app', '/deep/page?a=1'))
        assert.equal(await page.locator('#name').textContent(), 'Alice Liddell')
        await page.goto(lab.url('admin', '/settings'))
        await page.getByLabel('One-time code').fill(code(1))
        await page.waitForURL(lab.url('admin', '/settings'))
        assert.equal(await page.locator('#name').textContent(), 'Alice Liddell')
      } finally {
        await browser.close()
      }
    })
    check('DEP-09 when Latchkey is down the door stays closed', async () => {
      await lab.stopLatchkey()
      const ask = async (host: string, path: string): Promise<void> => {
        const answer = await lab.fetch(host, path, { headers: { ...JSON_ACCEPT, ...SPOOFED, Cookie: cookie } })
        assert.ok(answer.status >= 500, `${host}${path}: ${answer.status}`)
      }
      await Promise.all([
        ask('app', '/'),
        ask('app', '/open/'),
        ask('admin', '/'),
        ask('denied', '/'),
        ask('public', '/'),
      ])
      assert.notEqual((await lab.webSocket('app', { Cookie: cookie }).catch(() => undefined))?.status, 101)
    })
  })
}
