// One-time codes over the whole server.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { cookiesOf, startLab } from './lab.ts'

const lab = await startLab({ quick: true })
after(() => lab.close())
const CODE = '/api/secondfactor/totp'

test('TOT-01 one code is one success: twice, at once, and over two sessions', async () => {
  const sessions = await Promise.all([lab.signedIn('bob', 1), lab.signedIn('bob', 1)])
  lab.clock.advance(30_000)
  const token = lab.code('bob')
  const tries = Array.from({ length: 50 }, (_, i) => {
    const one = lab.browser('auth.example.com', `198.18.1.${i}`)
    for (const [name, value] of sessions[i % 2]?.jar ?? []) one.jar.set(name, value)
    return one.post(CODE, { token })
  })
  const answers = await Promise.all(tries)
  assert.equal(answers.filter(({ status }) => status === 200).length, 1)
  const third = await lab.signedIn('bob', 1)
  assert.equal((await third.post(CODE, { token })).status, 403, 'in a third session')
  assert.equal((await third.post(CODE, { token: lab.code('bob', -1) })).status, 403, 'nor the code of the step before')
})

test('TOT-01 the form of the page consumes the same codes', async () => {
  const [page, api] = await Promise.all([lab.signedIn('bob', 1), lab.signedIn('bob', 1)])
  lab.clock.advance(60_000)
  const code = lab.code('bob')
  const field = (/name="([a-z]*code[a-z]*)"/.exec((await page.get('/2fa')).body) ?? [])[1] ?? ''
  const sent = await page.form('/2fa', { [field]: code })
  assert.equal(sent.status, 303, sent.body.slice(0, 300))
  assert.equal((await page.state()).authentication_level, 2)
  assert.equal((await api.post(CODE, { token: code })).status, 403)
})

test('TOT-03 after five wrong codes not even the right one is looked at, whatever is signed in anew; time unlocks it', async () => {
  const bob = await lab.signedIn('bob', 1)
  lab.clock.advance(60_000)
  const wrong = lab.code('bob') === '000000' ? '000001' : '000000'
  for (let i = 0; i < 5; i++) assert.equal((await bob.post(CODE, { token: wrong })).status, 403)
  for (let i = 0; i < 3; i++) {
    const again = await lab.signedIn('bob', 1)
    const answer = await again.post(CODE, { token: lab.code('bob') })
    assert.equal(answer.status, 429)
    assert.ok(answer.headers['retry-after'])
    assert.deepEqual(cookiesOf(answer), [])
  }
  lab.clock.advance(61_000)
  const later = await lab.signedIn('bob', 1)
  assert.equal((await later.post(CODE, { token: lab.code('bob') })).status, 200)
})

test('TOT-04 a code is six ASCII digits in a string', async () => {
  const bob = await lab.signedIn('bob', 1)
  lab.clock.advance(60_000)
  const code = lab.code('bob')
  const wide = [...code].map((digit) => String.fromCodePoint(0xff10 + Number(digit))).join('')
  const arabic = [...code].map((digit) => String.fromCodePoint(0x660 + Number(digit))).join('')
  const forms: unknown[] = [
    `${code} `,
    ` ${code}`,
    `${code.slice(0, 3)} ${code.slice(3)}`,
    Number(code),
    [code],
    { code },
  ]
  forms.push(
    wide,
    arabic,
    `0${code}`,
    `00${code}`,
    '',
    null,
    true,
    `${code}\u0000`,
    `${code}\n`,
    `+${code.slice(1)}`,
    code.slice(0, 5),
  )
  for (const token of forms) {
    const answer = await bob.post(CODE, { token })
    assert.ok([400, 403].includes(answer.status), `${JSON.stringify(token)} → ${answer.status}`)
    lab.clock.advance(1)
  }
  const twice = await bob.post(CODE, `{"token":"${code}","TOKEN":"000000"}`)
  assert.notEqual(twice.status, 200, 'the last of two counts')
  const huge = await bob.post(CODE, { token: '1'.repeat(1_000_000) }).catch(() => undefined)
  assert.ok(huge === undefined || huge.status === 400)
  assert.equal((await bob.state()).authentication_level, 1)
})

test('TOT-05 nothing but what the policy allows can be enrolled', async () => {
  const carol = await lab.signedIn('carol', 1)
  for (const choice of [
    { algorithm: 'MD5', length: 6, period: 30 },
    { algorithm: 'SHA1', length: 1, period: 30 },
    { algorithm: 'SHA1', length: 6, period: 86_400 },
    { algorithm: 'SHA1', length: -6, period: 30 },
    { algorithm: 'SHA1', length: 6, period: 0 },
    { algorithm: 'SHA1', length: 6, period: 1e30 },
    { algorithm: ['SHA1'], length: 6, period: 30 },
    { algorithm: '__proto__', length: 6, period: 30 },
    { algorithm: 'constructor', length: 6, period: 30 },
  ]) {
    const answer = await carol.post('/api/secondfactor/totp/register', choice, 'PUT')
    assert.equal(answer.status, 400, JSON.stringify(choice))
    assert.doesNotMatch(answer.body, /secret|otpauth/)
  }
})
