// Attack catalogue, sections RES, COO and DEP as far as they are the gate's: which answers there are, and that nothing else is one.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import type { SessionReader } from '../../src/session/session.ts'
import { COOKIE, ENDPOINTS, type Lab, type LabOptions, PASSWORD, session, startLab } from './gate-lab.ts'
import {
  assertAllowed,
  assertClosed,
  assertSound,
  assertStatus,
  authRequest,
  extAuthz,
  forwardAuth,
  legacy,
} from './gate-questions.ts'
import { exchange, parseResponses } from './raw-http.ts'

const lab = await startLab()
after(() => lab.close())
const withLab = async (options: LabOptions, use: (lab: Lab) => Promise<void>) => {
  const other = await startLab(options)
  try {
    await use(other)
  } finally {
    await other.close()
  }
}
const { headers: PUBLIC = [] } = forwardAuth({ host: 'public.example.com' })

const LOOKALIKES = [
  '/api/authz/forward-auht',
  '/api/authz',
  '/api/authz/',
  '//api/authz/forward-auth',
  '/api/authz/forward-auth/',
  '/api/authz/forward-auth/../x',
  '/api/x/../authz/forward-auth',
  '/API/AUTHZ/FORWARD-AUTH',
  '/api/authz/Forward-Auth',
  '/api/authz/forward-auth%2f',
  '/api/authz%2fforward-auth',
  '/%61pi/authz/forward-auth',
  '/%2561pi/authz/forward-auth',
  '/api\\authz\\forward-auth',
  '/api;x/authz/forward-auth',
  '/./api/authz/forward-auth',
  '/api/authz/forward-auth;x=1',
  '/api/authz/forward-auth%00',
  '/api/authz/legacy',
  '/Api/Verify',
  '/api/verify%20',
  '/sub/api/authz/forward-auth',
]
test('RES-01 what only looks like an endpoint is 404 here and never reaches the portal', async () => {
  for (const path of LOOKALIKES) {
    const answer = await lab.ask({ path, headers: PUBLIC })
    assertStatus(answer, 404, path)
    assert.equal(answer.body, '404 Not Found')
  }
  assert.deepEqual(lab.portalSaw, [])
})

test('RES-01 an endpoint that is not configured is none', async () => {
  await withLab({ endpoints: ENDPOINTS.filter(({ name }) => name !== 'legacy') }, async (other) => {
    for (const path of ['/api/verify', '/api/verify/x']) assertStatus(await other.ask({ path, headers: PUBLIC }), 404)
    assertAllowed(await other.ask(forwardAuth({ host: 'public.example.com' })), '')
  })
})

test('RES-01 under a base path endpoints answer with and without it', async () => {
  await withLab({ basePath: '/auth' }, async (other) => {
    for (const path of ['/auth/api/authz/forward-auth', '/api/authz/forward-auth'])
      assertAllowed(await other.ask({ path, headers: PUBLIC }), '')
    for (const path of [
      '/Auth/api/authz/forward-auth',
      '/auth/auth/api/authz/forward-auth',
      '/authx/api/authz/forward-auth',
    ])
      assertStatus(await other.ask({ path, headers: PUBLIC }), 404)
    const { headers = [] } = extAuthz({ host: 'app.example.com' })
    assertAllowed(await other.ask({ path: '/auth/api/authz/ext-authz//public/x', headers }), '')
  })
})

test('everything else is the portal’s', async () => {
  const before = lab.portalSaw.length
  for (const path of ['/', '/?rd=https://x/api/authz/', '/api/health', '/static/a.css', '/apiauthz', '/api/authzed'])
    await lab.ask({ path })
  assert.deepEqual(lab.portalSaw.slice(before), [
    '/',
    '/?rd=https://x/api/authz/',
    '/api/health',
    '/static/a.css',
    '/apiauthz',
    '/api/authzed',
  ])
  lab.portalSaw.length = 0
})

test('RES-03 conditions, ranges and expectations change nothing', async () => {
  const extra = [
    ['If-None-Match', '*'],
    ['If-Modified-Since', 'Tue, 24 Nov 2026 04:15:18 GMT'],
    ['Range', 'bytes=0-0'],
    ['If-Match', '"x"'],
    ['Accept', 'image/png'],
  ] as const
  for (const expectation of [[], [['Expect', '100-continue']], [['Expect', 'x']]] as (readonly [string, string])[][]) {
    const all = [...extra, ...expectation]
    for (const ask of [forwardAuth, authRequest, extAuthz, legacy]) {
      const allowed = await lab.ask(ask({ extra: all, session: session('bob', 1) }))
      assertAllowed(allowed, 'bob')
      assert.equal(allowed.headers['etag'], undefined)
      assertClosed(await lab.ask(ask({ extra: all })))
    }
  }
})

const failures: Readonly<Record<string, () => never | Promise<never>>> = {
  throws: () => {
    throw new Error('canary-7f3a')
  },
  rejects: () => Promise.reject(new Error('canary-7f3a')),
}
const basic = [['Authorization', `Basic ${Buffer.from('bob:password').toString('base64')}`]] as const
for (const [how, fault] of Object.entries(failures)) {
  test(`RES-04 DEP-01 a dependency that ${how} is answered 500 with an id, and logged`, async () => {
    const stages: LabOptions[] = [
      { sessions: () => ({ identify: fault }) },
      { directory: () => ({ find: fault }) },
      { login: () => ({ basic: fault }) },
    ]
    for (const [i, stage] of stages.entries()) {
      await withLab(stage, async (other) => {
        const who = i === 2 ? { extra: basic } : { session: session('bob', 2) }
        for (const host of ['one.example.com', 'public.example.com', 'deny.example.com']) {
          for (const ask of [forwardAuth, authRequest, extAuthz, legacy]) {
            // legacy takes credentials from Authorization only when it is told to
            const question = ask({ host, ...who, ...(ask === legacy && i === 2 ? { query: '?auth=basic' } : {}) })
            const answer = await other.ask(question)
            assert.equal(answer.status, 500)
            assertSound(answer)
            assert.equal(answer.headers['remote-user'], undefined)
            const [, id] = answer.body.split('\n')
            const logged = other.log.find(({ fields }) => fields['id'] === id)
            assert.equal(logged?.level, 'error')
            assert.doesNotMatch(answer.body, /canary/)
          }
        }
        assertAllowed(await other.ask(forwardAuth({ host: 'public.example.com' })), '')
      })
    }
  })
}

test('RES-04 a policy that fails is answered 500', async () => {
  const policy: LabOptions['policy'] = (real) => ({
    ...real,
    hosts: {
      rulesFor: () => {
        throw new Error('canary')
      },
    },
  })
  await withLab({ policy }, async (other) => {
    assert.equal((await other.ask(forwardAuth({ host: 'public.example.com' }))).status, 500)
  })
})

test('DEP-01 a session store that hangs is answered before a proxy gives up', async () => {
  const sessions = (): SessionReader => ({ identify: () => new Promise(() => {}) })
  await withLab({ sessions, patience: 30 }, async (other) => {
    for (const host of ['one.example.com', 'public.example.com'])
      assert.equal((await other.ask(forwardAuth({ host, session: session('bob', 1) }))).status, 500)
  })
})

test('a store that answers later is waited for', async () => {
  const sessions: LabOptions['sessions'] = (real) => ({
    identify: async (...args) => {
      await new Promise((resolve) => setImmediate(resolve))
      return real.identify(...args)
    },
  })
  const directory: LabOptions['directory'] = (real) => ({ find: async (name) => real.find(name) })
  await withLab({ sessions, directory }, async (other) => {
    assertAllowed(await other.ask(forwardAuth({ session: session('bob', 1) })), 'bob')
    assertStatus(await other.ask(forwardAuth({ session: 'bob3@example.com' })), 302)
    const several = [['Cookie', `${COOKIE}=x; ${COOKIE}=${session('bob', 1)}`]] as const
    assertAllowed(await other.ask(forwardAuth({ extra: several })), 'bob')
  })
})

test('RES-05 a cookie that is no live session is nobody', async () => {
  const values = [
    'random',
    'x'.repeat(4096),
    '%00',
    '\xff\xfe',
    'bob2@example.co',
    'j:{"user":"admin"}',
    's:',
    '{"user":"admin"}',
    `${session('bob', 2)}x`,
    session('bob', 2, 'example.org'),
    '"bob2@example.com"',
  ]
  for (const value of values) {
    for (const ask of [forwardAuth, authRequest, extAuthz, legacy]) {
      assertClosed(await lab.ask(ask({ session: value })), value)
      assertAllowed(await lab.ask(ask({ host: 'public.example.com', session: value })), '')
    }
  }
  const hundred = Array.from({ length: 100 }, (_, i) => `c${i}=v`).join('; ')
  assertClosed(await lab.ask(forwardAuth({ extra: [['Cookie', hundred]] })))
  assertAllowed(
    await lab.ask(forwardAuth({ extra: [['Cookie', `${hundred}; ${COOKIE}=${session('bob', 1)}`]] })),
    'bob',
  )
})

test('RES-06 RES-07 a record that can not be true is nobody’s', async () => {
  const records = [
    { username: '', level: 1 },
    { username: 'bob', level: 0 },
    { username: 'bob', level: 99 },
    { username: 'bob', level: -1 },
    { username: 'bob', level: '2' },
    { username: 'bob', level: null },
    { username: 'bob' },
    { level: 2 },
    { username: { toString: () => 'bob' }, level: 2 },
    { username: 'bob', level: 2, domain: 'example.org' },
    { username: 'bob', level: 2, domain: undefined },
    {},
    [],
    true,
  ]
  for (const record of records) {
    const full = typeof record === 'object' && !Array.isArray(record) ? { domain: 'example.com', ...record } : record
    const sessions = (): SessionReader => ({ identify: () => full as never })
    await withLab({ sessions }, async (other) => {
      assertClosed(await other.ask(forwardAuth({ session: 'x' })), JSON.stringify(record))
      assertAllowed(await other.ask(forwardAuth({ host: 'public.example.com', session: 'x' })), '')
    })
  }
})

test('RES-08 the statuses are these few', async () => {
  assertStatus(await lab.ask(forwardAuth()), 302)
  assertStatus(await lab.ask(forwardAuth({ method: 'POST' })), 303)
  assertStatus(await lab.ask(forwardAuth({ extra: [['X-Requested-With', 'xmlhttprequest']] })), 401)
  assertStatus(await lab.ask(forwardAuth({ accept: 'application/json' })), 401)
  assertStatus(await lab.ask(authRequest()), 401)
  assertStatus(await lab.ask(extAuthz()), 302)
})

test('RES-10 a body is never waited for', async () => {
  const { headers = [], path } = extAuthz({ method: 'POST' })
  const head = [...headers, ['Content-Length', '10000000']].map(([name, value]) => `${name}: ${value}\r\n`).join('')
  const { Socket } = await import('node:net')
  const socket = new Socket()
  const first = new Promise<string>((resolve, reject) => {
    socket.once('data', (data) => resolve(data.toString('latin1')))
    socket.once('error', reject)
  })
  socket.connect(lab.port, '127.0.0.1')
  socket.write(`POST ${path} HTTP/1.1\r\n${head}\r\n`)
  assert.match(await first, /^HTTP\/1\.1 303 /)
  socket.destroy()
})

test('RES-10 a body that comes along is drained, and the connection serves the next question', async () => {
  const question = (last: boolean) => {
    const { headers = [], path } = extAuthz({ method: 'POST' })
    const chunked = '5\r\nhello\r\n0\r\n\r\n'
    const lines = [...headers, ['Transfer-Encoding', 'chunked'], ['Connection', last ? 'close' : 'keep-alive']]
    return `POST ${path} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${chunked}`
  }
  const answers = parseResponses(await exchange(lab.port, question(false) + question(false) + question(true)))
  assert.deepEqual(
    answers.map(({ status }) => status),
    [303, 303, 303],
  )
})

test('COO-05 of several session cookies none counts unless exactly one is alive, in either order', async () => {
  const ask = (...cookies: string[]) =>
    lab.ask(forwardAuth({ extra: [['Cookie', cookies.map((value) => `${COOKIE}=${value}`).join('; ')]] }))
  const bob = session('bob', 1)
  const attacker = session('carol', 1)
  assertClosed(await ask(attacker, bob))
  assertClosed(await ask(bob, attacker))
  assertAllowed(await ask('planted', bob), 'bob')
  assertAllowed(await ask(bob, 'planted'), 'bob')
  assertAllowed(await ask(bob, bob), 'bob')
  const lines = [
    ['Cookie', `${COOKIE}=${attacker}`],
    ['Cookie', `a=b; ${COOKIE}=${bob}`],
  ] as const
  assertClosed(await lab.ask(forwardAuth({ extra: lines })))
  assertClosed(await lab.ask(forwardAuth({ extra: [['Cookie', `${COOKIE.toUpperCase()}=${bob}`]] })))
  assertClosed(await ask(...Array.from({ length: 20 }, (_, i) => `p${i}`), bob))
})

test('COO-05 only the session that counts was active', async () => {
  lab.touched.length = 0
  await lab.ask(
    forwardAuth({ extra: [['Cookie', `${COOKIE}=${session('bob', 1)}; ${COOKIE}=${session('carol', 1)}`]] }),
  )
  assert.deepEqual(lab.touched, [])
  await lab.ask(forwardAuth({ extra: [['Cookie', `${COOKIE}=x; ${COOKIE}=${session('carol', 1)}`]] }))
  assert.deepEqual(lab.touched, [session('carol', 1)])
})

test('COO-06 a name with odd bytes around it is another name', async () => {
  const bob = session('bob', 1)
  for (const cookie of [
    `\xe2\x80\x80${COOKIE}=${bob}`,
    `\xa0${COOKIE}=${bob}`,
    `=${COOKIE}=${bob}`,
    `${COOKIE} =${bob}`,
    `x${COOKIE}=${bob}`,
  ])
    assertClosed(await lab.ask(forwardAuth({ extra: [['Cookie', cookie]] })), JSON.stringify(cookie))
  assertAllowed(await lab.ask(forwardAuth({ extra: [['Cookie', `a=b,${COOKIE}=${bob}`]] })), 'bob')
})

test('COO-07 COO-08 many cookies are no failure, and none is ever set', async () => {
  const many = Array.from({ length: 180 }, (_, i) => `c${i}=${'v'.repeat(40)}`).join('; ')
  assertStatus(await lab.ask(forwardAuth({ extra: [['Cookie', many]] })), 302)
  const tooMany = await lab.ask(forwardAuth({ extra: [['Cookie', `c=${'v'.repeat(70_000)}`]] }))
  assertStatus(tooMany, 431)
  const answers = await Promise.all(Array.from({ length: 200 }, () => lab.ask(forwardAuth())))
  for (const answer of answers) assertStatus(answer, 302)
})

test('BAS-08 Session-Username of somebody else refuses the session, and never switches users', async () => {
  const ask = (value: string) =>
    lab.ask(forwardAuth({ session: session('bob', 1), extra: [['Session-Username', value]] }))
  assertClosed(await ask('alice'))
  assertClosed(await ask(''))
  assertAllowed(await ask('bob'), 'bob')
  assertAllowed(await ask('BOB'), 'bob')
  const two = [
    ['Session-Username', 'bob'],
    ['Session-Username', 'alice'],
  ] as const
  assertClosed(await lab.ask(forwardAuth({ session: session('bob', 1), extra: two })))
})

test('LIF-01 a user the directory no longer has is nobody from the next request on', async () => {
  let gone = false
  const directory: LabOptions['directory'] = (real) => ({ find: (name) => (gone ? undefined : real.find(name)) })
  await withLab({ directory }, async (other) => {
    assertAllowed(await other.ask(forwardAuth({ session: session('bob', 1) })), 'bob')
    gone = true
    assertStatus(await other.ask(forwardAuth({ session: session('bob', 1) })), 302)
    assertAllowed(await other.ask(forwardAuth({ host: 'public.example.com', session: session('bob', 1) })), '')
  })
})

test('a domain of the old form takes its portal from the question, by https and within the domain', async () => {
  await withLab({ cookies: [{ domain: 'example.com', portalUrl: undefined }] }, async (other) => {
    assertStatus(await other.ask(forwardAuth({ host: 'public.example.com' })), 400)
    const answer = await other.ask(forwardAuth({ query: '?authelia_url=https://auth.example.com/login?x=1' }))
    assert.equal(
      answer.headers['location'],
      'https://auth.example.com/login?x=1&rd=https%3A%2F%2Fone.example.com%2F&rm=GET',
    )
    assertStatus(await other.ask(forwardAuth({ query: '?authelia_url=http://auth.example.com/' })), 400)
    assertStatus(await other.ask(forwardAuth({ query: '?authelia_url=https://evil.com/' })), 400)
    assertStatus(await other.ask(legacy({ query: '?rd=https://auth.example.com/%23/' })), 302)
  })
})

test('MTH-08 HTP-01 bytes that are no HTTP/1.1 request are answered once, 400, and closed', async () => {
  const path = '/api/authz/forward-auth'
  const head = `GET ${path} HTTP/1.1\r\nHost: a\r\n${PUBLIC.map(([name, value]) => `${name}: ${value}\r\n`).join('')}`
  const broken = [
    'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    `${head}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    `${head}Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello`,
    `${head}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n`,
    `${head}Transfer-Encoding: xchunked\r\n\r\n`,
    `${head} folded\r\n\r\n`,
    `${head}: x\r\n\r\n`,
    `GET ${path} HTTP/1.1\r\n\r\n`,
    'garbage\r\n\r\n',
  ]
  for (const bytes of broken) {
    const answers = parseResponses(await exchange(lab.port, bytes))
    assert.equal(answers.length, 1, bytes)
    assert.equal(answers[0]?.status, 400, bytes)
  }
})

test('MTH-08 Upgrade: h2c is answered in HTTP/1.1, and CONNECT opens no tunnel', async () => {
  const extra = [
    ['Upgrade', 'h2c'],
    ['HTTP2-Settings', 'AAMAAABkAAQAAP__'],
  ] as const
  assertStatus(await lab.ask(forwardAuth({ extra })), 401)
  const { headers = [] } = extAuthz({ session: session('bob', 1) })
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')
  const bytes = await exchange(
    lab.port,
    `CONNECT /api/authz/ext-authz// HTTP/1.1\r\n${lines}\r\nGET /api/health HTTP/1.1\r\nHost: a\r\n\r\n`,
  )
  const answers = parseResponses(bytes)
  assert.equal(answers.length, 1)
  assert.equal(answers[0]?.status, 200)
  assert.equal((await lab.ask({ method: 'CONNECT', path: 'evil.com:443' })).status, 400)
})

test('HTP CONNECT behind a question that is still being judged ends the connection, not the server', async () => {
  const hanging = (): Promise<never> => new Promise(() => {})
  await withLab({ login: () => ({ basic: hanging }), patience: 20 }, async (other) => {
    const { path, headers = [] } = forwardAuth({ extra: [['Authorization', `Basic ${btoa(`bob:${PASSWORD}`)}`]] })
    const lines = [['Host', 'a'], ...headers].map(([name, value]) => `${name}: ${value}\r\n`).join('')
    const bytes = `GET ${path} HTTP/1.1\r\n${lines}\r\nCONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n`
    assert.equal(await exchange(other.port, bytes), '')
    assert.equal((await other.ask(forwardAuth({ host: 'public.example.com' }))).status, 200)
  })
})

test('HTP an allowing answer to a question whose body was never called for ends the connection', async () => {
  const { path, headers = [] } = forwardAuth({
    host: 'public.example.com',
    extra: [
      ['Expect', '100-continue'],
      ['Content-Length', '40'],
    ],
  })
  const lines = [['Host', 'a'], ...headers].map(([name, value]) => `${name}: ${value}\r\n`).join('')
  // The next visitor's question must not be taken for the body.
  const answers = parseResponses(await exchange(lab.port, `GET ${path} HTTP/1.1\r\n${lines}\r\n`))
  assert.deepEqual(
    answers.map(({ status, headers }) => [status, headers['connection']]),
    [[200, 'close']],
  )
})

test('connections are kept longer than proxies keep theirs', () => {
  assert.ok(lab.server.keepAliveTimeout >= 120_000)
  assert.ok(lab.server.headersTimeout > 0 && lab.server.headersTimeout <= 60_000)
})

test('warnings that outsiders can cause are few', async () => {
  await withLab({}, async (other) => {
    for (let i = 0; i < 50; i++) await other.ask(forwardAuth({ proto: 'http' }))
    const warnings = other.log.filter(({ level }) => level !== 'debug')
    assert.deepEqual(
      warnings.map(({ level, fields }) => [level, fields['reason']]),
      [['warn', 'scheme']],
    )
  })
})

test('HDR-14 a proxy that names no client is warned about', async () => {
  await withLab({}, async (other) => {
    const question = forwardAuth({ host: 'public.example.com', without: ['X-Forwarded-For'] })
    for (let i = 0; i < 3; i++) assertAllowed(await other.ask(question), '')
    assert.equal(other.log.filter(({ message }) => message.includes('no X-Forwarded-For')).length, 3)
    assert.equal(other.log.filter(({ level }) => level === 'warn').length, 1)
  })
})

test('RES-09 no number of questions is answered 429', async () => {
  for (let i = 0; i < 10; i++) {
    const answers = await Promise.all(Array.from({ length: 100 }, () => lab.ask(authRequest())))
    for (const answer of answers) assert.equal(answer.status, 401)
  }
})

test('nothing is logged above debug level when somebody passes or is turned away', async () => {
  await withLab({}, async (other) => {
    await other.ask(forwardAuth({ session: session('bob', 1) }))
    await other.ask(forwardAuth())
    await other.ask(forwardAuth({ host: 'deny.example.com' }))
    assert.deepEqual(
      other.log.map(({ level }) => level),
      ['debug', 'debug', 'debug'],
    )
  })
})
