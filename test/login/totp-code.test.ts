import assert from 'node:assert/strict'
import { test } from 'node:test'
import { codeOfStep, stepOfCode, type TotpParameters, timeStep } from '../../src/login/totp-code.ts'

const DIGITS = '1234567890'
const bytes = (length: number): Buffer => Buffer.from(DIGITS.repeat(7).slice(0, length))
const device = (parameters: Partial<TotpParameters> = {}): TotpParameters => ({
  secret: bytes(20),
  algorithm: 'SHA1',
  digits: 6,
  period: 30,
  ...parameters,
})
const sha1 = device({ digits: 8 })
const sha256 = device({ digits: 8, algorithm: 'SHA256', secret: bytes(32) })
const sha512 = device({ digits: 8, algorithm: 'SHA512', secret: bytes(64) })

test('RFC 6238 appendix B: the codes of the test vectors', () => {
  const vectors: readonly [number, string, string, string][] = [
    [59, '94287082', '46119246', '90693936'],
    [1111111109, '07081804', '68084774', '25091201'],
    [1111111111, '14050471', '67062674', '99943326'],
    [1234567890, '89005924', '91819424', '93441116'],
    [2000000000, '69279037', '90698825', '38618901'],
    [20000000000, '65353130', '77737706', '47863826'],
  ]
  for (const [seconds, ...codes] of vectors) {
    const step = timeStep(seconds * 1000, 30)
    assert.deepEqual(
      [sha1, sha256, sha512].map((parameters) => codeOfStep(parameters, step)),
      codes,
    )
    for (const [i, parameters] of [sha1, sha256, sha512].entries()) {
      assert.equal(stepOfCode(parameters, codes[i] ?? '', seconds * 1000, 0), step)
    }
  }
})

test('six digits are the last six of eight, leading zeros kept', () => {
  const step = timeStep(1111111109_000, 30)
  assert.equal(codeOfStep(device(), step), '081804')
  assert.equal(stepOfCode(device(), '081804', 1111111109_000, 0), step)
  assert.equal(stepOfCode(device(), '81804', 1111111109_000, 0), undefined)
})

test('a code is accepted from as many steps on either side as the skew says, and named by its own step', () => {
  const now = 1_700_000_010_000
  const current = timeStep(now, 30)
  for (const skew of [0, 1, 2]) {
    for (const distance of [-3, -2, -1, 0, 1, 2, 3]) {
      const step = stepOfCode(device(), codeOfStep(device(), current + distance), now, skew)
      assert.equal(step, Math.abs(distance) <= skew ? current + distance : undefined, `${distance} with skew ${skew}`)
    }
  }
})

test('the step changes with the period, to the millisecond', () => {
  assert.equal(timeStep(59_999, 60), 0)
  assert.equal(timeStep(60_000, 60), 1)
  const minute = device({ period: 60 })
  assert.equal(stepOfCode(minute, codeOfStep(minute, 0), 59_999, 0), 0)
  assert.equal(stepOfCode(minute, codeOfStep(minute, 0), 60_000, 0), undefined)
})

test('there is no step before the first', () => {
  assert.equal(stepOfCode(device(), codeOfStep(device(), 0), 0, 1), 0)
})

test('TOT-04 what is not exactly the digits of the code is no code', () => {
  const now = 1_700_000_010_000
  const code = codeOfStep(device(), timeStep(now, 30))
  const fullWidth = Array.from(code, (digit) => String.fromCharCode(digit.charCodeAt(0) + 0xfee0)).join('')
  for (const text of [
    `${code} `,
    ` ${code}`,
    `0${code}`,
    `${code}\0`,
    fullWidth,
    '',
    code.slice(1),
    'x'.repeat(100_000),
  ]) {
    assert.equal(stepOfCode(device(), text, now, 1), undefined, JSON.stringify(text.slice(0, 20)))
  }
})

test('secrets as short and as long as may have been brought along work', () => {
  for (const length of [1, 10, 20, 32, 65, 128]) {
    const parameters = device({ secret: Buffer.alloc(length, 'x') })
    assert.match(codeOfStep(parameters, 56_666_666), /^\d{6}$/)
  }
})
