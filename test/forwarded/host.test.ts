import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseHost } from '../../src/forwarded/host.ts'

test('a host is a name or an address, with or without a port', () => {
  assert.deepEqual(parseHost('App.example.com'), { name: 'App.example.com', port: undefined })
  assert.deepEqual(parseHost('app_1.example.com:8443'), { name: 'app_1.example.com', port: '8443' })
  assert.deepEqual(parseHost('10.0.0.1:443'), { name: '10.0.0.1', port: '443' })
  assert.deepEqual(parseHost('[2001:db8::1]:443'), { name: '2001:db8::1', port: '443' })
})

test('nothing else is a host', () => {
  const others = [
    '',
    ' ',
    'a b',
    'a,b',
    'a@b',
    'u:p@b',
    'a/',
    'a?',
    'a#',
    'a\\',
    'a%2fb',
    'a:',
    'a:abc',
    'a:0',
    'a:65536',
    'a:000001',
    '.a',
    'a.',
    'a..b',
    '[::1',
    '::1',
    '[::1]x',
    '[1.2.3.4]',
    '[::1%eth0]',
    'ä.example',
    'a\0',
    `${'a'.repeat(300)}`,
  ]
  for (const text of others) assert.equal(parseHost(text), undefined, text)
})

test('DOS-01 a long text is refused at once', () => {
  const start = process.hrtime.bigint()
  assert.equal(parseHost(`${'a.'.repeat(30_000)}!`), undefined)
  assert.equal(parseHost(`${'a.'.repeat(130)}!`), undefined)
  assert.ok(process.hrtime.bigint() - start < 100_000_000n)
})
