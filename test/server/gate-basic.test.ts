// Attack catalogue, section BAS: credentials in a header.
import assert from 'node:assert/strict'
import { after, beforeEach, test } from 'node:test'
import type { LabOptions } from './gate-lab.ts'
import { session, startLab } from './gate-lab.ts'
import {
  assertAllowed,
  assertClosed,
  assertStatus,
  authRequest,
  extAuthz,
  forwardAuth,
  legacy,
} from './gate-questions.ts'

const lab = await startLab()
after(() => lab.close())
beforeEach(() => {
  lab.basicCalls.length = 0
})

const encoded = (text: string | Buffer): string => Buffer.from(text).toString('base64')
const basic = (text: string | Buffer) => [['Authorization', `Basic ${encoded(text)}`]] as const
const BOB = basic('bob:password')
const CHALLENGE = 'Basic realm="Authorization Required"'

test('valid credentials are one factor, through every protocol', async () => {
  for (const ask of [forwardAuth, authRequest, extAuthz]) assertAllowed(await lab.ask(ask({ extra: BOB })), 'bob')
  assertAllowed(await lab.ask(legacy({ extra: BOB, query: '?auth=basic' })), 'bob')
  assertClosed(await lab.ask(legacy({ extra: BOB })))
  assert.deepEqual(lab.basicCalls[0], { typed: 'bob', password: 'password', from: '203.0.113.7', lifespan: 0 })
})

test('BAS-01 the header is read by its grammar and nothing else reaches the login', async () => {
  const token = encoded('bob:password')
  const refused = [
    'Basic',
    'basic QQ==',
    `BASIC  ${token}`,
    `Basic\t${token}`,
    `Basic ${token},Basic eDp5`,
    `Basic ${token}; x`,
    'Digest x',
    'Negotiate',
    'Negotiate abc',
    `Basic ${'A'.repeat(60_000)}`,
  ]
  for (const value of refused) {
    const answer = await lab.ask(forwardAuth({ extra: [['Authorization', value]] }))
    assertStatus(answer, 401, value.slice(0, 40))
    assert.equal(answer.headers['www-authenticate'], CHALLENGE)
    assert.equal(answer.headers['location'], undefined)
  }
  const two = [...BOB, ...basic('alice:password')]
  assertStatus(await lab.ask(forwardAuth({ extra: two })), 401)
  assertStatus(await lab.ask(forwardAuth({ extra: [...BOB, ...BOB] })), 401)
  assert.deepEqual(lab.basicCalls, [])
  assertAllowed(await lab.ask(forwardAuth({ extra: [['Authorization', `bAsIc ${token}`]] })), 'bob')
})

test('BAS-01 a well-formed bearer token is passed over, a broken one is not', async () => {
  assertStatus(await lab.ask(forwardAuth({ extra: [['Authorization', 'Bearer x']] })), 302)
  const cookie = { session: session('bob', 1) }
  assertAllowed(await lab.ask(forwardAuth({ ...cookie, extra: [['Authorization', 'Bearer x']] })), 'bob')
  assertStatus(await lab.ask(forwardAuth({ ...cookie, extra: [['Authorization', 'Bearer a,b']] })), 401)
  assertStatus(await lab.ask(forwardAuth({ ...cookie, extra: [['Authorization', 'Bearer ']] })), 401)
})

test('BAS-02 base64 is canonical or refused', async () => {
  const refused = [
    'YWxpY2U6cGFzcw',
    'YWxp Y2U6cGFzcw==',
    'Ym9iOnA_-w==',
    'Ym9iOnBhc3N3b3Jk==AAAA',
    '!!!',
    'Ym9iOnBhc3N3b3JkY=',
    'YWxpY2U6cGFzcx==',
  ]
  for (const token of refused)
    assertStatus(await lab.ask(forwardAuth({ extra: [['Authorization', `Basic ${token}`]] })), 401, token)
  assert.deepEqual(lab.basicCalls, [])
})

test('BAS-03 an empty name or password reaches no directory', async () => {
  for (const text of [':pass', 'alice:', ':', 'alice', '', 'alice:pa\0ss', '\0:x', 'a\nb:c'])
    assertStatus(await lab.ask(forwardAuth({ extra: basic(text) })), 401, JSON.stringify(text))
  assert.deepEqual(lab.basicCalls, [])
})

test('BAS-04 the first colon divides, and text is UTF-8 or refused', async () => {
  await lab.ask(forwardAuth({ extra: basic('al:ice:pa:ss') }))
  await lab.ask(forwardAuth({ extra: basic('bob:pässwörd') }))
  await lab.ask(forwardAuth({ extra: basic('\ufeffbob:x') }))
  assert.deepEqual(
    lab.basicCalls.map(({ typed, password }) => [typed, password]),
    [
      ['al', 'ice:pa:ss'],
      ['bob', 'pässwörd'],
      ['\ufeffbob', 'x'],
    ],
  )
  lab.basicCalls.length = 0
  for (const bytes of [Buffer.from('bob:p\xe9', 'latin1'), Buffer.of(0x62, 0x3a, 0xc0, 0xaf)])
    assertStatus(await lab.ask(forwardAuth({ extra: basic(bytes) })), 401)
  assert.deepEqual(lab.basicCalls, [])
})

test('BAS-05 credentials never make two factors, and are not mixed with somebody else’s session', async () => {
  const two = { host: 'admin.example.com', extra: BOB }
  assertStatus(await lab.ask(forwardAuth(two)), 401)
  assertStatus(await lab.ask(forwardAuth({ ...two, session: session('alice', 2) })), 401)
  const answer = await lab.ask(forwardAuth({ extra: BOB, session: session('alice', 2) }))
  assertAllowed(answer, 'bob')
  assert.equal(answer.headers['remote-groups'], 'users')
  const cookieFirst = await lab.ask(
    forwardAuth({ endpoint: 'fa-cookiefirst', extra: BOB, session: session('alice', 2) }),
  )
  assertAllowed(cookieFirst, 'alice')
  assert.equal(cookieFirst.headers['remote-groups'], 'admins')
})

test('BAS-06 the challenge is always the same, and stands where the endpoint says', async () => {
  const wrong = basic('bob:wrong')
  for (const ask of [forwardAuth, authRequest, extAuthz]) {
    const answer = await lab.ask(ask({ extra: wrong, host: 'one.example.com' }))
    assertStatus(answer, 401)
    assert.equal(answer.headers['www-authenticate'], CHALLENGE)
    assert.equal(answer.body, '401 Unauthorized')
  }
  const proxy = [['Proxy-Authorization', `Basic ${encoded('bob:wrong')}`]] as const
  const answer = await lab.ask(forwardAuth({ endpoint: 'fa-proxy', extra: proxy }))
  assertStatus(answer, 407)
  assert.equal(answer.headers['proxy-authenticate'], CHALLENGE)
  assert.equal(answer.headers['www-authenticate'], undefined)
  assertStatus(await lab.ask(authRequest({ endpoint: 'ar-proxy', extra: proxy })), 401)
  // without a header strategy at the end there is a portal rather than a challenge
  const redirect = await lab.ask(forwardAuth())
  assertStatus(redirect, 302)
  assert.equal(redirect.headers['www-authenticate'], undefined)
})

test('wrong credentials name nobody: not on a bypass rule, not beside a session', async () => {
  const wrong = basic('bob:wrong')
  assertAllowed(
    await lab.ask(forwardAuth({ host: 'public.example.com', extra: wrong, session: session('bob', 2) })),
    '',
  )
  assertStatus(await lab.ask(forwardAuth({ extra: wrong, session: session('bob', 2) })), 401)
  assertStatus(await lab.ask(forwardAuth({ host: 'deny.example.com', extra: wrong })), 401)
  assertStatus(await lab.ask(forwardAuth({ host: 'deny.example.com', extra: BOB })), 403)
})

test('back-pressure of the login is a challenge: a proxy would take 429 for an outage', async () => {
  const login: LabOptions['login'] = () => ({ basic: async () => ({ kind: 'throttled', retryAfterSeconds: 5 }) })
  const busy = await startLab({ login })
  try {
    assertStatus(await busy.ask(forwardAuth({ extra: BOB })), 401)
  } finally {
    await busy.close()
  }
})

test('the lifespan of a remembered success is the strategy’s', async () => {
  assertAllowed(await lab.ask(forwardAuth({ endpoint: 'fa-header', extra: BOB })), 'bob')
  assert.equal(lab.basicCalls[0]?.lifespan, 60_000)
})

test('rights that are taken away while a password is hashed are gone for that question already', async () => {
  let meanwhile: () => void = () => {}
  const open = [{ domain: '*.example.com', policy: 'one_factor' }] as const
  const swapping = await startLab({
    rules: open,
    login: (login) => ({
      async basic(...attempt) {
        meanwhile()
        return login.basic(...attempt)
      },
    }),
  })
  const ask = () => swapping.ask(forwardAuth({ extra: BOB }))
  const once = (rules: Parameters<typeof swapping.swap>[0]) => {
    meanwhile = () => {
      meanwhile = () => {}
      swapping.swap(rules)
    }
  }
  try {
    assertAllowed(await ask(), 'bob')
    once([{ domain: '*.example.com', policy: 'deny' }])
    assertStatus(await ask(), 403)
    // Asked anew, by the snapshot that is in force then.
    once(open)
    swapping.swap(open)
    assertAllowed(await ask(), 'bob')
    assert.equal(swapping.basicCalls.length, 5)
  } finally {
    await swapping.close()
  }
})
