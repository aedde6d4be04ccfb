import assert from 'node:assert/strict'
import { hkdfSync } from 'node:crypto'
import { test } from 'node:test'
import { deriveKey, equalSecret, open, randomToken, seal } from '../../src/base/secret.ts'

const key = deriveKey('a secret of an operator', 'latchkey/test')
const plain = Buffer.from('something to keep')

test('what is sealed opens with the same key at the same place only', () => {
  const sealed = seal(key, plain, 'table/column/row')
  assert.deepEqual(open(key, sealed, 'table/column/row'), plain)
  assert.deepEqual(open(key, Uint8Array.from(sealed), 'table/column/row'), plain)
  assert.equal(open(key, sealed, 'table/column/other row'), undefined)
  assert.equal(open(deriveKey('another secret', 'latchkey/test'), sealed, 'table/column/row'), undefined)
  assert.deepEqual(open(key, seal(key, Buffer.alloc(0), ''), ''), Buffer.alloc(0))
})

test('CRY-09 a key of one purpose opens nothing of another', () => {
  const sealed = seal(key, plain, '')
  assert.equal(open(deriveKey('a secret of an operator', 'latchkey/other'), sealed, ''), undefined)
  assert.deepEqual(key, Buffer.from(hkdfSync('sha256', 'a secret of an operator', 'latchkey', 'latchkey/test', 32)))
})

test('CRY-01 a sealed value that was changed in any byte, cut or lengthened does not open', () => {
  const sealed = seal(key, plain, '')
  for (let i = 0; i < sealed.length; i++) {
    const changed = Buffer.from(sealed)
    changed[i] = (changed[i] ?? 0) ^ 1
    assert.equal(open(key, changed, ''), undefined, `byte ${i}`)
    assert.equal(open(key, sealed.subarray(0, i), ''), undefined, `cut to ${i}`)
  }
  assert.equal(open(key, Buffer.concat([sealed, Buffer.of(0)]), ''), undefined)
})

test('CRY-01 the same value is never sealed alike: nonces don’t repeat', () => {
  const nonces = new Set<string>()
  for (let i = 0; i < 50_000; i++) nonces.add(seal(key, plain, '').toString('latin1', 1, 13))
  assert.equal(nonces.size, 50_000)
})

test('SES-02 tokens have the asked entropy, are URL-safe and don’t repeat', () => {
  const tokens = new Set(Array.from({ length: 50_000 }, () => randomToken()))
  assert.equal(tokens.size, 50_000)
  for (const token of tokens) assert.match(token, /^[\w-]{43}$/)
})

test('secrets are equal or not, whatever their length', () => {
  assert.ok(equalSecret('a', 'a'))
  assert.ok(!equalSecret('a', 'b'))
  assert.ok(!equalSecret('a', 'aa'))
  assert.ok(!equalSecret('', 'a'))
})
