import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Visit } from '../../src/portal/visit.ts'
import { wayBackOf, withWayBack } from '../../src/portal/way-back.ts'
import { DOMAIN, SETTINGS } from './lab.ts'

const ORG = { ...DOMAIN, domain: 'example.org', portalUrl: 'https://login.example.org/' }
const VISIT: Visit = {
  settings: { ...SETTINGS, cookies: [DOMAIN, ORG] },
  domain: DOMAIN,
  origin: 'https://auth.example.com',
  host: 'auth.example.com',
  clientAddress: '203.0.113.7',
  userAgent: '',
}

test('RED-01 what is not safe is no way back, and is known to have been refused', () => {
  for (const rd of [
    'https://evil.com',
    '//evil.com',
    '/\\evil.com',
    'https:evil.com',
    'https://example.com@evil.com',
    'https://evil.com#.example.com',
    'https://example.com.evil.com',
    'http://app.example.com',
    'javascript:alert(1)//app.example.com',
    ' https://app.example.com',
    'https://app.example.com:99999',
    '/relative',
    ['https://app.example.com', 'https://evil.com'],
    { x: 1 },
  ]) {
    const way = wayBackOf(VISIT, { rd, rm: 'GET' })
    assert.deepEqual({ target: way.target, refused: way.refused }, { target: undefined, refused: true }, String(rd))
    assert.equal(withWayBack('/', way), '/')
  }
})

test('RED-03 the portal itself, in any disguise, is no way back', () => {
  for (const rd of [
    'https://auth.example.com/',
    'https://AUTH.example.com:8443/logout',
    'https://auth.example.com/?rd=https://evil.com',
    'https://login.example.org/',
  ]) {
    const way = wayBackOf(VISIT, { rd })
    assert.deepEqual({ target: way.target, refused: way.refused }, { target: undefined, refused: false }, rd)
  }
})

test('a safe one is kept, with its method', () => {
  const way = wayBackOf(VISIT, { rd: 'https://app.example.org/a?b=c', rm: 'POST' })
  assert.equal(way.target?.url, 'https://app.example.org/a?b=c')
  assert.equal(
    withWayBack('/2fa', way, { done: 'x' }),
    '/2fa?rd=https%3A%2F%2Fapp.example.org%2Fa%3Fb%3Dc&rm=POST&done=x',
  )
})

test('a method that is none is GET', () => {
  for (const rm of [undefined, '', 'get', 'GET,POST', ['GET'], 'X'.repeat(30), 'A\r\nB'])
    assert.equal(wayBackOf(VISIT, { rd: 'https://app.example.com/', rm }).method, 'GET')
})
