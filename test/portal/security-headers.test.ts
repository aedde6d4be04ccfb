import assert from 'node:assert/strict'
import { test } from 'node:test'
import { newNonce, pagePolicy, weaknessesOfPolicy } from '../../src/portal/security-headers.ts'

const PLACEHOLDER = ['$', '{NONCE}'].join('')

const directives = (policy: string): Map<string, readonly string[]> =>
  new Map(
    policy.split('; ').map((directive): [string, readonly string[]] => {
      const [name = '', ...values] = directive.split(' ')
      return [name, values]
    }),
  )

test('BRW-02 the policy of a page permits its own script and style by nonce, and nothing else', () => {
  const policy = directives(pagePolicy('abc', 'example.com', undefined))
  assert.deepEqual(policy.get('default-src'), ["'none'"])
  assert.deepEqual(policy.get('script-src'), ["'nonce-abc'"])
  assert.deepEqual(policy.get('style-src'), ["'nonce-abc'"])
  assert.deepEqual(policy.get('object-src'), ["'none'"])
  assert.deepEqual(policy.get('base-uri'), ["'none'"])
  assert.deepEqual(policy.get('frame-ancestors'), ["'none'"])
  assert.doesNotMatch(pagePolicy('abc', 'example.com', undefined), /unsafe|\s\*|data:|http:/)
})

test('BRW-02 forms lead to the portal, the cookie domain and what lies below it, on any port', () => {
  const policy = directives(pagePolicy('abc', 'example.com', undefined))
  assert.deepEqual(policy.get('form-action'), ["'self'", 'https://example.com:*', 'https://*.example.com:*'])
  assert.deepEqual(directives(pagePolicy('abc', undefined, undefined)).get('form-action'), ["'self'"])
})

test('BRW-02 a nonce has 128 bits or more and is never the same', () => {
  const nonces = new Set(Array.from({ length: 200 }, newNonce))
  assert.equal(nonces.size, 200)
  for (const nonce of nonces) assert.ok(Buffer.from(nonce, 'base64url').length >= 16)
})

test('BRW-03 the placeholder of an own template is filled in each time', () => {
  const template = `script-src 'nonce-${PLACEHOLDER}'; style-src 'nonce-${PLACEHOLDER}'`
  assert.equal(pagePolicy('xyz', 'example.com', template), "script-src 'nonce-xyz'; style-src 'nonce-xyz'")
})

test('BRW-03 an unsafe template is named as such, and one with a line break is not used at all', () => {
  const good = `default-src 'none'; script-src 'nonce-${PLACEHOLDER}'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'`
  assert.deepEqual(weaknessesOfPolicy(good), { refused: false, weaknesses: [] })
  const about = (template: string): string => weaknessesOfPolicy(template).weaknesses.join('\n')
  assert.match(about(good.replace(`'nonce-${PLACEHOLDER}'`, "'self'")), /lacks \$\{NONCE\}/)
  assert.match(about(`${good}; style-src 'unsafe-inline'`), /unsafe-inline/)
  assert.match(about(good.replace("default-src 'none'", 'default-src *')), /default-src permits any host/)
  assert.match(about(good.replace(PLACEHOLDER + "'", `${PLACEHOLDER}' https:`)), /script-src permits any host/)
  assert.match(about(good.replace("; frame-ancestors 'none'", '')), /lacks frame-ancestors/)
  for (const bad of ['\r\nSet-Cookie: a=b', '\n', '\0', 'ü']) assert.equal(weaknessesOfPolicy(good + bad).refused, true)
})
