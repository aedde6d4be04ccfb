import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { compilePolicy } from '../../src/policy/compile.ts'
import { decide, secondFactorEnabled, verdictFor } from '../../src/policy/decide.ts'
import { ANONYMOUS } from '../../src/policy/model.ts'
import { accessControl, policyOf, request, user, type WrittenRule } from './fixture.ts'

test('CFG-08 nothing of a rule is dropped silently: what can’t be understood throws', () => {
  const rule: WrittenRule = { domain: 'a.example.com', policy: 'one_factor' }
  const compile = (extra: Partial<WrittenRule>) => () => policyOf([{ ...rule, ...extra }])
  assert.throws(compile({ subject: 'users:john' }), /not a subject/)
  assert.throws(compile({ networks: 'nowhere' }), /not a network/)
  assert.throws(compile({ networks: 'toString' }), /not a network/)
  assert.throws(compile({ resources: '(' }), /error parsing regexp/)
  assert.throws(compile({ domain_regex: '(' }), /error parsing regexp/)
  assert.throws(compile({ query: [[{ operator: 'pattern', key: 'a', value: '(' }]] }), /error parsing regexp/)
})

test('RES-14 a network without addresses admits nobody, it is no missing criterion', () => {
  const rules: WrittenRule[] = [{ domain: 'a.example.com', networks: 'none', policy: 'bypass' }]
  const policy = compilePolicy(accessControl(rules, 'deny', { none: [] }), ['example.com'])
  assert.equal(decide(request('https://a.example.com/'), ANONYMOUS, policy).kind, 'deny')
})

test('a name of a network comes before an address that looks the same', () => {
  const rules: WrittenRule[] = [{ domain: 'a.example.com', networks: '10.0.0.1', policy: 'bypass' }]
  const policy = compilePolicy(accessControl(rules, 'deny', { '10.0.0.1': ['192.168.0.0/16'] }), ['example.com'])
  assert.equal(decide(request('https://a.example.com/', 'GET', '192.168.1.1'), ANONYMOUS, policy).kind, 'allow')
  assert.equal(decide(request('https://a.example.com/', 'GET', '10.0.0.1'), ANONYMOUS, policy).kind, 'deny')
})

test('rules that demand the same share it, and only those', () => {
  const written = { domain: 'a.example.com', subject: 'group:admins', methods: ['GET'], networks: 'home' } as const
  const rules: WrittenRule[] = [
    { ...written, resources: '^/a', policy: 'one_factor' },
    { ...written, domain: 'b.example.com', resources: '^/a', policy: 'deny' },
    { ...written, resources: '^/b', policy: 'one_factor' },
    { ...written, resources: '^/a', methods: ['POST'], policy: 'one_factor' },
    { ...written, resources: '^/a', subject: ['group:admins', 'user:john'], policy: 'one_factor' },
    { ...written, resources: '^/a', subject: [['group:admins', 'user:john']], policy: 'one_factor' },
  ]
  const policy = compilePolicy(accessControl(rules, 'deny', { home: ['10.0.0.0/8'] }), ['example.com'])
  const [first, second, ...others] = policy.rules.map(({ criteria }) => criteria)
  assert.equal(first, second)
  assert.equal(new Set([first, ...others]).size, 5)
})

test('a second factor is enabled when a rule or the default demands one', () => {
  assert.equal(secondFactorEnabled(policyOf([], 'two_factor')), true)
  assert.equal(secondFactorEnabled(policyOf([{ domain: 'a', policy: 'two_factor' }])), true)
  assert.equal(secondFactorEnabled(policyOf([{ domain: 'a', policy: 'one_factor' }])), false)
})

test('whether a rule depends on who asks is told by its parts', () => {
  const hasSubject = (rule: Partial<WrittenRule>) => {
    const policy = policyOf([{ policy: 'deny', domain_regex: '', ...rule }])
    return verdictFor(request('https://john.example.com/john/'), ANONYMOUS, policy).hasSubject
  }
  assert.equal(hasSubject({}), false)
  assert.equal(hasSubject({ subject: 'user:john' }), true)
  assert.equal(hasSubject({ domain: '{user}.example.com' }), true)
  assert.equal(hasSubject({ domain: '{group}.example.com' }), true)
  assert.equal(hasSubject({ domain_regex: '^(?P<User>.*)$' }), true)
  assert.equal(hasSubject({ domain_regex: '^(?P<Group>.*)$' }), true)
  assert.equal(hasSubject({ resources: '^/(?P<User>.*)/$' }), true)
  assert.equal(hasSubject({ resources: '^/(?P<Name>.*)/$' }), false)
})

test('a policy and its answers can’t be changed by who holds them', () => {
  const policy = policyOf([{ domain: 'a.example.com', policy: 'deny' }])
  const decision = decide(request('https://a.example.com/'), ANONYMOUS, policy)
  assert.throws(() => Object.assign(decision, { kind: 'allow' }), TypeError)
  assert.throws(() => Object.assign(decision.verdict, { requirement: 'bypass' }), TypeError)
  assert.throws(() => Object.assign(policy, { fallback: policy.unreadable }), TypeError)
})

test('somebody who has proven nothing yet counts as anonymous', () => {
  const policy = policyOf([
    { domain: 'a.example.com', subject: 'group:admins', policy: 'one_factor' },
    { domain: 'a.example.com', policy: 'bypass' },
  ])
  assert.equal(decide(request('https://a.example.com/'), user('bob', [], 0), policy).kind, 'challenge')
  assert.equal(decide(request('https://a.example.com/'), user('bob', [], 1), policy).kind, 'allow')
})

test('DOS-02 hosts that are asked for once each don’t fill the memory, nor do the headers they were cut from', () => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const policy = policyOf([{ domain: '*.example.com', policy: 'bypass' }])
  const { target, ...rest } = request('https://a.example.com/')
  const ask = (from: number, to: number) => {
    for (let i = from; i < to; i++) {
      const header = `${'x'.repeat(8000)}${i} host-number-${i}.example.com`
      const host = header.slice(header.indexOf(' ') + 1)
      assert.equal(decide({ target: { ...target, host }, ...rest }, ANONYMOUS, policy).kind, 'allow')
    }
    collect()
    return process.memoryUsage().heapUsed
  }
  const empty = ask(0, 1)
  const full = ask(1, 20_000)
  assert.ok(full - empty < 20_000_000, `${full - empty} bytes`)
  assert.ok(ask(20_000, 60_000) - full < 2_000_000)
})

test('hosts that are asked for in turn are looked up once, a flood of them each time', () => {
  const { hosts } = policyOf([{ domain: '*.example.com', policy: 'bypass' }])
  const remembered = (count: number): number => {
    const ask = () => Array.from({ length: count }, (_, i) => hosts.rulesFor(`host-${i}.example.com`))
    ask()
    ask()
    const found = ask()
    return ask().filter((rules, i) => rules === found[i]).length
  }
  assert.ok(remembered(1000) > 980)
  assert.ok(remembered(50_000) < 2000)
})
