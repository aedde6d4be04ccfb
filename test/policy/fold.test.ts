import assert from 'node:assert/strict'
import { test } from 'node:test'
import { foldEqual } from '../../src/policy/fold.ts'

test('letter case doesn’t count, as in Go’s EqualFold', () => {
  for (const [a, b] of [
    ['john', 'JOHN'],
    ['Ünï', 'üNÏ'],
    ['ς', 'Σ'],
    ['kim', '\u212aim'],
    ['s', 'ſ'],
    ['', ''],
    ['a.*', 'A.*'],
    ['\u{10400}', '\u{10428}'],
  ] as const)
    assert.ok(foldEqual(a, b), `${a} ${b}`)
})

test('nothing else is equal', () => {
  for (const [a, b] of [
    ['john', 'jon'],
    ['i', 'ı'],
    ['I', 'İ'],
    ['ss', 'ß'],
    ['é', 'e'],
    ['é', 'e\u0301'],
    ['a', 'ab'],
    ['.', 'ä'],
    ['ä', '.'],
    ['ä', '[^a]'],
    ['[', '{'],
  ] as const)
    assert.equal(foldEqual(a, b), false, `${a} ${b}`)
})
