import assert from 'node:assert/strict'
import { test } from 'node:test'
import { errorsWith, warningsWith } from '../loading.ts'

const cookie = (domain: string, extra: object = {}): object => ({
  domain,
  authelia_url: `https://auth.${domain}`,
  ...extra,
})
const errors = (...cookies: object[]): string[] => errorsWith({ session: { cookies } })
const AT = 'session.cookies[0]'

test('a cookie domain is one that browsers keep cookies for', () => {
  for (const good of ['example.com', 'home.lan', 'a.internal', 'me.duckdns.org', '192.168.1.1', 'xn--9ca.com']) {
    const authelia_url = /^\d/.test(good) ? `https://${good}` : `https://auth.${good}`
    assert.deepEqual(errors({ domain: good, authelia_url }), [], good)
  }
  const bad = [
    'localhost',
    'co.uk',
    'github.io',
    'home.arpa',
    '*.example.com',
    '.example.com',
    'Example.com',
    'a_b.com',
    'a.com:80',
  ]
  for (const domain of bad) assert.deepEqual(errors(cookie(domain)), [`wrong-domain ${AT}.domain`], domain)
})

test('the portal lies at or below the domain and is reached by https', () => {
  const portal = (authelia_url: string): string[] => errors(cookie('example.com', { authelia_url }))
  assert.deepEqual(portal('HTTPS://EXAMPLE.com:8443/a'), [])
  assert.deepEqual(portal('http://auth.example.com'), [`insecure-scheme ${AT}.authelia_url`])
  assert.deepEqual(portal('https://authexample.com'), [`outside-domain ${AT}.authelia_url`])
  assert.deepEqual(portal('https://auth.example.com.'), [`outside-domain ${AT}.authelia_url`])
  assert.deepEqual(portal('https://user@evil.org\\@auth.example.com'), [`wrong-format ${AT}.authelia_url`])
  assert.deepEqual(portal('auth.example.com'), [`wrong-value ${AT}.authelia_url`])
})

test('the target after signing in is not the portal, and not elsewhere', () => {
  const target = (default_redirection_url: string): string[] =>
    errors(cookie('example.com', { default_redirection_url }))
  assert.deepEqual(target('https://www.example.com/x'), [])
  assert.deepEqual(target('HTTPS://AUTH.example.com'), [`same-as-portal ${AT}.default_redirection_url`])
  assert.deepEqual(target('https://www.other.com'), [`outside-domain ${AT}.default_redirection_url`])
})

test('a domain below one that comes before it would never apply', () => {
  assert.deepEqual(errors(cookie('example.com'), cookie('sub.example.com')), [
    'overlapping-domains session.cookies[1].domain',
  ])
  assert.deepEqual(errors(cookie('example.com'), cookie('example.com')), [
    'overlapping-domains session.cookies[1].domain',
  ])
  const reversed = [cookie('sub.example.com'), cookie('example.com')]
  assert.deepEqual(warningsWith({ session: { cookies: reversed } }), ['same-cookie-name session.cookies[0]'])
})

test('the old target for all domains has no place beside cookies', () => {
  assert.deepEqual(errorsWith({ default_redirection_url: 'https://www.example.com' }), [
    'conflict default_redirection_url',
  ])
})

test('a short secret is a warning', () => {
  assert.deepEqual(warningsWith({ session: { secret: 'short' } }), ['short-secret session.secret'])
})

test('the name of a cookie is one that browsers keep for a domain', () => {
  for (const name of ['a=b', 'a b', 'é', 'a;b', '__Host-x']) {
    assert.deepEqual(errorsWith({ session: { name } }), ['wrong-cookie-name session.name'], name)
    assert.deepEqual(errors(cookie('example.com', { name })), [`wrong-cookie-name ${AT}.name`], name)
  }
  assert.deepEqual(errorsWith({ session: { name: 'authelia_session' } }), [])
})

test('an inactivity that is longer than the session is a warning', () => {
  assert.deepEqual(warningsWith({ session: { inactivity: '2h' } }), ['odd-value session'])
  const cookies = [cookie('example.com', { expiration: '1m' })]
  assert.deepEqual(warningsWith({ session: { cookies } }), ['odd-value session.cookies[0]'])
})
