import assert from 'node:assert/strict'
import { test } from 'node:test'
import { newRecoveryCode, newRecoveryCodes, readRecoveryCode } from '../../src/login/recovery-code.ts'

test('ten codes of sixty bits, all different, each read as it is written', () => {
  const codes = newRecoveryCodes()
  assert.equal(codes.length, 10)
  assert.equal(new Set(codes).size, 10)
  for (const code of codes) {
    assert.match(code, /^[0-9A-HJKMNP-TV-Z]{4}(?:-[0-9A-HJKMNP-TV-Z]{4}){2}$/)
    assert.equal(readRecoveryCode(code), code.replaceAll('-', ''))
  }
  // 32 characters divide a byte's 256 values evenly, so none is likelier than another.
  const all = Array.from({ length: 256 }, (_, byte) => newRecoveryCode((size) => new Uint8Array(size).fill(byte))[0])
  const counts = new Map<string | undefined, number>()
  for (const character of all) counts.set(character, (counts.get(character) ?? 0) + 1)
  assert.equal(counts.size, 32)
  assert.deepEqual([...new Set(counts.values())], [8])
})

test('what people make of a code on paper is forgiven, what can be no code is none', () => {
  for (const typed of ['7k3m-9qxt-2f6h', '7K3M9QXT2F6H', ' 7k3m 9qxt\t2f6h ', '7K3M–9QXT—2F6H', '7k3m_9qxt.2f6h'])
    assert.equal(readRecoveryCode(typed), '7K3M9QXT2F6H', typed)
  assert.equal(readRecoveryCode('OoIi-LlIL-0000'), '001111110000')
  for (const typed of ['', '7K3M-9QXT-2F6', '7K3M-9QXT-2F6HH', '7K3M-9QXT-2F6U', '７K3M-9QXT-2F6H', 'x'.repeat(65)])
    assert.equal(readRecoveryCode(typed), undefined, typed)
})
