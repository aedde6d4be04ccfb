import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseMailAddress } from '../../../src/config/format/mail-address.ts'

test('one address, with a name or without', () => {
  assert.deepEqual(parseMailAddress('a@example.com'), { address: 'a@example.com', name: '' })
  assert.deepEqual(parseMailAddress('<a@example.com>'), { address: 'a@example.com', name: '' })
  assert.deepEqual(parseMailAddress(' Lock & Key Ltd. <a@example.com> '), {
    address: 'a@example.com',
    name: 'Lock & Key Ltd.',
  })
  assert.deepEqual(parseMailAddress('"A, \\"B\\"" <a@example.com>'), { address: 'a@example.com', name: 'A, "B"' })
})

test('INJ-05 a list, a group, a header or nothing is none', () => {
  for (const text of [
    '',
    'a',
    '@b',
    'a@example.com, b@example.com',
    'G: a@example.com;',
    'a b@example.com',
    'A <a@b> x',
  ])
    assert.equal(parseMailAddress(text), undefined, text)
})
