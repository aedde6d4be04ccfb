import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readNames } from '../../src/certs/names.ts'

test('host names, wildcards and addresses are told apart, and each counts once', () => {
  assert.deepEqual(
    readNames([
      'auth.Example.com',
      '*.example.com',
      '10.0.0.1',
      '[::1]',
      '::1',
      'nas',
      'auth.example.com.',
      'bücher.example',
    ]),
    { dns: ['auth.example.com', '*.example.com', 'nas', 'xn--bcher-kva.example'], ip: ['10.0.0.1', '::1'] },
  )
})

test('what is neither is refused by name', () => {
  for (const word of [
    '',
    ' ',
    'https://a.example',
    'a.example:443',
    'a/b',
    'me@a.example',
    '*',
    '*.',
    'a.*.example',
    '**.a',
    '-a',
    'a..b',
    '10.0.0.0/8',
    '1.2.3',
    `${'a'.repeat(64)}.example`,
  ]) {
    assert.throws(() => readNames([word]), { code: 'certificate-name', exitCode: 2 }, JSON.stringify(word))
  }
})
