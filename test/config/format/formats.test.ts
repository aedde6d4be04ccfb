import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type FormatName, formatError } from '../../../src/config/format/formats.ts'

const GOOD: Readonly<Partial<Record<FormatName, readonly (string | number)[]>>> = {
  'refresh-interval': ['always', 'disable', '5m', 60],
  'duration-or-never': [-1, '1M'],
  regex: ['^(?P<User>\\w+)$', '(?<1>a)', '\\pL', '[[:alpha:]]', '\\Qa.b\\E', 'a{1000}', '{', '(?U)a'],
  network: ['10.0.0.1', '10.0.0.1/8', '10.0.0.1/08', 'fd00::/8', '::1'],
  'trusted-network': ['127.0.0.1', '10.0.0.0/8', 'fc00::/7'],
  'tls-version': ['TLS1.3', 'tls 1.2', '1.0'],
  uuid: [
    '01020304-0506-0708-0102-030405060708',
    '01020304050607080102030405060708',
    'urn:uuid:01020304-0506-0708-0102-030405060708',
  ],
  mail: ['a@example.com', '<a@example.com>', 'A <a@example.com>', '"A, B" <a@example.com>'],
}
const BAD: Readonly<Partial<Record<FormatName, readonly (string | number)[]>>> = {
  'refresh-interval': ['Always', 'disabled'],
  'duration-or-never': ['-1', 'disable'],
  regex: ['', '(', '(?=a)', '\\1', 'a{1001}', '[z-a]', '\\Z', '\\u0041', '(?#c)', 'a**'],
  network: [
    '',
    '10.0.0',
    '010.0.0.1',
    '10.0.0.0/33',
    '10.0.0.0/255.0.0.0',
    '[::1]',
    'fe80::1%eth0',
    '10.0.0.0-10.0.0.9',
  ],
  'tls-version': ['', 'TLS1.4', 'SSL3.0'],
  uuid: ['', '0102'],
  mail: ['', '@b', 'a b@example.com', 'a@example.com, b@example.com', 'a..b@example.com', 'a.@example.com'],
  'pem-private-key': ['', 'nope'],
  'pem-certificate-chain': ['', 'nope'],
}
for (const [format, values] of Object.entries(GOOD)) {
  for (const value of values) {
    test(`${format} takes ${JSON.stringify(value)}`, () =>
      assert.equal(formatError(format as FormatName, value), undefined))
  }
}
for (const [format, values] of Object.entries(BAD)) {
  for (const value of values) {
    test(`${format} refuses ${JSON.stringify(value)}`, () =>
      assert.equal(typeof formatError(format as FormatName, value), 'string'))
  }
}

test('HDR-02 a trusted network is never so wide that strangers lie in it', () => {
  for (const text of [
    '0.0.0.0/0',
    '::/0',
    '::ffff:0:0/96',
    '8.0.0.0/6',
    '2000::/3',
    '*',
    'true',
    '1',
    'proxy.example.com',
    '10.0.0.1/33',
  ]) {
    assert.equal(typeof formatError('trusted-network', text), 'string', text)
  }
})
