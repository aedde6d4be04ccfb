// Who may speak for a visitor, over the whole server: gate and portal believe the same peers.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { errorsWith } from '../config/loading.ts'
import { assertClosed, assertLogin, forwardAuth, PASSWORD, PROTOCOLS, portalHeaders, ROGUE, startLab } from './lab.ts'

const lab = await startLab({ quick: true })
after(() => lab.close())

test('HDR-01 whoever is no proxy is told nothing about any target, with any cookie, and has no portal', async () => {
  const alice = await lab.signedIn('alice', 2)
  const since = lab.log().length
  for (const url of ['https://public.example.com/', 'https://admin.example.com/', 'https://internal.example.com/']) {
    for (const ask of Object.values(PROTOCOLS)) {
      for (const cookie of [undefined, alice.session]) {
        const answer = await lab.ask(ask(url, { from: ROGUE, client: '10.0.0.5', ...(cookie ? { cookie } : {}) }))
        assert.ok([400, 401, 403].includes(answer.status), `${ask.name} ${url} → ${answer.status}`)
        assert.equal(answer.headers['location'], undefined)
      }
    }
  }
  const warnings = lab
    .log()
    .slice(since)
    .filter(({ level }) => level === 'warn')
  assert.equal(warnings.length, 1, 'one line, however often')
  assert.equal(warnings[0]?.['peer'], ROGUE)
  const headers = [...portalHeaders('auth.example.com'), ['Cookie', alice.cookie] as const]
  for (const path of ['/api/state', '/api/user/info']) {
    assert.equal((await lab.ask({ path, from: ROGUE, headers })).status, 403, path)
  }
  assert.ok((await lab.ask({ path: '/', from: ROGUE, headers })).status >= 400, 'its https is hearsay')
})

test('HDR-02 nobody trusts everybody by mistake', () => {
  for (const trusted of [['0.0.0.0/0'], ['::/0'], '*', true, 7, ['proxy.local'], ['10.0.0.1/33'], ['']]) {
    const errors = errorsWith({ server: { trusted_proxies: trusted } })
    assert.notDeepEqual(errors, [], JSON.stringify(trusted))
  }
})

test('HDR-14 BRF-03 an address that is none opens no page, no password and no rule about networks', async () => {
  for (const client of [
    'a',
    ',',
    '203.0.113.7,',
    '999.1.1.1',
    '127.1',
    '0x7f.1',
    '::1%eth0',
    'x'.repeat(4000),
    'unknown',
    '1.2.3.4 5.6.7.8',
  ]) {
    const login = await lab
      .browser('auth.example.com', client)
      .post('/api/firstfactor', { username: 'carol', password: PASSWORD })
    assert.equal(login.status, 403, client.slice(0, 20))
    assert.ok((await lab.browser('auth.example.com', client).get('/')).status >= 400, client.slice(0, 20))
    for (const ask of Object.values(PROTOCOLS)) {
      for (const url of ['https://public.example.com/', 'https://internal.example.com/', 'https://one.example.com/']) {
        assertClosed(await lab.ask(ask(url, { client })), `${ask.name} ${client.slice(0, 20)}`)
      }
    }
  }
  const twice = forwardAuth('https://internal.example.com/', {
    client: '10.0.0.5',
    extra: [['X-Forwarded-For', '203.0.113.7']],
  })
  assertLogin(await lab.ask(twice), 'HDR-15 of two lines the last counts')
})

test('LOG-01 nothing that is typed, carried or kept secret is ever logged, however it arrives', async () => {
  lab.secret('canary-typed')
  const alice = await lab.signedIn('alice', 2)
  const browser = lab.browser('auth.example.com', '198.18.11.1')
  const bodies = [
    '{"username":"alice","password":"canary-typed',
    '{"username":"canary-typed","password":"x"}',
    'canary-typed',
  ]
  for (const body of bodies) assert.equal((await browser.post('/api/firstfactor', body)).status, 401)
  await browser.form('/', {
    username: 'canary-typed',
    password: 'canary-typed',
    rd: 'https://one.example.com/?t=canary-typed',
  })
  await alice.post('/api/firstfactor/reauthenticate', { password: 'canary-typed' })
  await alice.post('/api/secondfactor/totp', { token: 'canary-typed' })
  await alice.get('/canary-typed?x=canary-typed')
  for (const value of [
    'Basic Y2FuYXJ5LXR5cGVkOng=',
    'Bearer canary-typed',
    'canary-typed',
    `Basic ${Buffer.from('alice:canary-typed').toString('base64')}`,
  ]) {
    await lab.ask(forwardAuth('https://one.example.com/?t=canary-typed', { extra: [['Authorization', value]] }))
  }
  for (const from of [ROGUE, '127.0.0.2']) {
    const extra = [['Cookie', `x=canary-typed; ${alice.session}canary-typed`]] as const
    await lab.ask(forwardAuth('https://nowhere.example.net/?t=canary-typed', { from, extra }))
    await lab.ask(forwardAuth('https://one.example.com/a b?t=canary-typed', { from, extra }))
  }
  const text = lab.logText()
  assert.ok(text.length > 500)
  for (const secret of ['canary-typed', PASSWORD, alice.jar.get('__Secure-latchkey_session') ?? '-', 'Y2FuYXJ5']) {
    assert.ok(!text.includes(secret), secret)
  }
})
