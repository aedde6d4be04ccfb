import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mayPostForm, mayPostJson, requestSource } from '../../src/portal/origin.ts'

const ORIGIN = 'https://auth.example.com'

test('CSR-01 Sec-Fetch-Site decides when the browser sends it, whatever Origin says', () => {
  for (const site of ['cross-site', 'same-site', 'none', '', 'same-origin, cross-site', 'Same-Origin'])
    assert.equal(requestSource({ 'sec-fetch-site': site, origin: ORIGIN }, ORIGIN), 'elsewhere', site)
  assert.equal(requestSource({ 'sec-fetch-site': 'same-origin' }, ORIGIN), 'portal')
})

test('CSR-01 without it Origin must be the portal to the letter', () => {
  assert.equal(requestSource({ origin: ORIGIN }, ORIGIN), 'portal')
  for (const origin of [
    'null',
    '',
    'http://auth.example.com',
    'https://auth.example.com:8443',
    'https://app.example.com',
    'https://auth.example.com.evil.com',
    'https://AUTH.example.com',
    `${ORIGIN}, https://evil.com`,
  ])
    assert.equal(requestSource({ origin }, ORIGIN), 'elsewhere', origin)
})

test('CSR-01 a form needs one of the two headers; JSON does not, since no page elsewhere can send it', () => {
  assert.equal(mayPostForm({}, ORIGIN), false)
  assert.equal(mayPostJson({}, ORIGIN), true)
  assert.equal(mayPostForm({ origin: ORIGIN }, ORIGIN), true)
  assert.equal(mayPostJson({ origin: 'null' }, ORIGIN), false)
  assert.equal(mayPostJson({ 'sec-fetch-site': 'same-site' }, ORIGIN), false)
})
