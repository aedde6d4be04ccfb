// Open redirects: what is safe, what is refused, what can't even be read, and what is sent back.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { judgeTarget, redirectTarget } from '../../src/login/redirect-target.ts'
import { REFUSED } from './redirect-matrix.ts'

const DOMAINS = ['example.com', 'example.org']
const kind = (text: string) => judgeTarget(text, DOMAINS).kind

test('RED-01 RED-02 nothing that could lead elsewhere, or be read in two ways, is safe', () => {
  for (const text of REFUSED) assert.equal(redirectTarget(text, DOMAINS), undefined, JSON.stringify(text))
  for (const value of [['https://app.example.com'], { href: 'https://app.example.com' }, 7, null, undefined, true])
    assert.equal(redirectTarget(value, DOMAINS), undefined)
})

test('RED-01 https to a cookie domain or below, on any port, is safe, and is sent back as it came', () => {
  for (const text of [
    'https://example.com',
    'https://app.example.com/',
    'https://a.b.example.org/x/y?z=1&z=2#frag',
    'https://APP.Example.COM:8443/a/../b',
    'https://app.example.com:65535',
    'https://app.example.com?x=//evil.com',
    'https://app.example.com/%20%2F',
    "https://app.example.com/!$&'()*+,;=:@[]",
    'https://auth.example.com/?rd=https://app.example.com/',
  ]) {
    const target = redirectTarget(text, DOMAINS)
    assert.equal(target?.url, text)
    assert.equal(new URL(text).host, target?.hostWithPort)
  }
})

test('RED-01 characters outside of RFC 3986 are escaped in what is sent back', () => {
  assert.equal(
    redirectTarget('https://app.example.com/a b"<ü>', DOMAINS)?.url,
    'https://app.example.com/a%20b%22%3C%C3%BC%3E',
  )
  assert.equal(redirectTarget('https://app.example.com?a=|`', DOMAINS)?.url, 'https://app.example.com/?a=|`')
})

test('what cannot be read is told from what is refused, as Authelia tells it', () => {
  for (const text of [
    '',
    'relative',
    'not a url',
    ' https://app.example.com/',
    'https://evil.com\\x',
    'https://app.example.com/%zz',
    'https://app.example.com:port/',
    'https://app%2eexample.com/',
    'https://evil.com#.example.com',
    'https://app.exam\tple.com/',
    ':foo',
    'https://[::1/',
    'https://a b.example.com/',
  ])
    assert.equal(kind(text), 'unparsable', text)
  for (const text of [
    'http://app.example.com/',
    'https://evil.com/',
    '//host/',
    '/path',
    'javascript:alert(1)',
    'data:text/html,x',
    'https:host',
    'https:///x',
    'https://app.example.com./',
    'https://192.0.2.1/',
    'https://[::1]:443/',
    'https://app.example.com:99999/',
    'https://user:pw@app.example.com/',
    '*',
  ])
    assert.equal(kind(text), 'unsafe', text)
  for (const text of ['https://app.example.com/a b', 'https://app.example.com/#/route'])
    assert.equal(kind(text), 'safe', text)
})
