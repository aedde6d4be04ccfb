import assert from 'node:assert/strict'
import { test } from 'node:test'
import { loadText, loadWith, problemsOf } from './loading.ts'

const hintFor = (changes: { [key: string]: unknown }, path: string): string | undefined =>
  problemsOf(loadWith(changes)).find((problem) => problem.path === path && problem.severity === 'error')?.hint

test('an unknown key comes with what was probably meant', () => {
  assert.equal(hintFor({ sesion: {} }, 'sesion'), 'Did you mean session?')
  assert.equal(hintFor({ session: { Secret: 'x' } }, 'session.Secret'), 'Did you mean session.secret?')
  const rules = [{ domain: 'a.example.com', polici: 'deny', policy: 'deny' }]
  assert.equal(
    hintFor({ access_control: { rules } }, 'access_control.rules[0].polici'),
    'Did you mean access_control.rules[0].policy?',
  )
  const query = [[{ key: 'a', oprator: 'present' }]]
  const nested = [{ domain: 'a.example.com', policy: 'deny', query }]
  assert.equal(
    hintFor({ access_control: { rules: nested } }, 'access_control.rules[0].query[0][0].oprator'),
    'Did you mean access_control.rules[0].query[0][0].operator?',
  )
})

test('a key at the wrong depth is told where it belongs', () => {
  assert.match(hintFor({ keep_stdout: true }, 'keep_stdout') ?? '', /log\.keep_stdout/)
  assert.match(hintFor({ 'log.level': 'info' }, 'log.level') ?? '', /nested: log: level/)
  assert.match(hintFor({ users: { john: {} } }, 'users') ?? '', /authentication_backend\.file\.path/)
})

test('a wrong choice comes with the nearest one', () => {
  assert.equal(hintFor({ theme: 'drak' }, 'theme'), 'Did you mean dark?')
  assert.equal(hintFor({ totp: { digits: 7 } }, 'totp.digits'), undefined)
})

test('several wrong items of one list are each told by their own place', () => {
  const yaml = 'regulation:\n  modes:\n    - ip\n    - x\n    - user\n    - y\n'
  const wrong = problemsOf(loadText(yaml)).filter(({ code }) => code === 'wrong-value')
  assert.deepEqual(
    wrong.map(({ path, position }) => `${path} ${position?.line}`),
    ['regulation.modes[1] 4', 'regulation.modes[3] 6'],
  )
})

test('what follows an item that was taken out keeps its number and its place', () => {
  const yaml = [
    'access_control:',
    '  rules:',
    '    - nonsense',
    '    - { domain: a.example.com, policy: one_factor, methods: [GET, get, POST, POST] }',
    '    - { domain: b.example.com, policy: nothing }',
    '    - { domain: c.example.com, policy: bypass, subject: "user:john" }',
  ].join('\n')
  const wrong = problemsOf(loadText(yaml)).filter(({ path }) => path?.startsWith('access_control'))
  assert.deepEqual(wrong.map(({ code, path, position }) => `${position?.line} ${code} ${path}`).sort(), [
    '3 wrong-type access_control.rules[0]',
    '4 duplicate access_control.rules[1].methods[3]',
    '4 wrong-value access_control.rules[1].methods[1]',
    '5 wrong-value access_control.rules[2].policy',
    '6 bypass-with-identity access_control.rules[3].policy',
  ])
})

test('an empty section is as if it were not there', () => {
  for (const empty of [null, {}]) {
    assert.equal(
      loadWith({ log: empty, totp: empty, telemetry: { metrics: empty }, server: { headers: empty } }).kind,
      'ok',
    )
  }
})

test('metadata of authenticators is not looked at when it is off', () => {
  const with_ = (enabled: boolean): string => loadWith({ webauthn: { metadata: { enabled, cache_policy: 'x' } } }).kind
  assert.deepEqual([with_(false), with_(true)], ['ok', 'invalid'])
})

test('options of one-time codes are not looked at when those are disabled', () => {
  assert.equal(loadWith({ totp: { disable: true, digits: 1, algorithm: 'md5' } }).kind, 'ok')
  assert.equal(loadWith({ totp: { disable: false, digits: 1 } }).kind, 'invalid')
})
