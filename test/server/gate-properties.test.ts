// Properties of the gate over a socket (attack catalogue §4): what no list of cases can cover. Sequential, so that one question is in flight at a time.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import fc from 'fast-check'
import { rulesOf } from '../../src/policy/host-index.ts'
import type { Policy } from '../../src/policy/policy.ts'
import { COOKIE, type LabOptions, session, startLab } from './gate-lab.ts'
import { authRequest, extAuthz, forwardAuth, type Lines, legacy, type Question, REMOTE } from './gate-questions.ts'
import { exchange, parseResponses, type RawRequest, type RawResponse } from './raw-http.ts'

let judged = 0
let allowed = 0
/** Counts how often the policy was asked, and how often it would let somebody pass at any level. */
const counting = (policy: Policy): Policy => ({
  ...policy,
  hosts: {
    rulesFor(host) {
      judged++
      const rules = policy.hosts.rulesFor(host)
      if ([...rulesOf(rules)].some(({ verdict }) => verdict.requirement !== 'deny')) allowed++
      return rules
    },
  },
})
const lab = await startLab({ policy: counting })
after(() => lab.close())

const isAllowed = (answer: RawResponse): boolean => answer.status >= 200 && answer.status < 300
const isNamed = (answer: RawResponse): boolean => REMOTE.some((name) => Boolean(answer.headers[name]))

const host = fc.constantFrom(
  'one.example.com',
  'public.example.com',
  'deny.example.com',
  'admin.example.com',
  'app.example.com',
  'nothing.example.com',
  'api.example.com',
  'q.example.com',
  'evil.com',
)
const uri = fc.constantFrom(
  '/',
  '/public',
  '/admin',
  '/public/../admin',
  '/public/%2e%2e/admin',
  '//admin',
  '/a?mode=public',
  '/status',
  '/%zz',
  '/a#b',
)
const method = fc.constantFrom('GET', 'POST', 'OPTIONS', 'HEAD', 'get', 'DELETE')
const who = fc.constantFrom(undefined, session('bob', 1), session('bob', 2), session('alice', 2), 'forged')
const ask = fc.constantFrom(forwardAuth, authRequest, extAuthz, legacy)
const question: fc.Arbitrary<Question> = fc
  .record({ host, uri, method, session: who })
  .map(({ session: cookie, ...rest }) => ({
    ...rest,
    ...(cookie === undefined ? {} : { session: cookie }),
  }))

test('P1 a 2xx leaves only when the policy was asked about this very request', async () => {
  const segment = fc.constantFrom(
    'api',
    'API',
    'authz',
    'Authz',
    'verify',
    'forward-auth',
    'ext-authz',
    'auth-request',
    'legacy',
    '..',
    '.',
    '',
    '%2e%2e',
    '%61pi',
    'api%2fauthz',
    ';x',
    'x',
    '*',
    '\\',
    'public',
  )
  const parts = fc.array(segment, { maxLength: 6 }).map((all) => `/${all.join('/')}`)
  const endpoint = fc.constantFrom(
    '/api/authz/forward-auth',
    '/api/authz/auth-request',
    '/api/authz/ext-authz',
    '/api/verify',
  )
  const path = fc.oneof(
    parts,
    endpoint,
    fc.tuple(endpoint, parts).map(([one, rest]) => one + rest),
  )
  let passed = 0
  const verb = fc.constantFrom('GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'TRACE', 'PATCH', 'PROPFIND')
  await fc.assert(
    fc.asyncProperty(path, verb, question, ask, async (somewhere, anyMethod, asked, protocol) => {
      const { headers = [] } = protocol(asked)
      judged = 0
      allowed = 0
      const answer = await lab.ask({ method: anyMethod, path: somewhere, headers })
      if (!isAllowed(answer)) return
      passed++
      assert.ok(judged > 0 && allowed > 0, `${anyMethod} ${somewhere} was allowed without being judged`)
    }),
    { numRuns: 3000 },
  )
  assert.ok(passed > 100, `only ${passed} were allowed at all`)
})

/** A header, parameter, cookie or body that a client might add. */
const addition: fc.Arbitrary<(request: RawRequest) => RawRequest> = fc
  .oneof(
    fc
      .tuple(
        fc.constantFrom(
          'X-Forwarded-Host',
          'X-Forwarded-Uri',
          'X-Forwarded-Method',
          'X-Forwarded-Proto',
          'X-Original-URL',
          'X-Original-Method',
          'X_Forwarded_Host',
          'X-Authelia-URL',
          'X-Rewrite-URL',
          'Forwarded',
          'Host',
          'Remote-User',
          'Session-Username',
          'Upgrade',
          'Accept',
          'X-Requested-With',
          'Sec-Fetch-Mode',
          'X-Real-IP',
          'User-Agent',
          'X-HTTP-Method-Override',
          'x-envoy-auth-headers-to-remove',
        ),
        fc.constantFrom(
          'public.example.com',
          '/public',
          'GET',
          'OPTIONS',
          'https',
          'https://public.example.com/',
          'alice',
          'admin',
          'text/html',
          '10.0.0.5',
          'websocket',
          'navigate',
          '',
        ),
      )
      .map(([name, value]) => ({ name, value })),
    fc
      .constantFrom('', 'x', 'alice', 'forged', 'alice3@example.com', 'alice2@example.org')
      .map((value) => ({ name: 'Cookie', value: `${COOKIE}=${value}` })),
    fc
      .constantFrom('Basic x', 'Basic YWxpY2U6d3Jvbmc=', 'Bearer x', 'Digest x')
      .map((value) => ({ name: 'Authorization', value })),
  )
  .map(
    (line) =>
      (request: RawRequest): RawRequest => ({
        ...request,
        headers: [...(request.headers ?? []), [line.name, line.value] as const],
      }),
  )
const withQuery = fc.constantFrom(
  'authelia_url=https://evil.com',
  'rd=https://public.example.com/',
  'auth=basic',
  'x=1',
  'mode=public',
)

test('P3 nothing that a client adds turns a refusal into a pass, raises the level or changes who is named', async () => {
  await fc.assert(
    fc.asyncProperty(
      question,
      ask,
      fc.array(addition, { minLength: 1, maxLength: 5 }),
      fc.option(withQuery),
      async (asked, protocol, additions, query) => {
        const plain = protocol(asked)
        // behind ext-authz the query belongs to the target, where another one is another question
        const path =
          query === null || protocol === extAuthz
            ? plain.path
            : `${plain.path}${plain.path.includes('?') ? '&' : '?'}${query}`
        const before = await lab.ask(plain)
        const after_ = await lab.ask(additions.reduce((request, add) => add(request), { ...plain, path }))
        if (!isAllowed(before)) assert.ok(!isAllowed(after_), `${before.status} became ${after_.status}`)
        if (isNamed(after_)) assert.equal(after_.headers['remote-user'], before.headers['remote-user'])
      },
    ),
    { numRuns: 1500 },
  )
})

test('P6 lines of a family that a protocol does not read change no answer', async () => {
  const foreign: Record<string, readonly string[]> = {
    forwardAuth: ['X-Original-URL', 'X-Original-Method', 'X_Original_URL', 'X-Authelia-URL'],
    authRequest: ['X-Forwarded-Host', 'X-Forwarded-Uri', 'X-Forwarded-Method', 'X-Forwarded-Proto', 'X_Forwarded_Host'],
    extAuthz: ['X-Forwarded-Host', 'X-Forwarded-Uri', 'X-Forwarded-Method', 'X-Original-URL', 'X-Original-Method'],
  }
  const value = fc.constantFrom(
    'public.example.com',
    '/public',
    'https://public.example.com/',
    'OPTIONS',
    'http',
    '',
    'a, b',
  )
  await fc.assert(
    fc.asyncProperty(
      question,
      fc.constantFrom(forwardAuth, authRequest, extAuthz),
      fc.array(fc.tuple(fc.nat(4), value), { minLength: 1, maxLength: 4 }),
      async (asked, protocol, picks) => {
        const names = foreign[protocol.name] ?? []
        const extra: Lines = picks.map(([i, text]) => [names[i % names.length] ?? '', text])
        const plain = await lab.ask(protocol(asked))
        const mixed = await lab.ask(protocol({ ...asked, extra }))
        assert.equal(mixed.status, plain.status)
        assert.deepEqual(
          [...REMOTE, 'location'].map((name) => mixed.headers[name]),
          [...REMOTE, 'location'].map((name) => plain.headers[name]),
        )
      },
    ),
    { numRuns: 500 },
  )
})

test('P7 whatever a dependency does wrong, nobody gets further than without the fault', async () => {
  type Fault = 'throws' | 'rejects' | 'hangs' | 'garbage' | 'nothing' | 'late'
  let fault: Fault | undefined
  let calls = 0
  /** At which call it strikes. */
  let at = 0
  let garbage: unknown
  const faulty = <T>(call: () => T): T => {
    if (fault === undefined || calls++ !== at) return call()
    switch (fault) {
      case 'throws':
        throw new Error('down')
      case 'rejects':
        return Promise.reject(new Error('down')) as T
      case 'hangs':
        return new Promise(() => {}) as T
      case 'garbage':
        return garbage as T
      case 'nothing':
        return undefined as T
      case 'late':
        return Promise.resolve().then(call) as T
    }
  }
  const options: LabOptions = {
    patience: 20,
    sessions: (real) => ({ identify: (...args) => faulty(() => real.identify(...args)) }),
    directory: (real) => ({ find: (name) => faulty(() => real.find(name)) }),
    login: (real) => ({ basic: (...args) => faulty(() => real.basic(...args)) }),
    policy: (real) => ({
      ...real,
      hosts: {
        rulesFor: (name) => (fault === 'throws' ? faulty(() => real.hosts.rulesFor(name)) : real.hosts.rulesFor(name)),
      },
    }),
  }
  const other = await startLab(options)
  try {
    const faults = fc.constantFrom<Fault>('throws', 'rejects', 'hangs', 'garbage', 'nothing', 'late')
    const rubbish = fc.oneof(
      fc.anything(),
      fc.constantFrom<unknown>(
        { kind: 'accepted' },
        { kind: 'accepted', user: null },
        { kind: 'refused' },
        { username: 'alice' },
        { username: 'bob', level: 2 },
        { username: 'alice', groups: null, emails: null, displayName: 1 },
      ),
    )
    const credentials = fc.constantFrom<Lines>([], [['Authorization', 'Basic Ym9iOnBhc3N3b3Jk']])
    await fc.assert(
      fc.asyncProperty(
        question,
        ask,
        credentials,
        faults,
        fc.nat(3),
        rubbish,
        async (asked, protocol, extra, kind, when, what) => {
          fault = undefined
          const request = protocol({ ...asked, extra })
          const before = await other.ask(request)
          calls = 0
          at = when
          fault = kind
          garbage = what
          const after_ = await other.ask(request)
          fault = undefined
          if (!isAllowed(after_)) return
          assert.ok(isAllowed(before), `${kind} at call ${when}: ${before.status} became ${after_.status}`)
          if (isNamed(after_)) assert.equal(after_.headers['remote-user'], before.headers['remote-user'])
        },
      ),
      { numRuns: 800 },
    )
  } finally {
    await other.close()
  }
})

test('P5 any bytes get a 4xx or a closed connection, and the server lives', async () => {
  const { path, headers = [] } = forwardAuth({ host: 'one.example.com' })
  const valid = `GET ${path} HTTP/1.1\r\nHost: a\r\n${headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')}Connection: close\r\n\r\n`
  const mutated = fc
    .array(
      fc.tuple(
        fc.nat(valid.length),
        fc.oneof(
          fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)),
          fc.constantFrom('\r\n', ' ', '%', '//', '..', '\0', ':'),
        ),
      ),
      { minLength: 1, maxLength: 4 },
    )
    .map((changes) => changes.reduce((text, [place, put]) => text.slice(0, place) + put + text.slice(place + 1), valid))
  await fc.assert(
    fc.asyncProperty(mutated, async (bytes) => {
      const answer = await exchange(lab.port, bytes, undefined, true)
      for (const { status, headers: got } of answer === ''
        ? []
        : parseResponses(answer, bytes.startsWith('HEAD') ? 'HEAD' : 'GET')) {
        assert.ok(status >= 300 && status < 500, `${status}: ${JSON.stringify(bytes)}`)
        assert.equal(got['remote-user'], undefined)
      }
    }),
    { numRuns: 400 },
  )
})
