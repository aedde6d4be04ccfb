// Where the portal and the gate send people, whatever the address says.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { assertClosed, authRequest, extAuthz, forwardAuth, PASSWORD, startLab } from './lab.ts'

const lab = await startLab()
after(() => lab.close())

const HOSTILE = [
  'https://evil.com',
  '//evil.com',
  '///evil.com',
  '/\\evil.com',
  '\\\\evil.com',
  'https:evil.com',
  'https:/evil.com',
  'https:\\\\evil.com',
  'https://example.com@evil.com',
  'https://evil.com#.example.com',
  'https://evil.com?.example.com',
  'https://evil.com\\.example.com',
  'https://evil.com/.example.com',
  'https://example.com.evil.com',
  'https://notexample.com',
  'https://evil.com%2f.example.com',
  'https://evil.com%00.example.com',
  'https://evil.com。.example.com@evil.com',
  'http://app.example.com',
  'javascript:alert(1)//app.example.com',
  'data:text/html,x',
  ' https://evil.com',
  'ht\ttps://evil.com',
  'https://app.example.com:99999',
  'https://user@app.example.com',
  'https://app.example.com\r\nLocation: https://evil.com',
  '%0d%0aLocation:https://evil.com',
  '/..//evil.com',
  '/.//evil.com',
  '/%2e%2e//evil.com',
  `https://evil.com/${'x'.repeat(10_000)}`,
]

test('RED-01 RED-02 no target that a sign-in names leads away from the cookie domains', async () => {
  const bob = await lab.signedIn('bob', 1)
  for (const targetURL of HOSTILE) {
    const check = await bob.post('/api/checks/safe-redirection', { uri: targetURL })
    assert.doesNotMatch(check.body, /"ok":true/i, targetURL.slice(0, 60))
    const page = await bob.get(`/?rd=${encodeURIComponent(targetURL)}`)
    const place = page.headers['location'] ?? '/'
    assert.match(place, /^\/(?!\/)|^https:\/\/(?:[a-z]+\.)*example\.(?:com|org)\//, targetURL.slice(0, 60))
    assert.doesNotMatch(page.body, /(?:href|action|url)="?[^">]*evil\.com/i, targetURL.slice(0, 60))
    assert.doesNotMatch(page.body, /javascript:|data:text/i)
    const out = await lab.browser().get(`/logout?rd=${encodeURIComponent(targetURL)}`)
    assert.doesNotMatch(out.body, /(?:href|action|url)="?[^">]*evil\.com/i, targetURL.slice(0, 60))
  }
  for (const odd of [['https://app.example.com'], { a: 1 }, 7, true, null]) {
    const check = await bob.post('/api/checks/safe-redirection', { uri: odd })
    assert.doesNotMatch(check.body, /"ok":true/i)
  }
})

test('RED-01 a good password with a bad target is a sign-in without a redirect', async () => {
  // at once, since every sign-in takes its time
  const answers = HOSTILE.map((targetURL) =>
    lab.browser().post('/api/firstfactor', { username: 'carol', password: PASSWORD, targetURL, requestMethod: 'GET' }),
  )
  for (const [i, { status, body }] of (await Promise.all(answers)).entries()) {
    assert.equal(status, 200, HOSTILE[i])
    assert.equal(body, '{"status":"OK"}', HOSTILE[i])
  }
})

test('RED-03 the portal itself is no place to return to, and a nested target is not followed', async () => {
  const bob = await lab.signedIn('bob', 1)
  for (const target of [
    'https://auth.example.com/',
    'https://auth.example.com/logout',
    'https://AUTH.example.com/api/state',
    'https://auth.example.com:443/?rd=https://evil.com',
  ]) {
    const page = await bob.get(`/?rd=${encodeURIComponent(target)}`)
    assert.equal(page.headers['location'], undefined, target)
    assert.equal(page.status, 200, target)
    assert.doesNotMatch(page.body, /evil/)
  }
})

test('RED-04 nobody is sent on before he may enter', async () => {
  const password = { password: PASSWORD, requestMethod: 'GET' }
  const [two, denied, one] = await Promise.all(
    ['https://admin.example.com/', 'https://deny.example.com/', 'https://one.example.com/'].map((targetURL) =>
      lab.browser().post('/api/firstfactor', { ...password, username: 'carol', targetURL }),
    ),
  )
  assert.equal(two?.body, '{"status":"OK"}')
  // as Authelia: there the gate refuses, and the portal's own page doesn't lead there
  assert.equal(denied?.body, '{"status":"OK","data":{"redirect":"https://deny.example.com/"}}')
  const carol = await lab.signedIn('carol', 1)
  assert.equal((await carol.asks('https://deny.example.com/')).status, 403)
  const page = await carol.get('/?rd=https%3A%2F%2Fdeny.example.com%2F')
  assert.deepEqual([page.status, page.headers['location']], [403, undefined])
  assert.doesNotMatch(page.body, /href="https:\/\/deny/)
  assert.equal(one?.body, '{"status":"OK","data":{"redirect":"https://one.example.com/"}}')
})

test('RED-07 what stands in rd is in no log, and no other site is told the address of the portal', async () => {
  const target = 'https://one.example.com/?token=canary-in-a-query'
  lab.secret('canary-in-a-query')
  const { headers } = await lab.browser().get(`/?rd=${encodeURIComponent(target)}`)
  assert.match(headers['referrer-policy'] ?? '', /^(?:no-referrer|same-origin|strict-origin-when-cross-origin)$/)
  await lab.ask(forwardAuth(target))
  await lab.ask(forwardAuth(target, { from: '127.0.0.66' }))
})

test('RED-08 the way to the portal is one Location, whose rd is the whole target in percent-encoding', async () => {
  const targets = [
    'https://one.example.com/a?x="y"&z=\'w\'',
    'https://one.example.com/a?b=c&rd=https://evil.com&rm=DELETE',
    'https://one.example.com/%0d%0aSet-Cookie:%20x=y?%0d%0a',
    'https://one.example.com/<script>alert(1)</script>',
    'https://one.example.com/%C3%BC?%E5%B1%B1',
    `https://one.example.com/?${'q'.repeat(8000)}`,
  ]
  for (const target of targets) {
    for (const ask of [forwardAuth, authRequest, extAuthz]) {
      const answer = await lab.ask(ask(target))
      const locations = answer.lines.filter(([name]) => name.toLowerCase() === 'location').map(([, value]) => value)
      assert.equal(locations.length, 1, `${ask.name} ${target.slice(0, 60)} → ${answer.status}`)
      const location = new URL(locations[0] ?? '')
      assert.equal(location.origin + location.pathname, 'https://auth.example.com/')
      assert.deepEqual([...location.searchParams.keys()], ['rd', 'rm'])
      assert.equal(location.searchParams.get('rm'), 'GET')
      const [path = '', query = ''] = target.slice('https://one.example.com'.length).split('?', 2)
      const back = new URL(location.searchParams.get('rd') ?? '')
      assert.equal(back.host, 'one.example.com')
      assert.equal(back.pathname.replaceAll('%3C', '<').replaceAll('%3E', '>'), path.replaceAll('%3C', '<'))
      assert.ok((location.searchParams.get('rd') ?? '').endsWith(query))
      assert.doesNotMatch(answer.body, /<script|"y"/)
    }
  }
})

test('RED-08 bytes that would end a header never get into one', async () => {
  for (const byte of ['\x00', '\x01', '\t', '\x0b', '\x7f', '\x85', '\xa0']) {
    const target = `https://one.example.com/a${byte}b`
    for (const ask of [forwardAuth, authRequest]) assertClosed(await lab.ask(ask(target)), JSON.stringify(byte))
  }
})
