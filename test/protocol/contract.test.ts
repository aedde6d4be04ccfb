// What every protocol owes, through the gate that uses it: the same decision, answered in the words that its proxies understand.
import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { session, startLab } from '../server/gate-lab.ts'
import {
  assertAllowed,
  assertSound,
  assertStatus,
  authRequest,
  extAuthz,
  forwardAuth,
  legacy,
  type Question,
} from '../server/gate-questions.ts'
import type { RawRequest } from '../server/raw-http.ts'

const lab = await startLab()
after(() => lab.close())

interface Contract {
  readonly name: string
  readonly ask: (question?: Question) => RawRequest
  /** To somebody anonymous who wants a page: GET, POST. */
  readonly signIn: readonly [number, number]
  readonly malformed: number
}
const CONTRACTS: readonly Contract[] = [
  { name: 'forward-auth', ask: forwardAuth, signIn: [302, 303], malformed: 400 },
  { name: 'auth-request', ask: authRequest, signIn: [401, 401], malformed: 403 },
  { name: 'ext-authz', ask: extAuthz, signIn: [302, 303], malformed: 400 },
  { name: 'legacy', ask: legacy, signIn: [302, 303], malformed: 401 },
]

for (const { name, ask, signIn, malformed } of CONTRACTS) {
  describe(name, () => {
    test('allows with 200, four identity headers and an empty body', async () => {
      const answer = await lab.ask(ask({ session: session('bob', 1) }))
      assertAllowed(answer, 'bob')
      assert.equal(answer.headers['remote-groups'], 'users')
      assert.equal(answer.headers['remote-name'], 'Bob')
      assert.equal(answer.headers['remote-email'], 'bob@example.com')
      assert.equal(answer.headers['content-type'], undefined)
    })

    test('allows somebody anonymous with four empty identity headers', async () => {
      assertAllowed(await lab.ask(ask({ host: 'public.example.com' })), '')
    })

    test('names the user on a bypass rule as well', async () => {
      assertAllowed(await lab.ask(ask({ host: 'public.example.com', session: session('bob', 1) })), 'bob')
    })

    test('leads to the portal, with the way back, the method and a link for people', async () => {
      for (const [i, method] of (['GET', 'POST'] as const).entries()) {
        const answer = await lab.ask(ask({ method, uri: "/a?x='1'&y" }))
        assertStatus(answer, signIn[i] ?? 0)
        const expected = `https://auth.example.com/?rd=https%3A%2F%2Fone.example.com%2Fa%3Fx%3D%271%27%26y&rm=${method}`
        assert.equal(answer.headers['location'], expected)
        const words = { 302: 'Found', 303: 'See Other', 401: 'Unauthorized' }[answer.status]
        assert.equal(answer.body, `<a href="${expected.replaceAll('&', '&amp;')}">${answer.status} ${words}</a>`)
        assert.equal(answer.headers['content-type'], 'text/html; charset=utf-8')
        assert.equal(answer.headers['x-content-type-options'], 'nosniff')
      }
    })

    test('asks for more when one factor is not enough', async () => {
      const answer = await lab.ask(ask({ host: 'admin.example.com', session: session('bob', 1) }))
      assertStatus(answer, signIn[0])
      assert.match(answer.headers['location'] ?? '', /^https:\/\/auth\.example\.com\/\?rd=/)
    })

    test('MTH-03 answers a visitor who asked with HEAD without a body', async () => {
      const answer = await lab.ask(ask({ method: 'HEAD' }))
      assertStatus(answer, signIn[0])
      assert.equal(answer.headers['content-length'], '0')
      assert.equal(answer.headers['content-type'], undefined)
      assertAllowed(await lab.ask(ask({ method: 'HEAD', session: session('bob', 1) })), 'bob')
    })

    test('denies with 403 and no place to go', async () => {
      for (const who of [{}, { session: session('alice', 2) }]) {
        const answer = await lab.ask(ask({ host: 'deny.example.com', ...who }))
        assertStatus(answer, 403)
        assert.equal(answer.headers['location'], undefined)
        assert.equal(answer.body, '403 Forbidden')
        assert.equal(answer.headers['content-type'], 'text/plain; charset=utf-8')
      }
    })

    test('answers what it can not read with one status, on a bypass rule too', async () => {
      const questions: Question[] = [
        { host: 'public.example.com', proto: 'http' },
        { host: 'public.example.com', uri: '/%zz' },
        { host: 'public.example.net' },
      ]
      for (const question of questions) {
        const answer = await lab.ask(ask(question))
        assertStatus(answer, malformed)
        assert.equal(answer.headers['location'], undefined)
        assert.equal(answer.headers['www-authenticate'], undefined)
      }
    })

    test('MTH-05 refuses every scheme but https and wss', async () => {
      for (const proto of ['http', 'ws', 'ftp', 'gopher', 'file', 'HTTP'])
        assertStatus(await lab.ask(ask({ host: 'public.example.com', proto })), malformed, proto)
      assertAllowed(await lab.ask(ask({ host: 'public.example.com', proto: 'wss' })), '')
    })

    test('refuses a method that is not all capital letters', async () => {
      for (const method of ['get', 'GETz', 'M-SEARCH', 'G3T']) {
        const answer = await lab.ask(ask({ host: 'public.example.com', method }))
        // Node's own parser refuses what ext-authz has in its request line
        if (name === 'ext-authz') assertSoundOrParser(answer.status)
        else assertStatus(answer, malformed, method)
      }
    })

    test('MTH-04 a WebSocket without a session is told 401, one with a session passes', async () => {
      const extra = [
        ['Upgrade', 'websocket'],
        ['Sec-WebSocket-Key', 'dGhlIHNhbXBsZSBub25jZQ=='],
      ] as const
      for (const proto of ['wss', 'https']) {
        assertStatus(await lab.ask(ask({ proto, extra })), 401)
        assertAllowed(await lab.ask(ask({ proto, extra, session: session('bob', 1) })), 'bob')
      }
    })

    test('tells a script 401 rather than redirecting it, and still where to sign in', async () => {
      const scripts: Question[] = [
        { extra: [['X-Requested-With', 'XMLHttpRequest']] },
        { extra: [['Sec-Fetch-Mode', 'cors']] },
        { accept: 'application/json' },
        { without: ['Accept'] },
      ]
      for (const question of scripts) {
        const answer = await lab.ask(ask(question))
        assertStatus(answer, 401)
        assert.ok(answer.headers['location'])
      }
      assertStatus(await lab.ask(ask({ extra: [['Sec-Fetch-Mode', 'navigate']] })), signIn[0])
    })

    test('says to whoever asks about the portal itself what is wrong', async () => {
      const answer = await lab.ask(ask({ host: 'auth.example.com', uri: '/?rd=x' }))
      assertStatus(answer, 403)
      assert.match(answer.body, /address of the sign-in portal itself/)
      assert.equal(answer.headers['location'], undefined)
      // signed in there is nothing to lead to
      assertAllowed(await lab.ask(ask({ host: 'auth.example.com', session: session('bob', 1) })), 'bob')
    })
  })
}

function assertSoundOrParser(status: number): void {
  assert.equal(status, 400)
}

describe('where protocols differ', () => {
  test('ext-authz lists identity headers that are not set for removal, and never one that is', async () => {
    const removed = async (question: Question) =>
      (await lab.ask(extAuthz(question))).headers['x-envoy-auth-headers-to-remove']?.split(',') ?? []
    const aliases = ['remote_user', 'remote_groups', 'remote_name', 'remote_email']
    assert.deepEqual(await removed({ session: session('bob', 1) }), aliases)
    assert.deepEqual(await removed({ session: session('carol', 1) }), [
      'remote-groups',
      'remote-name',
      'remote-email',
      ...aliases,
    ])
    const all = ['remote-user', 'remote-groups', 'remote-name', 'remote-email', ...aliases]
    assert.deepEqual(await removed({ host: 'public.example.com' }), all)
    for (const ask of [forwardAuth, authRequest, legacy])
      assert.equal(
        (await lab.ask(ask({ host: 'public.example.com' }))).headers['x-envoy-auth-headers-to-remove'],
        undefined,
      )
  })

  test('ext-authz takes the path with and without the last slash of the prefix, and keeps the query', async () => {
    const { headers = [] } = extAuthz({ host: 'app.example.com' })
    for (const rest of ['/public/x', '//public/x', '//public/?a=1'])
      assertAllowed(await lab.ask({ path: `/api/authz/ext-authz${rest}`, headers }), '', rest)
    const answer = await lab.ask({ path: '/api/authz/ext-authz/admin?a=1', headers })
    assert.match(answer.headers['location'] ?? '', /rd=https%3A%2F%2Fapp\.example\.com%2Fadmin%3Fa%3D1&rm=GET$/)
  })

  test('ext-authz asked for a bare slash answers Authelia’s redirect, but judges the root for Envoy', async () => {
    const path = '/api/authz/ext-authz/'
    const { headers = [] } = extAuthz({ host: 'public.example.com' })
    const moved = await lab.ask({ path, headers })
    assertStatus(moved, 301)
    assert.equal(moved.headers['location'], 'http://public.example.com/api/authz/ext-authz')
    const fromEnvoy = [...headers, ['x-envoy-expected-rq-timeout-ms', '2000'] as const]
    assertAllowed(await lab.ask({ path, headers: fromEnvoy }), '')
    const denied = extAuthz({ host: 'deny.example.com', extra: [['x-envoy-expected-rq-timeout-ms', '2000']] })
    assertStatus(await lab.ask({ path, headers: denied.headers ?? [] }), 403)
  })

  test('RES-02 ext-authz judges OPTIONS by the rules, preflight or not', async () => {
    const extra = [
      ['Origin', 'https://evil.com'],
      ['Access-Control-Request-Method', 'POST'],
    ] as const
    const closed = await lab.ask(extAuthz({ method: 'OPTIONS', extra }))
    assertStatus(closed, 302)
    assert.equal(closed.headers['access-control-allow-origin'], undefined)
    assertAllowed(await lab.ask(extAuthz({ host: 'api.example.com', method: 'OPTIONS', extra })), '')
    assertStatus(await lab.ask(extAuthz({ host: 'api.example.com', method: 'GET', extra })), 302)
  })

  test('RES-02 forward-auth and auth-request answer every method but GET and HEAD with 405', async () => {
    for (const method of ['OPTIONS', 'POST', 'PUT', 'DELETE', 'TRACE', 'PATCH']) {
      for (const ask of [forwardAuth, authRequest]) {
        const answer = await lab.ask({ ...ask({ host: 'public.example.com' }), method })
        assertStatus(answer, 405)
        assert.equal(answer.headers['allow'], 'GET, HEAD')
      }
    }
    for (const ask of [forwardAuth, authRequest]) {
      const answer = await lab.ask({ ...ask({ session: session('bob', 1) }), method: 'HEAD' })
      assert.equal(answer.status, 200)
      assertSound(answer)
    }
  })

  test('legacy leads nowhere when nobody said where the portal is', async () => {
    const answer = await lab.ask(legacy({ query: '' }))
    assertStatus(answer, 401)
    assert.equal(answer.headers['location'], undefined)
    assert.equal(answer.body, '401 Unauthorized')
    const header = await lab.ask(legacy({ query: '', extra: [['X-Authelia-URL', 'https://auth.example.com']] }))
    assertStatus(header, 302)
  })

  test('legacy is asked below its path too', async () => {
    const { headers = [] } = legacy({})
    assertStatus(await lab.ask({ path: '/api/verify/anything?rd=https://auth.example.com', headers }), 302)
  })

  test('P6 a family of headers that a protocol does not read changes nothing', async () => {
    const forwarded = [
      ['X-Forwarded-Host', 'public.example.com'],
      ['X-Forwarded-Uri', '/public'],
      ['X-Forwarded-Method', 'OPTIONS'],
    ] as const
    const original = [
      ['X-Original-URL', 'https://public.example.com/'],
      ['X-Original-Method', 'OPTIONS'],
    ] as const
    for (const host of ['one.example.com', 'deny.example.com', 'public.example.com', 'api.example.com']) {
      const pairs = [
        [forwardAuth, original],
        [authRequest, forwarded],
        [extAuthz, [...forwarded, ...original]],
      ] as const
      for (const [ask, extra] of pairs) {
        const plain = await lab.ask(ask({ host }))
        for (const lines of [extra, [...extra, ...extra]]) {
          const mixed = await lab.ask(ask({ host, extra: lines }))
          assert.equal(mixed.status, plain.status)
          assert.equal(mixed.headers['location'], plain.headers['location'])
        }
      }
    }
  })
})
