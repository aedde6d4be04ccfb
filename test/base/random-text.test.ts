import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CHARACTER_SETS, randomText, randomTextBits, urlEncoded } from '../../src/base/random-text.ts'

test('the character sets are those of Authelia', () => {
  const sorted = Object.fromEntries(
    Object.entries(CHARACTER_SETS).map(([name, characters]) => [name, [...characters].sort().join('')]),
  )
  assert.equal(sorted['ascii']?.length, 95)
  assert.equal(sorted['alphanumeric'], '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz')
  assert.equal(sorted['alphabetic'], 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz')
  assert.equal(sorted['numeric'], '0123456789')
  assert.equal(sorted['numeric-hex'], '0123456789ABCDEF')
  assert.equal(sorted['rfc3986'], '-.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz~')
})

test('random text has the length asked for, counted in characters, and every character comes up', () => {
  const text = randomText(5000, 'aé🔑')
  assert.equal([...text].length, 5000)
  assert.deepEqual([...new Set(text)].sort(), ['aé🔑'].flatMap((set) => [...set]).sort())
  for (const character of 'aé🔑') {
    // 1667 expected, standard deviation 33: ten of them off is no chance.
    assert.ok(Math.abs([...text].filter((c) => c === character).length - 1667) < 330)
  }
})

test('the usual secret has more than 256 bits', () => {
  assert.ok(randomTextBits(72, CHARACTER_SETS.alphanumeric) > 256)
})

test('in an address everything but the unreserved characters is encoded', () => {
  assert.equal(urlEncoded("' !*()~-._aé"), '%27+%21%2A%28%29~-._a%C3%A9')
})
