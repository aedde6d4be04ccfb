import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { PasswordPolicyConfig } from '../../src/config/config.ts'
import { generatePassword } from '../../src/directory/generate-password.ts'
import { passwordWeaknesses } from '../../src/directory/password-policy.ts'

const none: PasswordPolicyConfig = { kind: 'none' }
const standard = (values: Partial<Extract<PasswordPolicyConfig, { kind: 'standard' }>> = {}): PasswordPolicyConfig => ({
  kind: 'standard',
  minLength: 8,
  maxLength: 0,
  requireUppercase: false,
  requireLowercase: false,
  requireNumber: false,
  requireSpecial: false,
  ...values,
})
const weak = async (password: string, policy: PasswordPolicyConfig, about: readonly string[] = []) =>
  (await passwordWeaknesses(password, policy, about)).join(' and ')

describe('without a policy', () => {
  test('PWD-06 short, common and repeated ones are weak', async () => {
    assert.equal(await weak('x7Kq-9', none), 'is shorter than 8 characters')
    assert.match(await weak('password', none), /^is too easy to guess \(0 of 4, at least 2\): This is a heavily used/)
    assert.match(await weak('qwertyuiop1', none), /too easy/)
    assert.match(await weak('aaaaaaaaaaaaaaaa', none), /too easy/)
  })
  test('PWD-06 what everybody knows of the user is worth nothing', async () => {
    assert.match(await weak('krumau1994', none, ['Zwetschke Krumau']), /too easy/)
    assert.equal(await weak('krumau1994', none), '')
  })
  test('PWD-06 phrases and random ones are good, in any script', async () => {
    for (const good of ['correct horse battery staple', 'x7Kq-92lmPzz', 'ключ под ковриком', '六四事件的真相在這裡']) {
      assert.equal(await weak(good, none), '', good)
    }
  })
  test('a very long one takes no long time', async () => {
    const began = performance.now()
    await weak('ab1!'.repeat(1024), none)
    assert.ok(performance.now() - began < 5000)
  })
})

describe('the standard policy', () => {
  const all = standard({ requireUppercase: true, requireLowercase: true, requireNumber: true, requireSpecial: true })
  test('each class of characters that is missing is named', async () => {
    assert.equal(
      await weak('', all),
      'is shorter than 8 characters and has no capital letter and has no small letter and has no digit and has no special character',
    )
    assert.equal(await weak('Korrekt7Horse!', all), '')
    assert.equal(await weak('korrekt7horse!', all), 'has no capital letter')
    assert.equal(
      await weak('Ünïcödé-lang', standard({ requireUppercase: true })),
      'has no capital letter',
      'A to Z only',
    )
  })
  test('the greatest length counts bytes, the least one characters', async () => {
    assert.equal(await weak('äöüäöüäö', standard({ maxLength: 15 })), 'is longer than 15 bytes')
    assert.equal(await weak('😀😀😀', standard()), 'is shorter than 8 characters')
  })
  test('a shorter one than ours is allowed if the operator says so, one of the most common never', async () => {
    assert.equal(await weak('x7Kq', standard({ minLength: 4 })), '')
    assert.match(await weak('password', standard()), /0 of 4, at least 1/)
  })
})

test('the zxcvbn policy asks for its score', async () => {
  assert.match(await weak('monkey-business', { kind: 'zxcvbn', minScore: 4 }), /of 4, at least 4/)
  assert.equal(await weak('correct horse battery staple', { kind: 'zxcvbn', minScore: 4 }), '')
})

describe('a password made here', () => {
  test('has 20 letters in groups of five, and each is another one', async () => {
    const made = await Promise.all(Array.from({ length: 5 }, () => generatePassword(none)))
    for (const each of made) assert.match(each, /^(?:[A-HJ-NP-Za-kmnp-z2-9]{5}-){3}[A-HJ-NP-Za-kmnp-z2-9]{5}$/)
    assert.equal(new Set(made).size, 5)
  })
  test('is as the policy wants it', async () => {
    const policy = standard({
      minLength: 10,
      maxLength: 12,
      requireUppercase: true,
      requireNumber: true,
      requireSpecial: true,
    })
    const made = await generatePassword(policy)
    assert.equal(made.length, 12)
    assert.equal(await weak(made, policy), '')
    assert.equal((await generatePassword(standard({ minLength: 40 }))).length, 40)
  })
  test('and a policy that nothing fits is said so', async () => {
    await assert.rejects(generatePassword(standard({ minLength: 3, maxLength: 3, requireSpecial: true })), {
      code: 'password-policy',
    })
  })
})
