// What is said to be never reached really isn't, by the policy and by the naive judge; and what people write is found.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { AccessControlConfig, RuleConfig } from '../../../src/config/config.ts'
import { compilePolicy } from '../../../src/policy/compile.ts'
import { verdictFor } from '../../../src/policy/decide.ts'
import { explain } from '../../../src/policy/explain.ts'
import type { Scope } from '../../../src/policy/lint/coverage.ts'
import { piecesOf } from '../../../src/policy/lint/pieces.ts'
import { findShadowed, type Shadowed } from '../../../src/policy/lint/shadowing.ts'
import { ANONYMOUS, type Identity } from '../../../src/policy/model.ts'
import { compilePattern } from '../../../src/policy/pattern.ts'
import { hostReadings, pathReadings } from '../../../src/policy/readings.ts'
import { accessControl, request, user, type WrittenRule } from '../fixture.ts'
import { naiveVerdict } from '../naive.ts'

const EVERYTHING: Scope = { odd: true, anonymousOnly: false }
const ORDINARY: Scope = { odd: false, anonymousOnly: false }
const ANONYMOUSLY: Scope = { odd: false, anonymousOnly: true }

function shadowed(config: AccessControlConfig, scope: Scope): readonly Shadowed[] {
  const { rules } = compilePolicy(config, [])
  const pieces = rules.map((rule, i) => piecesOf(rule, config.rules[i] as RuleConfig, config.networks))
  return findShadowed(pieces, scope)
}

const some = <T>(arbitrary: fc.Arbitrary<T>) =>
  fc.oneof(
    { arbitrary: fc.constant<T[]>([]), weight: 4 },
    { arbitrary: fc.uniqueArray(arbitrary, { minLength: 1, maxLength: 3 }), weight: 3 },
  )
const rule: fc.Arbitrary<RuleConfig> = fc
  .record({
    domain: some(
      fc.constantFrom(
        'a.example.com',
        'b.example.com',
        'x.a.example.com',
        '*.example.com',
        '*.a.example.com',
        '*.com',
        '{user}.example.com',
        '{group}.example.com',
        '{user}a.example.com',
        '{user}',
        'a',
      ),
    ),
    domainRegex: some(
      fc.constantFrom(
        '^a\\.example\\.com$',
        '^A\\.example\\.com$',
        '^a\\.',
        '\\.example\\.com$',
        '^.*\\.example\\.com$',
        '',
        '.*',
        '\\.',
        '(?i)^a\\.example\\.com$',
        '^(a|b)\\.example\\.com$',
        '^[ab]\\.example\\.com$',
        '^(?P<User>[a-z]+)\\.example\\.com$',
        '^a(\\.example)?\\.com$',
      ),
    ),
    policy: fc.constantFrom('bypass', 'one_factor', 'two_factor', 'deny'),
    subject: fc.oneof(
      { arbitrary: fc.constant([]), weight: 3 },
      {
        arbitrary: fc.array(
          fc.uniqueArray(fc.constantFrom('user:a', 'user: a ', 'group:a', 'group:b'), { minLength: 1, maxLength: 2 }),
          { minLength: 1, maxLength: 2 },
        ),
        weight: 1,
      },
    ),
    networks: some(
      fc.constantFrom('10.0.0.0/8', '10.0.0.1', '0.0.0.0/0', '::/0', '0.0.0.0/1', '128.0.0.0/1', 'inside', 'nowhere'),
    ),
    resources: some(
      fc.constantFrom(
        '',
        '.*',
        '^.*$',
        '(?s)^.*$',
        '^/',
        '^/.*$',
        '^/a',
        '^/a/',
        '^/a$',
        '^/a(/.*)?$',
        '^/a([/?].*)?$',
        '^/a\\?x=1$',
        '^/a.*\\?',
        'a',
        'x=1',
        '\\?x=1',
        'b$',
        '^.*b$',
        '^/a/[a-z]+$',
        '^/(?P<User>[a-z]+)$',
        'a.*$',
        '^.*a',
      ),
    ),
    methods: some(fc.constantFrom('GET', 'POST')),
    query: fc.constantFrom([], [], [], [[{ operator: 'equal' as const, key: 'x', value: '1' }]]),
    position: fc.constant(undefined),
  })
  .map((one) => (one.domain.length + one.domainRegex.length === 0 ? { ...one, domain: ['*.example.com'] } : one))
const config = fc.array(rule, { minLength: 2, maxLength: 7 }).map((rules) => ({
  ...accessControl([], 'deny', { inside: ['10.0.0.0/8', 'fd00::/8'], nowhere: [] }),
  rules,
}))

const asked = fc
  .tuple(
    fc.constantFrom(
      'a.example.com',
      'b.example.com',
      'x.a.example.com',
      'A.example.com',
      'a.com',
      'a',
      'aa.example.com',
      'a.EXAMPLE.com',
    ),
    fc.constantFrom(
      '',
      '/',
      '/a',
      '/a/',
      '/a/b',
      '/b',
      '/a%0a',
      '/a%3fx=1',
      '/%0a/a',
      '/a/%0ab',
      '/A',
      '//a',
      '/a%3f/b',
      '/ab',
    ),
    fc.constantFrom('', '?x=1', '?x', '?x=1&x=2', '?/a', '?x=/b'),
    fc.constantFrom('GET', 'POST', 'PUT'),
    fc.constantFrom('10.0.0.1', '10.9.9.9', '192.0.2.1', '::1', 'fd00::1', '0.0.0.0', '255.255.255.255'),
  )
  .map(([host, path, query, method, ip]) => request(`https://${host}${path}${query}`, method, ip))
const identity: fc.Arbitrary<Identity> = fc.oneof(
  fc.constant(ANONYMOUS),
  fc.tuple(fc.constantFrom('a', 'b', 'A'), fc.subarray(['a', 'b'])).map(([name, groups]) => user(name, groups)),
)
const situations = fc.array(fc.tuple(asked, identity), { minLength: 30, maxLength: 30 })

test('a rule that is said to be never reached decides nothing, in no reading', () => {
  let claims = 0
  fc.assert(
    fc.property(config, situations, (rules, all) => {
      const never = new Set(
        shadowed(rules, EVERYTHING)
          .filter(({ at }) => at === '')
          .map((one) => one.rule),
      )
      claims += never.size
      if (never.size === 0) return
      const policy = compilePolicy(rules, ['example.com'])
      for (const [one, who] of all) {
        const { rule: decided } = verdictFor(one, who, policy)
        assert.ok(!never.has(decided), `rule ${decided} decides ${one.target.url}`)
        for (const reading of explain(one, who, policy).readings) assert.ok(!never.has(reading.rule), one.target.url)
        const asker = who.kind === 'user' ? who : undefined
        for (const host of hostReadings(one.target.host))
          for (const path of pathReadings(one.target.path) ?? [])
            for (const sees of [() => true, (pattern: string) => compilePattern(pattern).namesQuery]) {
              const naive = naiveVerdict(rules, one, asker, host, path, sees)
              assert.ok(!never.has(naive.rule), `rule ${naive.rule} decides ${host} ${path} naively`)
            }
      }
    }),
    { numRuns: 2000 },
  )
  assert.ok(claims > 500, `only ${claims} rules were said to be never reached`)
})

test('an entry that is said to be never reached can be taken away without any effect', () => {
  let claims = 0
  fc.assert(
    fc.property(config, situations, (rules, all) => {
      const policy = compilePolicy(rules, ['example.com'])
      for (const { rule: number, at } of shadowed(rules, EVERYTHING)) {
        // one that names who asks makes somebody anonymous be asked to sign in, even where it isn't the one that matches
        if (at === '' || rules.rules[number - 1]?.domain.some((one) => one.startsWith('{'))) continue
        if (JSON.stringify(rules.rules[number - 1]).includes('?P<')) continue
        claims++
        const without = compilePolicy(withoutEntry(rules, number, at), ['example.com'])
        for (const [one, who] of all)
          assert.deepEqual(deciding(one, who, without), deciding(one, who, policy), `${at} ${one.target.url}`)
      }
    }),
    { numRuns: 1500 },
  )
  assert.ok(claims > 300, `only ${claims} entries were said to be never reached`)
})

test('a rule that is said to be out of reach for anonymous visitors never decides about one', () => {
  fc.assert(
    fc.property(config, fc.array(asked, { minLength: 30, maxLength: 30 }), (rules, all) => {
      const never = new Set(
        shadowed(rules, { odd: true, anonymousOnly: true })
          .filter(({ at }) => at === '')
          .map((one) => one.rule),
      )
      const policy = compilePolicy(rules, ['example.com'])
      for (const one of all) assert.ok(!never.has(verdictFor(one, ANONYMOUS, policy).rule), one.target.url)
    }),
    { numRuns: 2000 },
  )
})

test('among ordinary requests a rule that is said to be shadowed decides nothing', () => {
  let claims = 0
  fc.assert(
    fc.property(config, situations, (rules, all) => {
      const never = new Set(
        shadowed(rules, ORDINARY)
          .filter(({ at }) => at === '')
          .map((one) => one.rule),
      )
      claims += never.size
      const policy = compilePolicy(rules, ['example.com'])
      for (const [one, who] of all) {
        const { host, path } = one.target
        if (host !== host.toLowerCase() || path === '' || path.includes('%0a')) continue
        assert.ok(!never.has(verdictFor(one, who, policy).rule), one.target.url)
      }
    }),
    { numRuns: 2000 },
  )
  assert.ok(claims > 500, String(claims))
})

/** The rules that decide in any reading. */
const deciding = (...asking: Parameters<typeof explain>) =>
  new Set(explain(...asking).readings.map((reading) => reading.rule))

function withoutEntry(rules: AccessControlConfig, number: number, at: string): AccessControlConfig {
  const [, key = '', index] = at.split('/')
  const field = (key === 'domain_regex' ? 'domainRegex' : key) as 'domain'
  return {
    ...rules,
    rules: rules.rules.map((one, i) =>
      i === number - 1 ? { ...one, [field]: one[field].filter((_, item) => item !== Number(index)) } : one,
    ),
  }
}

/** `3 by 1,2` for rules, `3/domain/0 by 1` for entries. */
const told = (scope: Scope, ...rules: readonly WrittenRule[]) =>
  shadowed(accessControl(rules, 'deny', { inside: ['10.0.0.0/8'] }), scope).map(
    ({ rule: number, at, by }) => `${number}${at} by ${by.join()}`,
  )
const open = { domain: '*.example.com', policy: 'bypass' } as const

test('names: the same, below a wildcard, a placeholder below a wildcard', () => {
  const later = (domain: string | string[], domain_regex: string[] = []) =>
    told(EVERYTHING, open, { domain, domain_regex, policy: 'deny' })
  assert.deepEqual(later('a.example.com'), ['2 by 1'])
  assert.deepEqual(later(['A.example.com', '*.x.example.com', '{user}.example.com']), ['2 by 1'])
  assert.deepEqual(later([], ['^(?P<User>[a-z]+)\\.Example\\.com$']), ['2 by 1'])
  assert.deepEqual(later('example.com'), [])
  assert.deepEqual(later(['a.example.com', 'example.com']), ['2/domain/0 by 1'])
  assert.deepEqual(later('*.com'), [])
  assert.deepEqual(
    told(EVERYTHING, { domain: '{user}.example.com', policy: 'deny' }, { domain: 'a.example.com', policy: 'deny' }),
    [],
  )
})

test('several rules together decide a later one', () => {
  const rules = told(
    EVERYTHING,
    { domain: 'a.example.com', methods: ['GET'], policy: 'deny' },
    { domain: 'a.example.com', policy: 'bypass', networks: ['0.0.0.0/1', '128.0.0.0/1', '::/0'] },
    { domain: 'b.example.com', policy: 'bypass' },
    { domain: ['a.example.com', 'b.example.com'], policy: 'deny' },
  )
  assert.deepEqual(rules, ['4 by 2,3'])
})

test('resources: prefixes, and patterns that are more special', () => {
  const after = (first: string, ...resources: string[]) =>
    told(EVERYTHING, { domain: 'a', resources: first, policy: 'bypass' }, { domain: 'a', resources, policy: 'deny' })
  assert.deepEqual(after('^/api/', '^/api/v1/.*$', '^/api/[0-9]+$', '^/api/x\\?y=1$'), ['2 by 1'])
  assert.deepEqual(after('^/api(/.*)?$', '^/api$', '^/api/x$'), ['2 by 1'])
  assert.deepEqual(after('^/api/', '^/api'), [])
  assert.deepEqual(after('^/api/', '/api/'), [])
  assert.deepEqual(after('\\.css$', '^/x/.*\\.css$'), ['2 by 1'])
  assert.deepEqual(after('^/.*$', '^/x'), [])
})

test('networks, methods and subjects', () => {
  const after = (first: Partial<WrittenRule>, second: Partial<WrittenRule>) =>
    told(EVERYTHING, { domain: 'a', policy: 'deny', ...first }, { domain: 'a', policy: 'deny', ...second })
  assert.deepEqual(after({ networks: 'inside' }, { networks: ['10.1.0.0/16', '10.2.3.4'] }), ['2 by 1'])
  assert.deepEqual(after({ networks: '10.1.0.0/16' }, { networks: 'inside' }), [])
  assert.deepEqual(after({ networks: '0.0.0.0/0' }, {}), [])
  assert.deepEqual(after({ methods: ['GET', 'POST'] }, { methods: ['POST'] }), ['2 by 1'])
  assert.deepEqual(after({ methods: ['GET'] }, {}), [])
  assert.deepEqual(after({ subject: 'group:a' }, { subject: [['group:a', 'user:b']] }), ['2 by 1'])
  assert.deepEqual(after({ subject: [['group:a', 'user:b']] }, { subject: 'group:a' }), [])
  assert.deepEqual(after({ subject: 'group:a' }, {}), [])
  assert.deepEqual(after({ query: [[{ key: 'x' }]] }, { query: [[{ key: 'x' }]] }), [])
})

test('what only odd requests reach is shadowed for ordinary ones', () => {
  const regex = [
    { domain_regex: '^.*\\.example\\.com$', policy: 'bypass' },
    { domain: 'a.example.com', policy: 'deny' },
  ] as const
  assert.deepEqual(told(EVERYTHING, ...regex), [])
  assert.deepEqual(told(ORDINARY, ...regex), ['2 by 1'])
  const path = [
    { domain: 'a', resources: '^/.*$', policy: 'bypass' },
    { domain: 'a', policy: 'deny' },
  ] as const
  assert.deepEqual(told(EVERYTHING, ...path), [])
  assert.deepEqual(told(ORDINARY, ...path), ['2 by 1'])
})

test('an open rule behind one with a subject is out of reach for whoever has not signed in', () => {
  const rules = [
    { domain: 'a', subject: 'group:x', policy: 'one_factor' },
    { domain: 'a', policy: 'bypass' },
  ] as const
  assert.deepEqual(told(ORDINARY, ...rules), [])
  assert.deepEqual(told(ANONYMOUSLY, ...rules), ['2 by 1'])
})
