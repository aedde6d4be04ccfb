import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isAddress } from '../../src/notify/address.ts'
import { harmless, oneLine } from '../../src/notify/harmless.ts'

test('INJ-05 only one plain address is an address', () => {
  for (const good of ['alice@example.com', "o'hara+tag@sub.example.co.uk", 'jörg@bücher.example', 'a@localhost'])
    assert.equal(isAddress(good), true, good)
  for (const bad of [
    '',
    'alice',
    '@example.com',
    'alice@',
    'alice@example.com\r\nBcc: evil@example.org',
    'alice@example.com\n',
    'alice@example.com, evil@example.org',
    'alice@example.com;evil@example.org',
    'Alice <alice@example.com>',
    '<alice@example.com>',
    '"a b"@example.com',
    '"a@example.org"@example.com',
    'user@example.com(x)evil.com',
    'friends: a@example.com, b@example.com;',
    'a@b@example.com',
    'alice@[127.0.0.1]',
    'alice @example.com',
    'alice\u0000@example.com',
    'alice\u2028@example.com',
    `${'a'.repeat(250)}@example.com`,
  ])
    assert.equal(isAddress(bad), false, JSON.stringify(bad))
})

test('words of others become one line of bearable length', () => {
  assert.equal(oneLine('a\r\n b\t\u2028c\u202e'), 'a b c')
  assert.equal(oneLine('x'.repeat(500)).length, 120)
  assert.equal(oneLine('🔑'.repeat(200)).endsWith('🔑…'), true, 'no half characters')
})

test('LOG-07 words of others are nothing to click on', () => {
  assert.equal(harmless('see https://evil.example/x'), 'see https:∕∕evil․example/x')
  assert.equal(harmless('www.evil.example'), 'www․evil․example')
  assert.equal(harmless('J. Smith, Pixel 8.1'), 'J. Smith, Pixel 8.1')
  assert.equal(harmless('203.0.113.7'), '203.0.113.7', 'an address is worth reading as it is')
})
