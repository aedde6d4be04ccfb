import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { isMalformed } from '../../src/forwarded/malformed.ts'
import { targetOf, targetOfUrl } from '../../src/forwarded/target.ts'

test('a target keeps its parts as they were sent', () => {
  assert.deepEqual(targetOf('HTTPS', 'App.example.com:8443', '/a%20b;c/../d?x=1&y'), {
    scheme: 'https',
    host: 'App.example.com',
    port: '8443',
    path: '/a%20b;c/../d',
    query: 'x=1&y',
    url: 'https://App.example.com:8443/a%20b;c/../d?x=1&y',
  })
  assert.deepEqual(targetOf('wss', 'a.example.com', ''), {
    scheme: 'https',
    host: 'a.example.com',
    port: undefined,
    path: '',
    query: undefined,
    url: 'wss://a.example.com',
  })
  assert.equal((targetOf('https', 'a.b', '/?') as { query: string }).query, '')
})

test('the way back escapes what may not stand raw in a path, and nothing else', () => {
  const url = (uri: string) => (targetOf('https', 'a.b', uri) as { url: string }).url
  assert.equal(url('/a|b^c`d{e}"<>\\'), 'https://a.b/a%7Cb%5Ec%60d%7Be%7D%22%3C%3E%5C')
  assert.equal(url('/a%2fb|?"|'), 'https://a.b/a%2fb%7C?"|')
  assert.equal(url("/!$&'()*+,;=:@[]~-._%7e"), "https://a.b/!$&'()*+,;=:@[]~-._%7e")
})

test('a URL is read as its parts are', () => {
  for (const url of ['https://a.b', 'https://a.b/', 'HTTPS://a.b:1/x?y=https://c.d/', 'wss://[::1]/']) {
    const target = targetOfUrl(url)
    assert.ok(!isMalformed(target), url)
  }
  for (const url of [
    '',
    'a.b/',
    '//a.b/',
    'https:a.b',
    'https:/a.b',
    'https:///a.b',
    'http://a.b/',
    'https://a.b?x',
    'https://a.b#x',
    'https://a@b/',
    'https://a.b/ ',
    ' https://a.b/',
    'https://a.b\\c',
    'javascript://a.b/',
    'https://',
  ]) {
    assert.ok(isMalformed(targetOfUrl(url)), url)
  }
})

test('URL-20 what is accepted names the host and the path it was given, and no other', () => {
  const seeds = fc.constantFrom(
    'https',
    'public.example.com/x?',
    'public.example.com#',
    'admin.example.com\\',
    'a b',
    '@evil.com/',
    '.evil.com/',
    ':8443/',
    '?x',
    '#',
    '',
    '*',
    '//evil.com',
    'https://public.example.com/?x=',
    '/a',
    '/a?b',
    'a.example.com',
    'a.example.com:1',
    '[::1]',
  )
  const any = fc.oneof(
    seeds,
    fc.string({ unit: 'binary', maxLength: 12 }),
    fc.tuple(seeds, seeds).map((two) => two.join('')),
  )
  fc.assert(
    fc.property(fc.oneof(fc.constant('https'), any), any, any, (scheme, host, uri) => {
      const target = targetOf(scheme, host, uri)
      if (isMalformed(target)) return
      assert.equal(target.query === undefined ? target.path : `${target.path}?${target.query}`, uri)
      assert.equal(target.port === undefined ? undefined : `:${target.port}`, /:\d+$/.exec(host)?.[0])
      const parsed = new URL(target.url.replace(/^wss/, 'https'))
      // WHATWG turns a name of digits into an address; that host is then none of a cookie domain
      if (/[a-z]/i.test(host) && !/(?:^|\.)(?:0x[\da-f]*|\d+)(?::\d+)?$/i.test(host) && !host.startsWith('['))
        assert.equal(parsed.hostname, target.host.toLowerCase())
      assert.equal(parsed.username + parsed.password + parsed.hash, '')
      assert.match(target.url, /^[\x21-\x7e]+$/)
    }),
    { numRuns: 5000 },
  )
})
