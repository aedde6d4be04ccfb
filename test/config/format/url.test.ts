import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatUrl, isParsed, parseUrl } from '../../../src/config/format/url.ts'

const parsed = (text: string) => {
  const url = parseUrl(text)
  if (!isParsed(url)) throw new Error(url)
  return url
}

test('an address is taken apart and put together again', () => {
  const text = 'https://u:p@Auth.example.com:8443/a/b?x=1#f'
  const url = parsed(text)
  assert.deepEqual(
    { ...url },
    {
      scheme: 'https',
      user: 'u:p',
      host: 'Auth.example.com:8443',
      hostname: 'Auth.example.com',
      port: '8443',
      path: '/a/b',
      query: 'x=1',
      fragment: 'f',
    },
  )
  assert.equal(formatUrl(url), text)
})

test('relative and opaque addresses have no host', () => {
  assert.deepEqual([parsed('/x').scheme, parsed('/x').hostname], ['', ''])
  assert.deepEqual([parsed('auth.example.com').scheme, parsed('auth.example.com').path], ['', 'auth.example.com'])
  assert.equal(parsed('https:auth.example.com').hostname, '')
})

test('an IPv6 host loses its brackets', () => {
  assert.deepEqual([parsed('https://[::1]:80/').hostname, parsed('https://[::1]:80/').port], ['::1', '80'])
})

for (const text of [
  'https://a:b',
  'https://a b',
  ' https://a',
  'https://[::1',
  'https://a/%zz',
  'https://a\n',
  '://x',
]) {
  test(`${JSON.stringify(text)} is no address`, () => assert.equal(typeof parseUrl(text), 'string'))
}
