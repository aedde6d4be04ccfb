import assert from 'node:assert/strict'
import { test } from 'node:test'
import { explain } from '../../src/policy/explain.ts'
import { ANONYMOUS } from '../../src/policy/model.ts'
import { policyOf, request, user, type WrittenRule } from './fixture.ts'

const rules: readonly WrittenRule[] = [
  { domain: 'other.example.com', policy: 'bypass' },
  { domain: '{user}.example.com', policy: 'one_factor' },
  { domain: 'app.example.com', methods: ['POST'], policy: 'deny' },
  { domain: 'app.example.com', networks: '10.0.0.0/8', policy: 'bypass' },
  { domain: 'app.example.com', subject: [['group:dev', 'user:john']], resources: '^/a', policy: 'two_factor' },
  { domain: 'app.example.com', query: [[{ key: 'x', value: '1' }]], policy: 'bypass' },
]
const policy = policyOf(rules)

/** `2: domain hit, subject miss` for every rule of the first reading. */
const summary = (...args: Parameters<typeof explain>) =>
  explain(...args).readings[0]?.rules.map(
    ({ rule, outcome, criteria }) =>
      `${rule} ${outcome}: ${criteria.map((c) => `${c.criterion} ${c.outcome}`).join(', ')}`,
  )

test('every rule tells of every criterion it has', () => {
  assert.deepEqual(
    summary(request('https://app.example.com/a?x=1', 'GET', '192.0.2.1'), user('john', ['dev']), policy),
    [
      '1 miss: domain miss',
      '2 miss: domain miss',
      '3 miss: domain hit, methods miss',
      '4 miss: domain hit, networks miss',
      '5 hit: domain hit, subject hit, resources hit',
      '6 hit: domain hit, query hit',
    ],
  )
  assert.deepEqual(summary(request('https://app.example.com/b?x=1&x=2', 'POST', '10.1.1.1'), user('bob'), policy), [
    '1 miss: domain miss',
    '2 miss: domain miss',
    '3 hit: domain hit, methods hit',
    '4 hit: domain hit, networks hit',
    '5 miss: domain hit, subject miss, resources miss',
    '6 may-be: domain hit, query may-be',
  ])
})

test('what depends on who signs in may be', () => {
  const { decision, readings } = explain(request('https://app.example.com/a'), ANONYMOUS, policy)
  assert.equal(decision.kind, 'challenge')
  assert.deepEqual(summary(request('https://app.example.com/a'), ANONYMOUS, policy)?.slice(1, 2), [
    '2 may-be: domain may-be',
  ])
  assert.match(
    readings[0]?.rules[1]?.criteria[0]?.why ?? '',
    /"app\.example\.com" is for user "app"; nobody has signed in/,
  )
})

test('every reading of the target is told with the rule that decides in it', () => {
  const pathRules = policyOf([
    { domain: 'app.example.com', resources: '^/admin(/.*)?$', policy: 'two_factor' },
    { domain: 'app.example.com', policy: 'bypass' },
  ])
  const { decision, readings } = explain(request('https://App.example.com/x/..%2fadmin?q'), ANONYMOUS, pathRules)
  assert.equal(decision.verdict.rule, 1)
  const told = readings.map(({ host, path, rule }) => `${host} ${path} ${rule}`)
  assert.ok(told.includes('App.example.com /admin?q 2'), told.join('\n'))
  assert.ok(told.includes('app.example.com /admin 1'), told.join('\n'))
  assert.ok(told.includes('app.example.com /x/..%2fadmin 2'), told.join('\n'))
})

test('a path without a reading to trust has no readings, and the answer says why', () => {
  const pathRules = policyOf([{ domain: 'app.example.com', resources: '^/', policy: 'bypass' }], 'bypass')
  assert.deepEqual(explain(request('https://app.example.com/%ff'), ANONYMOUS, pathRules), {
    decision: { kind: 'deny', reason: 'unreadable-path', verdict: { requirement: 'deny', rule: 0, hasSubject: false } },
    readings: [],
  })
})

test('LOG-01 nothing of a request is told unescaped', () => {
  const pathRules = policyOf([{ domain: 'app.example.com', resources: '^/x', policy: 'bypass' }])
  const { readings } = explain(request('https://app.example.com/%0a%1b[31m'), ANONYMOUS, pathRules)
  const why = readings
    .flatMap((reading) => reading.rules.flatMap((rule) => rule.criteria.map((one) => one.why)))
    .join('')
  assert.doesNotMatch(why, /[\x00-\x1f]/)
})
