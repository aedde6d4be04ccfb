import assert from 'node:assert/strict'
import { test } from 'node:test'
import { placeOf } from '../../src/portal/visit.ts'
import { DOMAIN, SETTINGS } from './lab.ts'

const at = (host: string, scheme: 'https' | 'http' = 'https', settings = SETTINGS) =>
  placeOf(settings, { scheme, host, clientAddress: '203.0.113.7' })

test('the portal answers at its own host, in any letter case and with any port', () => {
  for (const host of ['auth.example.com', 'AUTH.Example.com', 'auth.example.com:443', 'auth.example.com:8443']) {
    const place = at(host)
    assert.equal(place.kind, 'portal', host)
    if (place.kind === 'portal') assert.equal(place.visit.origin, 'https://auth.example.com')
  }
})

test('it answers at no other host', () => {
  for (const host of [
    '',
    'example.com',
    'app.example.com',
    'evil.com',
    'auth.example.com.',
    'auth.example.com.evil.com',
    'evil.com#auth.example.com',
    'auth.example.com@evil.com',
    'auth.example.com/x',
    'auth.example.com, evil.com',
    '[::1]',
  ])
    assert.equal(at(host).kind, 'wrong-host', host)
})

test('it answers over https only', () => {
  assert.equal(at('auth.example.com', 'http').kind, 'not-https')
  assert.equal(at('evil.com', 'http').kind, 'wrong-host')
})

test('of several cookie domains the one whose portal this is applies', () => {
  const other = { ...DOMAIN, domain: 'example.org', portalUrl: 'https://login.example.org:8443/' }
  const place = at('login.example.org:8443', 'https', { ...SETTINGS, cookies: [DOMAIN, other] })
  assert.ok(place.kind === 'portal')
  assert.equal(place.visit.domain, other)
  assert.equal(place.visit.origin, 'https://login.example.org:8443')
})

test('the old form without a portal address answers at every host of its domain', () => {
  const settings = { ...SETTINGS, cookies: [{ ...DOMAIN, portalUrl: undefined }] }
  const place = at('Auth.example.com:8443', 'https', settings)
  assert.ok(place.kind === 'portal')
  assert.equal(place.visit.origin, 'https://auth.example.com:8443')
  assert.equal(at('auth.example.org', 'https', settings).kind, 'wrong-host')
})
