// One-time codes: single use, races, the lock after wrong ones, setting them up.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { codeWait } from '../../src/login/code-lock.ts'
import { codeOf, fixture, from, START, stepAt, TOTP, totpOf } from './fixture.ts'

const STEP = stepAt(START)

async function registered(changes: Parameters<typeof fixture>[0] = {}) {
  const parts = fixture(changes)
  await parts.storage.totp.save(totpOf('bob'))
  return { ...parts, use: (code: string) => parts.login.totp('bob', code, from()) }
}

test('a code of this step or one beside it is accepted, one further away is not', async () => {
  for (const [offset, kind] of [
    [-2, 'refused'],
    [-1, 'accepted'],
    [0, 'accepted'],
    [1, 'accepted'],
    [2, 'refused'],
  ] as const)
    assert.equal((await (await registered()).use(codeOf(STEP + offset))).kind, kind, `${offset}`)
})

test('TOT-01 a code works once, and one of an earlier step not after a later one', async () => {
  const { use, storage } = await registered()
  assert.equal((await use(codeOf(STEP))).kind, 'accepted')
  const used = { kind: 'refused', reason: 'code-used' }
  assert.deepEqual(await use(codeOf(STEP)), used)
  assert.deepEqual(await use(codeOf(STEP - 1)), used)
  assert.equal((await use(codeOf(STEP + 1))).kind, 'accepted')
  // it was no guess
  assert.equal((await storage.totp.failures('bob')).failures, 0)
})

test('TOT-01 of 50 parallel uses of one code exactly one succeeds', async () => {
  const { use } = await registered()
  const outcomes = await Promise.all(Array.from({ length: 50 }, () => use(codeOf(STEP))))
  assert.equal(outcomes.filter(({ kind }) => kind === 'accepted').length, 1)
})

test('TOT-01 the code that set up the device is used up by that', async () => {
  const { enrolment, login, storage } = fixture()
  const { code } = enrolment.begin('bob', TOTP)
  assert.equal(await enrolment.confirm('bob', code, codeOf(STEP)), 'accepted')
  assert.equal((await storage.totp.find('bob'))?.username, 'bob')
  assert.deepEqual(await login.totp('bob', codeOf(STEP), from()), { kind: 'refused', reason: 'code-used' })
})

test('disable_reuse_security_policy permits a code again', async () => {
  const { use } = await registered({ totp: { disableReuseSecurityPolicy: true } })
  for (let i = 0; i < 3; i++) assert.equal((await use(codeOf(STEP))).kind, 'accepted')
})

test('TOT-03 wrong codes are counted for the user, and neither a password nor another address begins anew', async () => {
  const { login, use, clock } = await registered()
  for (let i = 0; i < 5; i++) {
    const outcome = await login.totp('bob', '000000', from(`198.51.100.${i}`))
    // the owner is told of the one that locks
    assert.deepEqual(outcome, { kind: 'refused', reason: 'wrong-code', ...(i === 4 && { isLocked: true }) })
    assert.equal((await login.password('bob', 'password', from())).kind, 'accepted')
  }
  assert.deepEqual(await use(codeOf(STEP)), { kind: 'throttled', retryAfterSeconds: 60 })
  clock.advance(59_000)
  assert.deepEqual(await use(codeOf(stepAt(clock.now()))), { kind: 'throttled', retryAfterSeconds: 1 })
  clock.advance(1000)
  assert.equal((await use('000000')).kind, 'refused')
  assert.deepEqual(await use('000000'), { kind: 'throttled', retryAfterSeconds: 120 })
  clock.advance(120_000)
  assert.equal((await use(codeOf(stepAt(clock.now())))).kind, 'accepted')
  // the right code begins anew
  for (let i = 0; i < 5; i++) assert.equal((await use('000000')).kind, 'refused')
  assert.equal((await use('000000')).kind, 'throttled')
})

test('TOT-03 of 200 parallel guesses five are looked at', async () => {
  const { login, storage } = await registered()
  const outcomes = await Promise.all(
    Array.from({ length: 200 }, (_, i) => login.totp('bob', codeOf(STEP + 100 + i), from(`198.51.100.${i}`))),
  )
  assert.equal(outcomes.filter(({ kind }) => kind === 'refused').length, 5)
  assert.equal((await storage.totp.failures('bob')).failures, 5)
})

test('TOT-03 somebody else is not kept waiting', async () => {
  const { login, storage } = await registered()
  await storage.totp.save(totpOf('alice'))
  for (let i = 0; i < 9; i++) await login.totp('bob', '000000', from())
  assert.equal((await login.totp('alice', codeOf(STEP), from())).kind, 'accepted')
})

test('TOT-03 guessing for a month without pause stays below one in a thousand', () => {
  const month = 30 * 86_400_000
  let guesses = 0
  let now = 0
  let last = 0
  while (now < month) {
    const wait = codeWait(guesses, last, now)
    now += wait
    last = now
    guesses++
  }
  assert.ok(guesses * 3e-6 < 1e-3, `${guesses} guesses`)
})

test('TOT-03 wrong codes never ban', async () => {
  const { use, storage, login } = await registered()
  for (let i = 0; i < 9; i++) await use('000000')
  assert.equal(storage.allBans.length, 0)
  assert.equal((await login.password('bob', 'password', from())).kind, 'accepted')
})

test('TOT-04 what is no code of six or eight ASCII digits is refused without counting', async () => {
  const { use, storage } = await registered()
  const code = codeOf(STEP)
  for (const form of [
    `${code} `,
    `${code.slice(0, 2)} ${code.slice(2, 4)} ${code.slice(4)}`,
    '１２３４５６',
    `0${code}`,
    '',
    `${code}\0`,
    `-${code.slice(1)}`,
    '1'.repeat(1_000_000),
  ])
    assert.deepEqual(await use(form), { kind: 'refused', reason: 'malformed' }, form.slice(0, 20))
  for (const form of [Number(code), null, [code], { length: 6 }])
    assert.deepEqual(await use(form as unknown as string), { kind: 'refused', reason: 'malformed' })
  assert.equal((await storage.totp.failures('bob')).failures, 0)
  // eight digits where six are registered are a wrong code
  assert.deepEqual(await use(`00${code}`), { kind: 'refused', reason: 'wrong-code' })
})

test('nobody without a device, with codes switched off, or gone from the directory gets through', async () => {
  const { login, directory, settings, use } = await registered()
  assert.deepEqual(await login.totp('alice', codeOf(STEP), from()), { kind: 'refused', reason: 'no-second-factor' })
  Object.assign(settings.totp, { disable: true })
  assert.deepEqual(await use(codeOf(STEP)), { kind: 'refused', reason: 'no-second-factor' })
  Object.assign(settings.totp, { disable: false })
  directory.remove('bob')
  assert.deepEqual(await use(codeOf(STEP)), { kind: 'refused', reason: 'unknown-user' })
})

test('storage that fails refuses, and the next one in line is asked all the same', async () => {
  const { use, storage } = await registered()
  storage.broken = true
  const failed = await Promise.all([use(codeOf(STEP)), use(codeOf(STEP))])
  assert.ok(failed.every((outcome) => outcome.kind === 'refused' && outcome.reason === 'unavailable'))
  storage.broken = false
  assert.equal((await use(codeOf(STEP))).kind, 'accepted')
})

test('TOT-05 only what the lists hold is proposed', () => {
  const { enrolment } = fixture()
  const config = {
    ...TOTP,
    allowedAlgorithms: ['SHA1', 'SHA512'],
    allowedDigits: [6, 8],
    allowedPeriods: [30, 60],
  } as const
  const right = { algorithm: 'SHA512', digits: 8, period: 60 }
  const proposed = enrolment.propose('bob', config, right)
  assert.equal(proposed?.code.configuration.algorithm, 'SHA512')
  assert.equal(proposed?.code.configuration.secret.length, TOTP.secretSize)
  for (const wrong of [
    { algorithm: 'MD5' },
    { algorithm: 'sha1' },
    { algorithm: 'SHA256' },
    { algorithm: '' },
    { digits: 1 },
    { digits: 7 },
    { digits: 0 },
    { period: 86_400 },
    { period: -30 },
    { period: 0 },
    { period: 30.5 },
  ])
    assert.equal(enrolment.propose('bob', config, { ...right, ...wrong }), undefined, JSON.stringify(wrong))
})

test('TOT-07 a proposal belongs to its user, lasts ten minutes and needs its code', async () => {
  const { enrolment, clock, storage } = fixture()
  await storage.totp.save(totpOf('bob'))
  const before = await storage.totp.find('bob')
  const { text, code } = enrolment.begin('bob', TOTP)
  assert.equal(enrolment.read(text, 'alice'), undefined)
  assert.equal(enrolment.read(undefined, 'bob'), undefined)
  for (const broken of ['', '{', '{}', 'null', '[]', text.replace('SHA1', 'MD5')])
    assert.equal(enrolment.read(broken, 'bob'), undefined)
  assert.equal(await enrolment.confirm('bob', code, '000000'), 'refused')
  assert.equal(await enrolment.confirm('alice', code, codeOf(STEP)), 'refused')
  assert.deepEqual(await storage.totp.find('bob'), before)
  clock.advance(599_999)
  assert.deepEqual(enrolment.read(text, 'bob'), code)
  clock.advance(1)
  assert.equal(enrolment.read(text, 'bob'), undefined)
})
