// What must hold for all rules, people and requests: the policy is the specification (P4, DOM-07), no reading of a target gets more than the
// target itself (P2), and nothing that is added to a request opens what was closed (P3).
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { QueryCriterion, RuleConfig } from '../../src/config/config.ts'
import { compilePolicy } from '../../src/policy/compile.ts'
import { decide, verdictFor } from '../../src/policy/decide.ts'
import { explain } from '../../src/policy/explain.ts'
import {
  type AccessRequest,
  ANONYMOUS,
  type Decision,
  type Identity,
  type Level,
  type Requirement,
  type Verdict,
} from '../../src/policy/model.ts'
import { compilePattern } from '../../src/policy/pattern.ts'
import { pathReadings } from '../../src/policy/readings.ts'
import { accessControl, request, user } from './fixture.ts'
import { type NaiveVerdict, naiveVerdict } from './naive.ts'

const some = <T>(arbitrary: fc.Arbitrary<T>, maxLength = 2) =>
  fc.oneof(
    { arbitrary: fc.constant<T[]>([]), weight: 3 },
    { arbitrary: fc.array(arbitrary, { minLength: 1, maxLength }), weight: 2 },
  )

const policy = fc.constantFrom<Requirement>('bypass', 'one_factor', 'two_factor', 'deny')
const domain = fc.constantFrom(
  'a.example.com',
  'b.example.com',
  'x.a.example.com',
  '*.example.com',
  '*.a.example.com',
  '*xample.com',
  '{user}.example.com',
  '{group}.example.com',
  '{user}-app.example.com',
  '{group}-app.example.com',
  'example.com',
  '{user}',
)
const domainRegex = fc.constantFrom(
  '^a\\.example\\.com$',
  '^(?P<User>[a-z]+)\\.example\\.com$',
  '^(?P<Group>[a-z]+)\\.example\\.com$',
  '^(?P<User>[a-z]+)(-(?P<Group>[a-z]+))?\\.example\\.com$',
  'a\\.ex',
  '(?i)^A\\.EXAMPLE\\.COM$',
  '^.*\\.(example|other)\\.com$',
  'com',
)
const resource = fc.constantFrom(
  '^/$',
  '^/a$',
  '^/a/.*$',
  '^/a(/.*)?$',
  'b',
  '^/(?P<User>[a-z]+)/.*$',
  '^/(?P<Group>[a-z]+)$',
  '^/a([/?].*)?$',
  '^/b\\?x=1$',
  '\\.css$',
  '(?i)^/A',
  '[^/]+b$',
  '.*x.*',
)
const subject = fc.array(
  fc.constantFrom('user:john', 'user:bob', 'user:John', 'group:dev', 'group:admins', 'oauth2:client:c'),
  { minLength: 1, maxLength: 2 },
)
const network = fc.constantFrom('10.0.0.0/8', '10.0.0.1', 'fe80::/10', 'internal', 'nowhere')
const method = fc.constantFrom('GET', 'POST', 'OPTIONS')
const criterion: fc.Arbitrary<QueryCriterion> = fc.record({
  operator: fc.constantFrom('present', 'absent', 'equal', 'not equal', 'pattern', 'not pattern'),
  key: fc.constantFrom('x', 'y'),
  value: fc.constantFrom('', '1', '^1', 'b'),
})
const rule: fc.Arbitrary<RuleConfig> = fc.record({
  domain: fc.array(domain, { minLength: 1, maxLength: 2 }),
  domainRegex: some(domainRegex, 1),
  policy,
  subject: some(subject),
  networks: some(network),
  resources: some(resource),
  methods: some(method),
  query: some(fc.array(criterion, { minLength: 1, maxLength: 2 })),
  position: fc.constant(undefined),
})
const config = fc
  .record({ rules: fc.array(rule, { minLength: 1, maxLength: 8 }), defaultPolicy: policy })
  .map(({ rules, defaultPolicy }) => ({
    ...accessControl([], defaultPolicy, { internal: ['10.0.0.0/8', 'fd00::/8'], nowhere: [] }),
    rules,
  }))

const plainHost = fc.constantFrom(
  'a.example.com',
  'b.example.com',
  'x.a.example.com',
  'john.example.com',
  'dev.example.com',
  'john-app.example.com',
  'dev-app.example.com',
  'john-dev.example.com',
  'example.com',
  'john',
  'a.other.com',
)
const plainPath = fc.constantFrom(
  '/',
  '/a',
  '/a/',
  '/a/b',
  '/b',
  '/john/x',
  '/John/x',
  '/dev',
  '/x.css',
  '/ab',
  '/a/b.css',
)
const plainQuery = fc.constantFrom(undefined, '', 'x=1', 'x', 'y=1', 'x=1&y=b', 'x=b', 'y', 'x=%31')
const ip = fc.constantFrom('10.0.0.1', '10.0.0.2', '192.168.0.1', 'fe80::1', '::ffff:10.0.0.1')
const identity: fc.Arbitrary<Identity> = fc.oneof(
  fc.constant(ANONYMOUS),
  fc
    .tuple(
      fc.constantFrom('john', 'bob', 'a', 'John'),
      fc.subarray(['dev', 'admins', 'DEV', 'a']),
      fc.constantFrom<Level>(1, 2),
    )
    .map(([name, groups, level]) => user(name, groups, level)),
)
const asRequest = ([host, path, query, how, from]: readonly [string, string, string | undefined, string, string]) =>
  request(`https://${host}${path}${query === undefined ? '' : `?${query}`}`, how, from)

const STRICTNESS = ['bypass', 'one_factor', 'two_factor', 'deny']
const strictest = (verdicts: readonly NaiveVerdict[]): Requirement =>
  verdicts
    .map(({ requirement }) => requirement)
    .reduce((a, b) => (STRICTNESS.indexOf(b) > STRICTNESS.indexOf(a) ? b : a))
const asker = (who: Identity) => (who.kind === 'user' ? who : undefined)
const namesQuery = (pattern: string) => compilePattern(pattern).namesQuery
const everyPattern = () => true

/** Spec 1.5. */
function expectedKind({ requirement, hasSubject }: Verdict, who: Identity): Decision['kind'] {
  const level = who.kind === 'user' ? who.level : 0
  if (requirement === 'deny') return hasSubject && level === 0 ? 'challenge' : 'deny'
  return level >= STRICTNESS.indexOf(requirement) ? 'allow' : 'challenge'
}

test('P4 DOM-07 the policy answers as the specification does: plain targets', () => {
  let cases = 0
  fc.assert(
    fc.property(
      config,
      fc.array(fc.tuple(fc.tuple(plainHost, plainPath, plainQuery, method, ip), identity), {
        minLength: 25,
        maxLength: 25,
      }),
      (accessRules, asked) => {
        const compiled = compilePolicy(accessRules, ['example.com'])
        for (const [target, who] of asked) {
          cases++
          const one = asRequest(target)
          const { host, path } = one.target
          const authelia = naiveVerdict(accessRules, one, asker(who), host, path, everyPattern)
          const pathOnly = naiveVerdict(accessRules, one, asker(who), host, path, namesQuery)
          const verdict = verdictFor(one, who, compiled)
          const label = `${one.target.url} ${JSON.stringify(who)}`
          assert.equal(verdict.requirement, strictest([authelia, pathOnly]), label)
          if (!one.target.query) assert.deepEqual(verdict, authelia, label)
          const decision = decide(one, who, compiled)
          assert.deepEqual(decision.verdict, verdict)
          assert.equal(decision.kind, expectedKind(verdict, who), label)
        }
      },
    ),
    { numRuns: 4000 },
  )
  assert.equal(cases, 100_000)
})

const oddHost = fc.constantFrom(
  'A.example.com',
  'a.EXAMPLE.com',
  'JOHN.example.com',
  'a.example.com',
  'X.a.example.com',
  'john-DEV.example.com',
)
const oddPath = fc
  .array(
    fc.constantFrom('a', 'b', 'john', '/', '/', '..', '.', '%2f', '%2e', '%252e', '\\', ';x', '%00', '%3f', '%61'),
    { maxLength: 6 },
  )
  .map((p) => `/${p.join('')}`)

test('P4 the policy answers as the specification does: the strictest of every reading', () => {
  fc.assert(
    fc.property(
      config,
      fc.array(fc.tuple(fc.tuple(oddHost, oddPath, plainQuery, method, ip), identity), { minLength: 5, maxLength: 5 }),
      (accessRules, asked) => {
        const compiled = compilePolicy(accessRules, ['example.com'])
        for (const [target, who] of asked) {
          const one = asRequest(target)
          const got = verdictFor(one, who, compiled).requirement
          const paths = pathReadings(one.target.path)
          if (paths === undefined) continue
          const verdicts = [one.target.host, one.target.host.toLowerCase()].flatMap((host) =>
            paths.flatMap((path) =>
              [everyPattern, namesQuery].map((sees) => naiveVerdict(accessRules, one, asker(who), host, path, sees)),
            ),
          )
          assert.equal(got, strictest(verdicts), one.target.url)
        }
      },
    ),
    { numRuns: 1500 },
  )
})

/** What an application might make of a path, written down apart from the production code: any three of these in any order. */
const APPLICATIONS: readonly ((path: string) => string)[] = [
  (path) => path.replace(/%([0-9a-f]{2})/gi, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16))),
  (path) => new URL(`http://h${path.startsWith('/') ? '' : '/'}${path.replace(/^\/+/, '/')}`).pathname,
  (path) => path.split('\\').join('/'),
  (path) =>
    path
      .split('/')
      .map((segment) => segment.split(';')[0])
      .join('/'),
  (path) => path.split('\0')[0] ?? '',
  (path) => path.replace(/\/+/g, '/'),
]

test('P2 no reading of a path gets less than the path itself is asked for', () => {
  const piece = fc.constantFrom(
    'public',
    'admin',
    'x',
    '/',
    '/',
    '/',
    '..',
    '/../',
    '%2e%2e',
    '%2f',
    '%2F',
    '%5c',
    '\\',
    ';',
    ';x=1',
    '%3b',
    '%252e',
    '%252f',
    '%00',
    '.',
    '%61dmin',
    '//',
  )
  const path = fc.array(piece, { minLength: 1, maxLength: 8 }).map((pieces) => `/public/${pieces.join('')}`)
  const accessRules = accessControl([
    { domain: 'app.example.com', resources: '^/public(/.*)?$', policy: 'bypass' },
    { domain: 'app.example.com', resources: '^/admin(/.*)?$', policy: 'two_factor' },
    { domain: 'app.example.com', policy: 'one_factor' },
  ])
  const compiled = compilePolicy(accessRules, ['example.com'])
  const order = fc.array(fc.nat(APPLICATIONS.length - 1), { minLength: 1, maxLength: 3 })
  fc.assert(
    fc.property(path, order, (raw, steps) => {
      const one = request(`https://app.example.com${raw}`)
      let read = raw
      for (const step of steps) read = APPLICATIONS[step]?.(read) ?? read
      // what is still escaped is no name of anything that these rules know
      const there = naiveVerdict(accessRules, one, undefined, 'app.example.com', read, everyPattern)
      const here = verdictFor(one, ANONYMOUS, compiled)
      const loosest = STRICTNESS.indexOf(here.requirement) >= STRICTNESS.indexOf(there.requirement)
      assert.ok(
        loosest,
        `${raw} is read as ${JSON.stringify(read)}: ${there.requirement}, but ${here.requirement} is asked`,
      )
    }),
    { numRuns: 20_000 },
  )
})

test('P3 adding a query, or a value to one that is there, opens nothing that was closed', () => {
  const withoutQuery = (one: RuleConfig): RuleConfig => ({
    ...one,
    query: [],
    resources: one.resources.filter((pattern) => !namesQuery(pattern)),
  })
  fc.assert(
    fc.property(
      config,
      fc.tuple(plainHost, oddPath, fc.constant(undefined), method, ip),
      identity,
      fc.webQueryParameters(),
      (accessRules, target, who, query) => {
        const compiled = compilePolicy({ ...accessRules, rules: accessRules.rules.map(withoutQuery) }, ['example.com'])
        const before = decide(asRequest(target), who, compiled)
        const [host, path, , how, from] = target
        const after = decide(asRequest([host, path, query, how, from]), who, compiled)
        if (before.kind !== 'allow') assert.notEqual(after.kind, 'allow')
        assert.ok(STRICTNESS.indexOf(after.verdict.requirement) >= STRICTNESS.indexOf(before.verdict.requirement))
      },
    ),
    { numRuns: 3000 },
  )
})

test('P3 a second value under a key opens nothing that either value alone left closed', () => {
  const value = fc.constantFrom('1', 'b', '', '2')
  fc.assert(
    fc.property(
      config,
      plainHost,
      plainPath,
      identity,
      fc.constantFrom('x', 'y'),
      value,
      value,
      (accessRules, host, path, who, key, first, second) => {
        // patterns about the query's text are another matter
        const rules = accessRules.rules.map((one) => ({ ...one, resources: [] }))
        const compiled = compilePolicy({ ...accessRules, rules }, ['example.com'])
        const ask = (query: string): AccessRequest => request(`https://${host}${path}?${query}`)
        const closed = [first, second].some((one) => decide(ask(`${key}=${one}`), who, compiled).kind !== 'allow')
        if (closed) assert.notEqual(decide(ask(`${key}=${first}&${key}=${second}`), who, compiled).kind, 'allow')
      },
    ),
    { numRuns: 3000 },
  )
})

test('P3 a higher level never gets less', () => {
  fc.assert(
    fc.property(config, fc.tuple(plainHost, plainPath, plainQuery, method, ip), (accessRules, target) => {
      const compiled = compilePolicy(accessRules, ['example.com'])
      const at = (level: Level) => decide(asRequest(target), user('john', ['dev'], level), compiled).kind === 'allow'
      assert.ok(!at(1) || at(2))
    }),
    { numRuns: 2000 },
  )
})

test('what is remembered about hosts changes no answer', () => {
  fc.assert(
    fc.property(
      config,
      fc.array(fc.tuple(fc.tuple(fc.oneof(plainHost, oddHost), plainPath, plainQuery, method, ip), identity), {
        minLength: 20,
      }),
      (accessRules, asked) => {
        const remembering = compilePolicy(accessRules, ['example.com', 'other.com'])
        const forgetting = compilePolicy(accessRules, [])
        for (const [target, who] of [...asked, ...asked])
          assert.deepEqual(decide(asRequest(target), who, remembering), decide(asRequest(target), who, forgetting))
      },
    ),
    { numRuns: 200 },
  )
})

test('the explanation decides as the decision does', () => {
  fc.assert(
    fc.property(
      config,
      fc.tuple(fc.oneof(plainHost, oddHost), fc.oneof(plainPath, oddPath), plainQuery, method, ip),
      identity,
      (accessRules, target, who) => {
        const compiled = compilePolicy(accessRules, ['example.com'])
        const one = asRequest(target)
        const { decision, readings } = explain(one, who, compiled)
        assert.deepEqual(decision, decide(one, who, compiled))
        if (readings.length === 0) assert.equal(decision.reason, 'unreadable-path')
        if (decision.reason === 'unreadable-path') return assert.equal(decision.verdict.requirement, 'deny')
        const demanded = readings.map(({ requirement }) => STRICTNESS.indexOf(requirement))
        assert.equal(STRICTNESS[Math.max(...demanded)], decision.verdict.requirement)
        for (const reading of readings) {
          // but for uncertain queries, the rule that decides is the first that doesn't miss
          const uncertain = reading.rules.some(({ criteria }) =>
            criteria.some((c) => c.criterion === 'query' && c.outcome === 'may-be'),
          )
          const first = reading.rules.find(({ outcome }) => outcome !== 'miss')
          if (!uncertain) assert.equal(first?.rule ?? 0, reading.rule, `${reading.host}${reading.path}`)
          if (who.kind === 'user' && !uncertain) assert.ok(reading.rules.every(({ outcome }) => outcome !== 'may-be'))
        }
      },
    ),
    { numRuns: 2000 },
  )
})
