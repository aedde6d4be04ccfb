import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { load } from 'js-yaml'
import { type LineValue, oneLine } from '../../src/yaml/one-line.ts'

test('texts are quoted, so that no reader takes them for something else', () => {
  assert.equal(oneLine('no'), "'no'")
  assert.equal(oneLine("it's"), "'it''s'")
  assert.equal(oneLine('two\nlines'), '"two\\nlines"')
  assert.equal(oneLine(['a', ['b', 1], true, {}]), "['a', ['b', 1], true, {}]")
})

test('whatever is written on one line is read back as it was', () => {
  const value = fc.letrec<{ value: LineValue }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      fc.string({ unit: 'grapheme' }),
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie('value')),
    ),
  })).value
  fc.assert(
    fc.property(value, (written) => {
      const text = oneLine(written)
      assert.doesNotMatch(text, /[\n\r]/)
      assert.deepEqual(load(`key: ${text}`), { key: written })
    }),
  )
})
