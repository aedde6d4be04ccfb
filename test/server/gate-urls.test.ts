// Attack catalogue, sections URL and (as far as a socket is needed) DOM: what may stand in the address of the target.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
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
const app = (uri: string, who = {}) => ({ host: 'app.example.com', uri, ...who })

/** Through every protocol: closed for somebody anonymous. */
async function closedEverywhere(uri: string, host = 'app.example.com'): Promise<void> {
  for (const ask of [forwardAuth, authRequest, extAuthz, legacy]) {
    const answer = await lab.ask(ask({ host, uri }))
    assertClosed(answer, `${ask.name} ${uri}`)
  }
}

const CLOSED: Readonly<Record<string, readonly string[]>> = {
  'URL-01 dot segments, plain and encoded, lead out of no public folder': [
    '/public/../admin',
    '/public/./../admin',
    '/public/%2e%2e/admin',
    '/public/.%2E/admin',
    '/public/%2e%2e%2fadmin',
    '/public/x/../../admin',
    '/public/..',
    '/../public/../admin',
  ],
  'URL-02 encoded slashes and backslashes lead out of no public folder': [
    '/public/..%2fadmin',
    '/public/..%2Fadmin',
    '/public%2f..%2fadmin',
    '/%2fadmin',
    '/public/..%5cadmin',
    '/public/..%5Cadmin',
    '/public\\..\\admin',
    '/admin%2f',
  ],
  'URL-03 what a second decoding would make of a path counts too': [
    '/public/%252e%252e/admin',
    '/%2561dmin',
    '/public/%25%32%65%25%32%65/admin',
    '/admin%2500',
  ],
  'URL-04 several slashes are one, and more': [
    '//admin',
    '///admin',
    '/public//../admin',
    '/public/..//admin',
    '/%2f%2fadmin',
    '/./admin',
    '/admin//x',
  ],
  'URL-05 path parameters hide nothing': [
    '/admin;x=1',
    '/;/admin',
    '/public/..;/admin',
    '/admin%3bx',
    '/public/;%2f..%2f/admin',
    '/admin/.;/',
  ],
  'URL-07 endings that look like the public folder are not in it': [
    '/public-secret',
    '/publicx/../admin',
    '/admin.json',
    '/admin/.',
    '/adminx',
  ],
  'URL-11 bytes that are no UTF-8 are no way in': [
    '/%c0%afadmin',
    '/%e0%80%af',
    '/%ff',
    '/public/%c0%ae%c0%ae/admin',
    '/public/\xff\xfe',
  ],
  'URL-12 the query does not grant what the path does not': [
    '/api/private?x=/status',
    '/api/private?/api/x/status',
    '/admin?/public',
    '/admin?x=/public/',
  ],
}
for (const [name, uris] of Object.entries(CLOSED)) {
  test(name, async () => {
    for (const uri of uris) await closedEverywhere(uri)
  })
}

test('URL-01 URL-03 URL-04 URL-05 and to somebody signed in without the group the admin folder stays closed', async () => {
  for (const name of ['URL-01', 'URL-03', 'URL-04', 'URL-05']) {
    const uris = Object.entries(CLOSED).find(([key]) => key.startsWith(name))?.[1] ?? []
    for (const uri of uris.filter((one) => one.includes('admin')))
      assertClosed(await lab.ask(forwardAuth(app(uri, { session: session('bob', 2) }))), uri)
  }
})

test('URL-01 a path that stays public in every reading is public', async () => {
  assertAllowed(await lab.ask(forwardAuth(app('/public/../public/x'))), '')
  assertAllowed(await lab.ask(forwardAuth(app('/public/a%20b'))), '')
})

test('URL-06 encoded letters are letters', async () => {
  assertClosed(await lab.ask(forwardAuth(app('/%41dmin'))))
  assertClosed(await lab.ask(forwardAuth(app('/%61dmin', { session: session('bob', 2) }))))
})

test('URL-09 blanks and control characters in a target are malformed', async () => {
  for (const uri of ['/adm\tin', '/pub lic', '/public\x0b', '/public/\x7f', '/public?a\tb', '/public?a b']) {
    assertStatus(await lab.ask(forwardAuth(app(uri))), 400, JSON.stringify(uri))
    assertClosed(await lab.ask(authRequest(app(uri))), JSON.stringify(uri))
  }
  for (const url of ['ht\ttps://app.example.com/public', 'https://app.example.com/public\x01'])
    assertClosed(await lab.ask(authRequest({}, url)), JSON.stringify(url))
})

test('URL-10 a raw # is malformed, an encoded one is a byte of the path', async () => {
  for (const uri of ['/admin#/public', '/public#/../admin', '/foo/secret#/bar', '/public?x#y', '/public#']) {
    assertStatus(await lab.ask(forwardAuth(app(uri))), 400, uri)
    assertStatus(await lab.ask(authRequest(app(uri))), 403, uri)
    assertStatus(await lab.ask(legacy(app(uri))), 401, uri)
    assertStatus(await lab.ask(extAuthz(app(uri))), 400, uri)
  }
  assertClosed(await lab.ask(forwardAuth(app('/public%23/../admin'))))
})

test('URL-13 a query key that comes twice grants nothing unless every value does', async () => {
  const q = (query: string) => lab.ask(forwardAuth({ host: 'q.example.com', uri: `/?${query}` }))
  assertAllowed(await q('mode=public'), '')
  for (const query of [
    'mode=public&mode=private',
    'mode=private&mode=public',
    'mode[]=public',
    'MODE=public',
    'mode=%zz&mode=public',
    'mode=public;mode=private',
  ])
    assertClosed(await q(query), query)
})

test('URL-14 user information in a target is malformed', async () => {
  for (const host of [
    'public.example.com@admin.example.com',
    'admin.example.com@public.example.com',
    'a@public.example.com',
    'u:p@public.example.com',
    '@public.example.com',
  ]) {
    assertStatus(await lab.ask(forwardAuth({ host })), 400, host)
    assertStatus(await lab.ask(authRequest({ host })), 403, host)
    assertStatus(await lab.ask(extAuthz({ host })), 400, host)
  }
})

const MALFORMED_URLS = [
  'https://public.example.com/%',
  'https://public.example.com/a%zz',
  'https://[::1/',
  'https://public.example.com:abc/',
  'https://public.example.com:99999/',
  'https://public.example.com:/',
  '::::',
  '/admin',
  'https:admin',
  'https://public.example.com/\xff',
  `https://public.example.com/${'a'.repeat(20_000)}`,
]
test('URL-15 a target that can not be read is never allowed', async () => {
  for (const url of MALFORMED_URLS) {
    for (const who of [{}, { session: session('alice', 2) }]) {
      assertStatus(await lab.ask(authRequest(who, url)), 403, url.slice(0, 80))
      const headers = [...(legacy(who).headers ?? []), ['X-Original-URL', url] as const]
      assertStatus(await lab.ask({ path: '/api/verify', headers }), 401, url.slice(0, 80))
    }
  }
})

test('URL-16 an absolute URL is written out', async () => {
  for (const url of [
    'https:public.example.com/x',
    'https:/public.example.com',
    'https:///public.example.com',
    '//public.example.com/',
    'https:\\\\public.example.com',
    'public.example.com/',
  ])
    assertStatus(await lab.ask(authRequest({}, url)), 403, url)
  assertAllowed(await lab.ask(authRequest({}, 'HTTPS://public.example.com')), '')
})

test('URL-18 an absolute request line or path names no other target', async () => {
  const { headers = [] } = extAuthz({ host: 'admin.example.com' })
  for (const path of ['http://public.example.com/x', 'http://public.example.com/api/authz/ext-authz//', '*']) {
    const method = path === '*' ? 'OPTIONS' : 'GET'
    assertStatus(await lab.ask({ method, path, headers }), 400, path)
  }
  assertStatus(await lab.ask(forwardAuth({ host: 'admin.example.com', uri: 'https://public.example.com/' })), 400)
})

test('URL-19 a path that does not begin with a slash is malformed', async () => {
  for (const uri of ['admin', '@evil.com/', '.evil.com/', ':8443/', '?x', '#', '*'])
    assertStatus(await lab.ask(forwardAuth({ host: 'public.example.com', uri })), 400, uri)
})

test('URL-20 no part of a target can pose as another', async () => {
  for (const host of [
    'public.example.com/x?',
    'public.example.com#',
    'admin.example.com\\',
    'a b',
    'public.example.com,',
    'a..example.com',
    '.example.com',
    'public.example.com.',
    'public.example.com:0',
    '-',
    'public.example.com%2f',
  ])
    assertClosed(await lab.ask(forwardAuth({ host })), host)
  assertStatus(await lab.ask(forwardAuth({ proto: 'https://public.example.com/?x=' })), 400)
})

test('URL-19 an empty path is the root or nothing at all, whichever is judged more strictly', async () => {
  assertStatus(await lab.ask(forwardAuth(app(''))), 302)
  assertAllowed(await lab.ask(forwardAuth(app('', { session: session('bob', 1) }))), 'bob')
})

test('DOM-01 the letter case of a host changes nothing', async () => {
  for (const host of ['ADMIN.example.com', 'Secure.ADMIN.Example5.COM']) {
    assertClosed(await lab.ask(forwardAuth({ host })), host)
    assertClosed(await lab.ask(authRequest({ host })), host)
    assertClosed(await lab.ask(extAuthz({ host })), host)
  }
  assertAllowed(await lab.ask(forwardAuth({ host: 'bob.home.example.com', session: session('bob', 1) })), 'bob')
  assertClosed(await lab.ask(forwardAuth({ host: 'alice.home.example.com', session: session('bob', 1) })))
})

test('DOM-02 DOM-03 DOM-05 a host outside every cookie domain is malformed, however close it looks', async () => {
  for (const host of [
    'notexample.com',
    'example.com.evil.com',
    'evil-example.com',
    'xexample.com',
    'example.comx',
    'app.example.com.',
    'admin.example.com..',
    '.admin.example.com',
    'admin..example.com',
    '127.0.0.1',
    '2130706433',
    '0x7f.1',
    '010.0.0.1',
    '[::ffff:7f00:1]',
    '[::1]',
  ])
    assertStatus(await lab.ask(forwardAuth({ host, session: session('alice', 2) })), 400, host)
})

test('DOM-11 a host without a rule is denied, without a way round in circles', async () => {
  assertStatus(await lab.ask(forwardAuth({ host: 'nothing.example.com' })), 403)
  assertStatus(await lab.ask(forwardAuth({ host: 'nothing.example.com', session: session('alice', 2) })), 403)
})

test('the way back is the address that was asked for, query and port included', async () => {
  const back = async (question: object, ask = forwardAuth) =>
    new URL((await lab.ask(ask(question))).headers['location'] ?? '').searchParams.get('rd')
  assert.equal(await back({ uri: '/a%20b?x=1&y=%26' }), 'https://one.example.com/a%20b?x=1&y=%26')
  assert.equal(await back({ host: 'one.example.com:8443' }), 'https://one.example.com:8443/')
  assert.equal(await back({ uri: '/page?x=1' }, extAuthz), 'https://one.example.com/page?x=1')
  assert.equal(await back({ uri: '/<"|>{}^`' }), 'https://one.example.com/%3C%22%7C%3E%7B%7D%5E%60')
})
