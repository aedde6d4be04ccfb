import assert from 'node:assert/strict'
import { isAbsolute } from 'node:path'
import { test } from 'node:test'
import { configWith } from '../loading.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

test('defaults are those of Authelia, except the name of the cookie', () => {
  const config = configWith({ access_control: { default_policy: 'one_factor', rules: [] } })
  assert.equal(config.theme, 'light')
  assert.deepEqual(config.log, { level: 'info', format: 'text', filePath: undefined, keepStdout: false })
  assert.deepEqual(config.server.address, { kind: 'tcp', host: '', port: 9091, family: 0 })
  assert.deepEqual(config.server.timeouts, { read: 6000, write: 6000, idle: 30_000 })
  assert.deepEqual(config.regulation, { modes: ['user'], maxRetries: 3, findTime: 2 * MINUTE, banTime: 5 * MINUTE })
  assert.deepEqual(config.totp, {
    disable: false,
    issuer: 'Authelia',
    algorithm: 'SHA1',
    digits: 6,
    period: 30,
    skew: 1,
    secretSize: 32,
    allowedAlgorithms: ['SHA1'],
    allowedDigits: [6],
    allowedPeriods: [30],
    disableReuseSecurityPolicy: false,
  })
  const [cookie] = config.session.cookies
  assert.deepEqual(cookie, {
    domain: 'example.com',
    portalUrl: 'https://auth.example.com/',
    defaultRedirectionUrl: undefined,
    name: '__Secure-latchkey_session',
    sameSite: 'lax',
    expiration: HOUR,
    inactivity: 5 * MINUTE,
    rememberMe: 30 * DAY,
  })
  assert.equal(config.watch, true)
  assert.equal(config.accessControl.defaultPolicy, 'one_factor')
})

test('paths of storage and users are absolute, from the working directory', () => {
  const config = configWith({})
  assert.ok(isAbsolute(config.storage.path) && config.storage.path.endsWith('/db.sqlite3'))
  assert.ok(isAbsolute(config.directory.file.path) && config.directory.file.path.endsWith('/users.yml'))
})

test('the four usual endpoints exist until one is configured', () => {
  assert.deepEqual(
    configWith({}).server.endpoints.map(({ name, implementation, strategies }) => [
      name,
      implementation,
      strategies.map((strategy) => strategy.name),
    ]),
    [
      ['legacy', 'Legacy', ['HeaderLegacy', 'CookieSession']],
      ['auth-request', 'AuthRequest', ['HeaderAuthorization', 'CookieSession']],
      ['ext-authz', 'ExtAuthz', ['HeaderAuthorization', 'CookieSession']],
      ['forward-auth', 'ForwardAuth', ['HeaderAuthorization', 'CookieSession']],
    ],
  )
  const own = { implementation: 'ForwardAuth', authn_strategies: [{ name: 'HeaderProxyAuthorization' }] }
  const { endpoints } = configWith({ server: { endpoints: { authz: { own } } } }).server
  assert.deepEqual(endpoints, [
    {
      name: 'own',
      implementation: 'ForwardAuth',
      strategies: [{ name: 'HeaderProxyAuthorization', schemes: ['basic'], schemeBasicCacheLifespan: 0 }],
    },
  ])
})

test('a header strategy of a Legacy endpoint without schemes reads none, as in Authelia', () => {
  const legacy = { authn_strategies: [{ name: 'HeaderAuthorization' }] }
  const { endpoints } = configWith({ server: { endpoints: { authz: { legacy } } } }).server
  assert.deepEqual(endpoints[0]?.implementation, 'Legacy')
  assert.deepEqual(endpoints[0]?.strategies[0]?.schemes, [])
})

test('a cookie domain inherits what it does not say', () => {
  const { cookies } = configWith({
    session: {
      name: 'common',
      inactivity: '1h',
      remember_me: -1,
      cookies: [
        { domain: 'example.com', authelia_url: 'https://Auth.example.com:8443/portal?x=1', name: 'own', inactivity: 0 },
        { domain: 'example.org', authelia_url: 'https://auth.example.org', remember_me: '2h', same_site: 'strict' },
      ],
    },
  }).session
  assert.deepEqual(
    cookies.map(({ name, inactivity, rememberMe, sameSite, portalUrl }) => ({
      name,
      inactivity,
      rememberMe,
      sameSite,
      portalUrl,
    })),
    [
      {
        name: 'own',
        inactivity: HOUR,
        rememberMe: 0,
        sameSite: 'lax',
        portalUrl: 'https://auth.example.com:8443/portal/?x=1',
      },
      {
        name: 'common',
        inactivity: HOUR,
        rememberMe: 2 * HOUR,
        sameSite: 'strict',
        portalUrl: 'https://auth.example.org/',
      },
    ],
  )
})

test('the old single domain becomes a cookie domain without a portal', () => {
  const config = configWith({
    default_redirection_url: 'https://www.example.com',
    session: { cookies: undefined, domain: 'example.com' },
  })
  assert.equal(config.session.cookies.length, 1)
  assert.equal(config.session.cookies[0]?.portalUrl, undefined)
  assert.equal(config.session.cookies[0]?.defaultRedirectionUrl, 'https://www.example.com')
})

test('rules have plain lists: subjects as OR of ANDs, operators spelled out, networks by name', () => {
  const { accessControl } = configWith({
    definitions: { network: { home: '10.0.0.0/8' } },
    access_control: {
      rules: [
        {
          domain: 'App.example.com',
          policy: 'two_factor',
          subject: ['user:john', ['group:a', 'group:b']],
          networks: 'home',
          query: [{ key: 'a' }, { key: 'b', value: 'c' }, [{ key: 'd', operator: 'PATTERN', value: '^e$' }]],
        },
        { domain: ['x.example.com'], policy: 'bypass', subject: '', methods: 'GET' },
      ],
    },
  })
  const [first, second] = accessControl.rules
  assert.deepEqual(first?.domain, ['app.example.com'])
  assert.deepEqual(first?.subject, [['user:john'], ['group:a', 'group:b']])
  assert.deepEqual(first?.query, [
    [{ key: 'a', operator: 'present', value: '' }],
    [{ key: 'b', operator: 'equal', value: 'c' }],
    [{ key: 'd', operator: 'pattern', value: '^e$' }],
  ])
  assert.deepEqual(
    accessControl.networks['home']?.map(({ text }) => text),
    ['10.0.0.0/8'],
  )
  assert.deepEqual(second?.subject, [])
  assert.deepEqual(second?.methods, ['GET'])
  assert.ok((first?.position?.line ?? 0) > 1 && (second?.position?.line ?? 0) > (first?.position?.line ?? 0))
})

test('the number of PBKDF2 iterations depends on the digest', () => {
  const iterations = (variant: string): number =>
    configWith({ authentication_backend: { file: { password: { pbkdf2: { variant } } } } }).directory.file.password
      .pbkdf2.iterations
  assert.deepEqual(['sha1', 'sha256', 'sha512'].map(iterations), [1_600_000, 700_000, 310_000])
})

test('the users file is watched unless somebody wrote that it shall not be', () => {
  const watched = (file: object) => configWith({ authentication_backend: { file } }).directory.file.watch
  assert.equal(watched({}), true)
  assert.equal(watched({ watch: true }), true)
  assert.equal(watched({ watch: false }), false)
})

test('the users file is read again at once when it is watched, else every five minutes', () => {
  const interval = (file: object, extra: object = {}): unknown =>
    configWith({ authentication_backend: { file, ...extra } }).directory.refreshInterval
  assert.equal(interval({}), 5 * MINUTE)
  assert.equal(interval({ watch: true }), 'always')
  assert.equal(interval({ watch: true }, { refresh_interval: 'disable' }), 'disable')
  assert.equal(interval({}, { refresh_interval: '1m' }), MINUTE)
})

test('rate limits have their own defaults, and those of elevation follow its lifespans', () => {
  const { rateLimits } = configWith({
    identity_validation: { elevated_session: { code_lifespan: '1m' } },
    server: { endpoints: { rate_limits: { second_factor_totp: { buckets: [{ period: '10s', requests: 2 }] } } } },
  }).server
  assert.deepEqual(rateLimits.second_factor_totp, { enable: true, buckets: [{ period: 10_000, requests: 2 }] })
  assert.deepEqual(rateLimits.session_elevation_start.buckets, [
    { period: MINUTE, requests: 3 },
    { period: 2 * MINUTE, requests: 5 },
    { period: 12 * MINUTE, requests: 15 },
  ])
})

test('zero retries turn bans off, and zero elsewhere means the default', () => {
  const config = configWith({ regulation: { max_retries: 0, find_time: 0 }, totp: { skew: 0, period: 0 } })
  assert.equal(config.regulation.maxRetries, 0)
  assert.equal(config.regulation.findTime, 2 * MINUTE)
  assert.equal(config.totp.skew, 0)
  assert.equal(config.totp.period, 30)
})
