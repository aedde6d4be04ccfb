// Attack catalogue, section HDR: who may speak for a visitor, and what forwarded headers may do.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { type LabOptions, session, startLab } from './gate-lab.ts'
import {
  assertAllowed,
  assertClosed,
  assertStatus,
  authRequest,
  extAuthz,
  forwardAuth,
  type Lines,
  legacy,
} from './gate-questions.ts'
import { exchange, parseResponses } from './raw-http.ts'

const lab = await startLab()
const behindOne = await startLab({ trustedProxies: ['127.0.0.2/32', '10.9.0.0/16'] })
after(() => Promise.all([lab.close(), behindOne.close()]))

const withLab = async (options: LabOptions, use: (lab: Awaited<ReturnType<typeof startLab>>) => Promise<void>) => {
  const other = await startLab(options)
  try {
    await use(other)
  } finally {
    await other.close()
  }
}

test('HDR-01 a peer that is not a trusted proxy gets no answer about any target, and is named in the log', async () => {
  const targets = [{ host: 'public.example.com' }, { host: 'admin.example.com', session: session('alice', 2) }]
  for (const target of targets) {
    const from = { from: '127.0.0.66' }
    assertStatus(await behindOne.ask({ ...forwardAuth(target), ...from }), 400)
    assertStatus(await behindOne.ask({ ...extAuthz(target), ...from }), 400)
    assertStatus(await behindOne.ask({ ...authRequest(target), ...from }), 403)
    assertStatus(await behindOne.ask({ ...legacy(target), ...from }), 401)
  }
  const warnings = behindOne.log.filter(({ level }) => level === 'warn')
  assert.equal(warnings.length, 1)
  assert.equal(warnings[0]?.fields['reason'], 'untrusted-peer')
  assert.equal(warnings[0]?.fields['peer'], '127.0.0.66')
  assertAllowed(await behindOne.ask({ ...forwardAuth({ host: 'public.example.com' }), from: '127.0.0.2' }), '')
})

test('HDR-02 with an empty list of trusted proxies nobody may ask', async () => {
  await withLab({ trustedProxies: [] }, async (nobody) => {
    assertStatus(await nobody.ask(forwardAuth({ host: 'public.example.com' })), 400)
  })
})

test('HDR-03 identity headers of a client are never read', async () => {
  const extra: Lines = [
    ['Remote-User', 'admin'],
    ['Remote-Groups', 'admins'],
    ['Remote-Name', 'x'],
    ['Remote-Email', 'a@x'],
    ['X-Forwarded-User', 'admin'],
    ['X-Remote-User', 'admin'],
    ['X-Authelia-User', 'admin'],
  ]
  for (const ask of [forwardAuth, authRequest, extAuthz, legacy]) {
    assertClosed(await lab.ask(ask({ extra })))
    const bob = await lab.ask(ask({ extra, session: session('bob', 1) }))
    assertAllowed(bob, 'bob')
    assert.equal(bob.headers['remote-groups'], 'users')
    assert.equal(bob.headers['remote-name'], 'Bob')
    assert.equal(bob.headers['remote-email'], 'bob@example.com')
    assertAllowed(await lab.ask(ask({ extra, host: 'public.example.com' })), '')
  }
})

test('HDR-04 a user without e-mail, groups and name still gets all four headers', async () => {
  const answer = await lab.ask(forwardAuth({ session: session('carol', 1) }))
  assertAllowed(answer, 'carol')
  for (const name of ['remote-groups', 'remote-name', 'remote-email']) assert.equal(answer.headers[name], '')
})

test('HDR-05 a forwarded header that comes twice is malformed, whatever its values and their order', async () => {
  const values: Record<string, readonly [string, string]> = {
    'X-Forwarded-Host': ['public.example.com', 'admin.example.com'],
    'X-Forwarded-Uri': ['/public', '/admin'],
    'X-Forwarded-Proto': ['https', 'https'],
    'X-Forwarded-Method': ['GET', 'POST'],
  }
  for (const [name, [one, two]] of Object.entries(values)) {
    for (const pair of [
      [one, two],
      [two, one],
      [one, one],
    ] as const) {
      const extra = pair.map((value) => [name, value] as const)
      assertStatus(await lab.ask(forwardAuth({ host: 'public.example.com', without: [name], extra })), 400, name)
    }
    const extra = [[name, `${one}, ${two}`]] as const
    assertStatus(await lab.ask(forwardAuth({ host: 'public.example.com', without: [name], extra })), 400, name)
  }
  for (const name of ['X-Original-URL', 'X-Original-Method']) {
    const value = name === 'X-Original-URL' ? 'https://public.example.com/' : 'GET'
    assertStatus(await lab.ask(authRequest({ host: 'public.example.com', extra: [[name, value]] })), 403, name)
  }
  const twoHosts = extAuthz({ host: 'public.example.com', extra: [['Host', 'admin.example.com']] })
  assertStatus(await lab.ask(twoHosts), 400)
})

test('HDR-05 at the legacy endpoint the two families may not differ', async () => {
  const spoofed = (url: string) => legacy({ host: 'admin.example.com', extra: [['X-Original-URL', url]] })
  assertStatus(await lab.ask(spoofed('https://public.example.com/')), 401)
  assertStatus(await lab.ask(spoofed('https://admin.example.com/other')), 401)
  assertStatus(await lab.ask(spoofed('https://admin.example.com/')), 302)
})

test('HDR-07 an underscore alias of a forwarded header is malformed, and so is a blank in a name', async () => {
  for (const name of ['X_Forwarded_Host', 'x-forwarded_uri', 'X_FORWARDED_PROTO', 'X-Forwarded_For'])
    assertStatus(await lab.ask(forwardAuth({ host: 'public.example.com', extra: [[name, '/public']] })), 400, name)
  const extra: Lines = [['X_Original_URL', 'https://public.example.com/']]
  assertStatus(await lab.ask(authRequest({ extra })), 403)
  assertStatus(await lab.ask(forwardAuth({ extra: [['X-Forwarded-Host ', 'public.example.com']] })), 400)
  assertAllowed(await lab.ask(forwardAuth({ host: 'public.example.com', extra: [['Remote_User', 'admin']] })), '')
})

test('HDR-09 a missing or empty forwarded header is malformed, session or not', async () => {
  for (const host of ['public.example.com', 'one.example.com']) {
    for (const who of [{}, { session: session('bob', 2) }]) {
      for (const name of ['X-Forwarded-Proto', 'X-Forwarded-Host', 'X-Forwarded-Uri', 'X-Forwarded-Method']) {
        // an empty X-Forwarded-Uri is a target without a path, as recorded: the gate judges it, by the strictest reading
        const empty: Lines[] = name === 'X-Forwarded-Uri' ? [] : [[[name, '']], [[name, ' ']]]
        for (const extra of [[], ...empty])
          assertStatus(await lab.ask(forwardAuth({ host, ...who, without: [name], extra })), 400, name)
      }
      for (const name of ['X-Original-URL', 'X-Original-Method']) {
        for (const extra of [[], [[name, '']], [[name, ' ']]] as Lines[])
          assertStatus(await lab.ask(authRequest({ host, ...who, without: [name], extra })), 403, name)
      }
      assertStatus(await lab.ask(extAuthz({ host, ...who, without: ['X-Forwarded-Proto'] })), 400)
    }
  }
})

test('HDR-10 too many header lines are refused rather than cut off', async () => {
  const extra = Array.from({ length: 1500 }, (_, i) => [`a${i}`, ''] as const)
  const { headers = [], path } = forwardAuth({ host: 'public.example.com' })
  assertStatus(await lab.ask({ path, headers: [...extra, ...headers] }), 431)
})

test('HDR-11 other headers that proxies know say nothing about the target, the portal or the client', async () => {
  const extra: Lines = [
    ['X-Forwarded-Prefix', '/public'],
    ['X-Forwarded-Port', '8443'],
    ['X-Forwarded-Server', 'x'],
    ['X-Rewrite-URL', '/public'],
    ['X-Original-Host', 'public.example.com'],
    ['Forwarded', 'for=10.0.0.5;host=public.example.com;proto=https'],
    ['CF-Connecting-IP', '10.0.0.5'],
    ['True-Client-IP', '10.0.0.5'],
    ['X-Real-IP', '10.0.0.5'],
  ]
  for (const host of ['app.example.com', 'internal.example.com']) {
    const plain = await lab.ask(forwardAuth({ host, uri: '/admin' }))
    const adorned = await lab.ask(forwardAuth({ host, uri: '/admin', extra }))
    assertStatus(adorned, 302)
    assert.equal(adorned.headers['location'], plain.headers['location'])
  }
})

test('HDR-12 headers that a client had dropped by naming them in Connection are missing headers', async () => {
  const extra: Lines = [['Connection', 'X-Forwarded-Host']]
  assertStatus(await lab.ask(forwardAuth({ extra, without: ['X-Forwarded-Host', 'Connection'] })), 400)
})

test('HDR-14 an X-Forwarded-For that is no address is malformed everywhere', async () => {
  const values = [
    'a',
    ',',
    '1.2.3.4,',
    '999.1.1.1',
    '127.1',
    '0x7f.1',
    '::1%eth0',
    'unknown',
    'x'.repeat(4096),
    '010.0.0.1',
  ]
  for (const client of values) {
    for (const host of ['internal.example.com', 'public.example.com', 'one.example.com']) {
      const who = { host, client, session: session('alice', 2) }
      assertStatus(await lab.ask(forwardAuth(who)), 400, client)
      assertStatus(await lab.ask(authRequest(who)), 403, client)
      assertStatus(await lab.ask(extAuthz(who)), 400, client)
    }
  }
})

test('HDR-15 the address that a client writes itself does not open a rule about networks', async () => {
  const host = 'internal.example.com'
  assertStatus(await lab.ask(forwardAuth({ host, client: '10.0.0.5, 203.0.113.9' })), 302)
  const lines: Lines = [
    ['X-Forwarded-For', '10.0.0.5'],
    ['X-Forwarded-For', '203.0.113.9'],
  ]
  assertStatus(await lab.ask(forwardAuth({ host, without: ['X-Forwarded-For'], extra: lines })), 302)
  assertAllowed(await lab.ask(forwardAuth({ host, client: '203.0.113.9, 10.0.0.5' })), '')
  // behind configured proxies the walk goes on past them, and no further
  const chain = (client: string) => ({ ...forwardAuth({ host, client }), from: '127.0.0.2' })
  assertStatus(await behindOne.ask(chain('10.0.0.5, 203.0.113.9, 10.9.1.1')), 302)
  assertAllowed(await behindOne.ask(chain('203.0.113.9, 10.0.0.5, 10.9.1.1')), '')
})

test('HDR-16 an IPv4 address written as IPv6 is the same address for rules', async () => {
  const host = 'internal.example.com'
  for (const client of [
    '::ffff:10.0.0.5',
    '::ffff:a00:5',
    '0:0:0:0:0:ffff:a00:5',
    '[::ffff:10.0.0.5]:443',
    '10.0.0.5:1234',
  ])
    assertAllowed(await lab.ask(forwardAuth({ host, client })), '', client)
})

test('HDR-17 the only schemes are https and wss', async () => {
  const values = [
    'evil_protocol',
    'https,http',
    'https://public.example.com/?x=',
    'javascript',
    'ws',
    'http',
    'HTTP',
    'httpss',
  ]
  for (const proto of values) {
    assertStatus(await lab.ask(forwardAuth({ host: 'public.example.com', proto })), 400, proto)
    assertStatus(await lab.ask(extAuthz({ host: 'public.example.com', proto })), 400, proto)
  }
  assertAllowed(await lab.ask(forwardAuth({ host: 'public.example.com', proto: 'HTTPS' })), '')
  assertAllowed(await lab.ask(forwardAuth({ host: 'public.example.com', proto: 'wss' })), '')
})

test('HDR-19 a portal address in the question leads nowhere but to the configured portal', async () => {
  const outside = [
    'https://evil.com/',
    'https://auth.example.com.evil.com',
    '//evil.com',
    'https://auth.example.com@evil.com/',
    'https://evil.com\\.auth.example.com/',
    'https:auth.example.com',
    '/login',
    '',
    'javascript://auth.example.com/%0aalert(1)',
  ]
  for (const url of outside) {
    const query = `?authelia_url=${encodeURIComponent(url)}`
    const inName = url.startsWith('javascript')
    for (const answer of [
      await lab.ask(forwardAuth({ query })),
      await lab.ask(authRequest({ query })),
      await lab.ask(extAuthz({ extra: [['X-Authelia-URL', url]] })),
      await lab.ask(legacy({ query: `?rd=${encodeURIComponent(url)}` })),
    ]) {
      assertClosed(answer, url)
      // a host within the domain by another scheme is ignored, everything else is malformed
      if (!inName) assert.equal(answer.headers['location'], undefined, url)
      else assert.match(answer.headers['location'] ?? 'https://auth.example.com/?', /^https:\/\/auth\.example\.com\/\?/)
    }
  }
  for (const url of ['https://phish.example.com/', 'http://auth.example.com/', 'https://auth.example.com:8443/']) {
    const answer = await lab.ask(forwardAuth({ query: `?authelia_url=${encodeURIComponent(url)}` }))
    assert.match(answer.headers['location'] ?? '', /^https:\/\/auth\.example\.com\/\?rd=/, url)
  }
  const ignored = await lab.ask(
    forwardAuth({ query: '?rd=https://evil.com', extra: [['X-Authelia-URL', 'https://evil.com']] }),
  )
  assert.match(ignored.headers['location'] ?? '', /^https:\/\/auth\.example\.com\/\?rd=/)
})

test('HDR-20 what a health check or prefetch looks like changes nothing', async () => {
  const extra: Lines = [
    ['User-Agent', 'GoogleHC/1.0'],
    ['X-Health-Check', '1'],
    ['X-Appengine-Cron', 'true'],
    ['Purpose', 'prefetch'],
  ]
  assertStatus(await lab.ask(forwardAuth({ extra })), 302)
  assertStatus(await lab.ask(forwardAuth({ extra: [['User-Agent', 'kube-probe/1.30']] })), 302)
})

test('HDR-21 names in any script arrive as UTF-8; characters that would end a header refuse the user', async () => {
  const users = {
    zoe: { displayName: 'Zoë' },
    yama: { displayName: '山田', groups: ['グループ'] },
    euro: { displayName: '€' },
    long: { displayName: 'x'.repeat(9000) },
    lone: { displayName: '\ud800x' },
    crlf: { displayName: 'x\r\nRemote-User: admin' },
    nul: { displayName: 'x\0' },
    tab: { groups: ['a\tb'] },
    feed: { emails: ['a\n@example.com'] },
    blank: { groups: ['admins '] },
  }
  await withLab({ users: { ...users, 'trailing ': {} } }, async (other) => {
    const ask = (name: string, host = 'one.example.com') => other.ask(forwardAuth({ host, session: session(name, 2) }))
    for (const name of ['zoe', 'yama', 'euro', 'long', 'lone'] as const) {
      const answer = await ask(name)
      assertAllowed(answer, name)
      const text = Buffer.from(answer.headers['remote-name'] ?? '', 'latin1').toString('utf8')
      assert.equal(text, (users[name].displayName ?? '').toWellFormed())
    }
    for (const name of ['crlf', 'nul', 'tab', 'feed', 'blank']) {
      assertStatus(await ask(name), 403, name)
      assertAllowed(await ask(name, 'public.example.com'), '', name)
    }
    assert.ok(other.log.some(({ message }) => message.includes('could misread in a header')))
  })
})

test('HDR-22 credentials that do not hold ask for better ones where something is protected, and name nobody where nothing is', async () => {
  const extra: Lines = [['Authorization', 'Basic !!!']]
  assertAllowed(await lab.ask(forwardAuth({ host: 'public.example.com', extra, session: session('bob', 2) })), '')
  const answer = await lab.ask(forwardAuth({ extra, session: session('bob', 2) }))
  assertStatus(answer, 401)
  assert.equal(answer.headers['www-authenticate'], 'Basic realm="Authorization Required"')
})

test('HTP-02 of two Host headers none counts, at the portal neither', async () => {
  const bytes = await exchange(
    lab.port,
    'GET / HTTP/1.1\r\nHost: auth.example.com\r\nHost: evil.com\r\nConnection: close\r\n\r\n',
  )
  assert.equal(parseResponses(bytes)[0]?.status, 400)
  assert.deepEqual(lab.portalSaw, [])
})
