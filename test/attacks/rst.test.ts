// Links and codes in mails, against the whole server: where they lead, for whom they are good, and what they never open.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { assertLogin, CLIENT, PASSWORD, PROXY, startLab } from './lab.ts'

const GOOD = 'canary-truck-sail-orbit-plum'
const off = { enable: false }
const lab = await startLab({
  quick: true,
  changes: {
    authentication_backend: {
      file: { password: { algorithm: 'argon2', argon2: { memory: 64, iterations: 1, parallelism: 1 } } },
    },
    server: {
      endpoints: {
        rate_limits: {
          reset_password_start: off,
          reset_password_finish: off,
          session_elevation_start: off,
          session_elevation_finish: off,
        },
      },
    },
  },
})
lab.secret(GOOD)
after(() => lab.close())

const START = '/api/reset-password/identity/start'
const FINISH = '/api/reset-password/identity/finish'
const RESET = '/api/reset-password'
const OK = '{"status":"OK"}'

const mailbox = (): string => readFileSync(join(lab.folder, 'mail.txt'), 'utf8')
/** The mail that comes because of `work`; the file holds the latest only. */
async function mailOf(work: () => Promise<unknown>): Promise<string> {
  const before = mailbox()
  await work()
  for (let tries = 0; tries < 400; tries++) {
    const now = mailbox()
    if (now !== before && now.includes('Subject:')) return now
    await setTimeout(25)
  }
  throw new Error('no mail came')
}
const tokenIn = (mail: string): string => {
  const token = /step2\?token=([\w.-]+)/.exec(mail)?.[1] ?? ''
  assert.notEqual(token, '')
  lab.secret(token)
  return token
}
const linkFor = async (username: string) => tokenIn(await mailOf(() => lab.browser().post(START, { username })))
const codeIn = (mail: string): string => {
  const code = /^([A-Z2-9]{8})$/m.exec(mail)?.[1] ?? ''
  assert.notEqual(code, '')
  lab.secret(code)
  return code
}
/** The first estimate of a password reads long lists of words, at low priority: on a busy machine that outlasts a client's patience. */
async function warmUp(estimate: () => Promise<{ readonly body: string }>): Promise<void> {
  for (let tries = 0; tries < 5; tries++) {
    const answer = await estimate().catch(() => undefined)
    if (answer?.body.includes('policy')) return
  }
}
const json = [
  ['Content-Type', 'application/json'],
  ['Origin', 'https://auth.example.com'],
] as const

test('RST-01 whatever a request says of its host, links lead to the configured portal, or there is no mail', async () => {
  const portal = [
    ['Host', 'auth.example.com'],
    ['X-Forwarded-Proto', 'https'],
    ['X-Forwarded-Host', 'auth.example.com'],
    ['X-Forwarded-For', CLIENT],
  ] as const
  for (const extra of [
    [['X-Original-URL', 'https://evil.example/']],
    [['Forwarded', 'host=evil.example']],
    [['X-Forwarded-Prefix', '/evil']],
  ] as const) {
    const headers = [...portal, ...json, ...extra]
    // each time another person, so that the mail is another one
    const mail = await mailOf(() =>
      lab.ask({ method: 'POST', path: START, headers, body: '{"username":"bob"}', from: PROXY }),
    )
    assert.doesNotMatch(mail, /evil/)
    const links = [...mail.matchAll(/https?:\/\/[^\s/]+/g)].map(([origin]) => origin)
    assert.deepEqual(new Set(links), new Set(['https://auth.example.com']))
    tokenIn(mail)
  }
  const before = mailbox()
  for (const host of ['evil.example', 'auth.example.com.evil.example', 'evil.example.com']) {
    const headers = [
      ['Host', host],
      ['X-Forwarded-Proto', 'https'],
      ['X-Forwarded-Host', host],
      ['X-Forwarded-For', CLIENT],
      ...json,
    ] as const
    const answer = await lab.ask({ method: 'POST', path: START, headers, body: '{"username":"bob"}', from: PROXY })
    assert.equal(answer.status, 403, host)
  }
  const clear = [
    ['Host', 'auth.example.com'],
    ['X-Forwarded-Proto', 'http'],
    ['X-Forwarded-Host', 'auth.example.com'],
    ['X-Forwarded-For', CLIENT],
    ...json,
  ] as const
  await lab.ask({ method: 'POST', path: START, headers: clear, body: '{"username":"bob"}', from: PROXY })
  assert.equal(mailbox(), before)
})

test('ENU-02 known, unknown, disabled and without an address: the same answer, byte by byte', async () => {
  const answers: string[] = []
  for (const username of ['alice', 'nobody', 'dave', 'carol', '']) {
    const { status, body, lines } = await lab.browser().post(START, { username })
    answers.push(JSON.stringify([status, body, lines.filter(([name]) => name.toLowerCase() !== 'date')]))
  }
  assert.deepEqual(new Set(answers).size, 1, answers.join('\n'))
})

test('RST-02 RST-06 BRF-06 of twenty who bring a link at once one sets the password; nobody is signed in, two factors stay two', async () => {
  const elsewhere = await lab.signedIn('bob', 2)
  const token = await linkFor('bob')
  const browsers = Array.from({ length: 20 }, () => lab.browser())
  const finished = await Promise.all(browsers.map((browser) => browser.post(FINISH, { token })))
  assert.equal(finished.filter(({ body }) => body === OK).length, 1)
  const winner = browsers[finished.findIndex(({ body }) => body === OK)]
  assert.ok(winner)
  await warmUp(() => winner.post(RESET, { password: 'password1234' }))
  const sets = await Promise.all(Array.from({ length: 5 }, () => winner.post(RESET, { password: GOOD })))
  assert.equal(sets.filter(({ body }) => !body.includes('KO')).length, 1)
  assert.match((await winner.get('/api/state')).body, /"authentication_level":0/)
  assertLogin(await elsewhere.asks('https://one.example.com/'), 'the sessions of before are over')
  const old = await lab.browser().post('/api/firstfactor', { username: 'bob', password: PASSWORD })
  assert.equal(old.status, 401)
  const bob = lab.browser()
  assert.equal((await bob.post('/api/firstfactor', { username: 'bob', password: GOOD })).status, 200)
  assertLogin(await bob.asks('https://admin.example.com/'), 'one factor is one factor')
  lab.clock.advance(30_000)
  assert.equal(
    (await bob.post('/api/secondfactor/totp', { token: lab.code('bob') })).status,
    200,
    'the device is his still',
  )
})

test('RST-02 time, a newer link and the end of a user are looked at when a link is used', async () => {
  const finish = async (token: string) => (await lab.browser().post(FINISH, { token })).body
  const [first, second] = [await linkFor('alice'), await linkFor('alice')]
  assert.match(await finish(first), /"KO"/)
  lab.clock.advance(300_000 + 1000)
  assert.match(await finish(second), /has expired/)
  assert.match(await finish(`${second}x`), /invalid signature/)
})

test('MFA-01 OTC-02 a code by mail opens nothing to whom his second factor is asked of, and works in its own session only', async () => {
  const alice = await lab.signedIn('alice', 1)
  const other = await lab.signedIn('alice', 1)
  const elevation = '/api/user/session/elevation'
  const code = codeIn(await mailOf(() => alice.post(elevation, {})))
  assert.equal((await other.post(elevation, { otc: code }, 'PUT')).status, 403, 'another session')
  assert.equal((await alice.post(elevation, { otc: code }, 'PUT')).status, 200)
  assert.equal((await alice.post(elevation, { otc: code }, 'PUT')).status, 403, 'a second time')
  for (const [method, path] of [
    ['PUT', '/api/secondfactor/totp/register'],
    ['DELETE', '/api/secondfactor/totp'],
    ['POST', '/api/change-password'],
    ['PUT', '/api/secondfactor/webauthn/credential/register'],
    ['DELETE', '/api/secondfactor/webauthn/credential/1'],
  ] as const) {
    const answer = await alice.post(path, method === 'DELETE' ? '' : {}, method)
    assert.equal(answer.status, 403, path)
    assert.match(answer.body, /"second_factor":true/, path)
  }
  lab.clock.advance(30_000)
  assert.equal((await alice.post('/api/secondfactor/totp', { token: lab.code('alice') })).status, 200)
  assert.equal((await alice.get('/api/secondfactor/totp/register')).status, 200, 'with both of them')
})

test('OTC-03 handles of codes that are none are all alike', async () => {
  for (const handle of [
    'x',
    'A'.repeat(22),
    '..%2f',
    '%00',
    '00000000-0000-0000-0000-000000000000',
    'A'.repeat(3000),
  ]) {
    const answer = await lab.browser().post(`/api/user/session/elevation/${handle}`, '', 'DELETE')
    assert.deepEqual([answer.status, answer.body], [200, '{"status":"KO","message":"Operation failed."}'], handle)
  }
})

test('LIF-01 RST-02 a link is worth nothing once its user was disabled, or has another address', async () => {
  const path = join(lab.folder, 'users.yml')
  const whole = readFileSync(path, 'utf8')
  const change = async (from: string, to: string): Promise<void> => {
    const since = lab.log().length
    assert.ok(whole.includes(from))
    lab.writeUsers(whole.replace(from, to))
    await lab.told('reloaded', since)
  }
  for (const [from, to] of [
    ['displayname: Alice', 'displayname: Alice\n    disabled: true'],
    ['alice@example.com', 'alice@example.net'],
  ] as const) {
    const token = await linkFor('alice')
    await change(from, to)
    assert.match((await lab.browser().post(FINISH, { token })).body, /"KO"/, to)
    await change('displayname: Bob', 'displayname: Bob')
  }
})
