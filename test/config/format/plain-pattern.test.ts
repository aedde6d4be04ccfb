import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { RE2JS } from 're2js'
import { isPlainPattern } from '../../../src/config/format/plain-pattern.ts'
import authz from '../../conformance/authz.json' with { type: 'json' }
import config from '../../conformance/config.json' with { type: 'json' }

function isTaken(pattern: string): boolean {
  try {
    RE2JS.compile(pattern)
    return true
  } catch {
    return false
  }
}

test('patterns as rules have them are plain', () => {
  for (const pattern of [
    '^/api/.*$',
    '^/admin([/?].*)?$',
    String.raw`^app-\d+\.example\.com$`,
    '^/(?:a|b)/[a-z0-9_-]+$',
    String.raw`^/v[0-9]+/(users|groups(/\w+)?)/?$`,
    'plain text',
    String.raw`(?i)^(?P<User>\w+)\.example\.com$`,
  ])
    assert.ok(isPlainPattern(pattern), pattern)
})

test('what RE2 refuses, or takes by rules of its own, is not', () => {
  for (const pattern of [
    '(',
    ')',
    '[',
    'a**',
    '*',
    'a{2,1}',
    'a{1001}',
    '(?<n>a)(?<n>b)',
    '(?=a)',
    String.raw`\1`,
    '[z-a]',
    '\\',
  ])
    assert.ok(!isPlainPattern(pattern), pattern)
  assert.ok(!isPlainPattern('a'.repeat(301)))
})

test('no pattern is found plain that RE2 refuses', () => {
  const pieces = fc.constantFrom(
    ...['a', 'z', '-', '9', '.', '*', '+', '?', '(', ')', '(?:', '[', ']', '[^', 'a-z', '{3}', '{', '}', '|', '^', '$'],
    ...['\\d', '\\.', '\\-', '\\', '\\b', '\\/', '/', 'ä', '😀', ' ', ':', '_', '?P<n>', '?<n>', '?<m>', '(?i)'],
  )
  let plain = 0
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 14 }), (parts) => {
      const pattern = parts.join('')
      if (!isPlainPattern(pattern)) return
      plain++
      assert.ok(isTaken(pattern), pattern)
    }),
    { numRuns: 20_000 },
  )
  assert.ok(plain > 500, `only ${plain} were plain`)
})

test('nor any of the recorded ones', () => {
  const texts = [...JSON.stringify([authz, config]).matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([text]) => JSON.parse(text))
  for (const text of new Set<string>(texts)) if (isPlainPattern(text)) assert.ok(isTaken(text), text)
})

test('a long pattern that is nearly plain takes no time', () => {
  const begun = performance.now()
  for (const pattern of [`${'(a|'.repeat(70)}`, `${'(a*)*'.repeat(50)}(`, `${'[a-z]*'.repeat(49)}{`])
    assert.ok(!isPlainPattern(pattern))
  assert.ok(performance.now() - begun < 500)
})
