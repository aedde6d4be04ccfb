// The token of a reset link: what is ours, and everything that only looks like it.
import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'
import { readToken, type TokenKey, writeToken } from '../../src/login/reset-token.ts'

const NOW = 1_700_000_000_000
const ISSUER = 'https://auth.example.com'
const key: TokenKey = { secret: 'a secret of the operator, long enough', algorithm: 'HS256' }
const claims = { issuer: ISSUER, username: 'alice', id: 'x'.repeat(43), issuedAt: NOW, expiresAt: NOW + 300_000 }
const token = writeToken(claims, key)
const kindOf = (text: string, at = NOW, by = key): string => readToken(text, by, ISSUER, at).kind

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
const DIGESTS = { HS256: 'sha256', HS384: 'sha384', HS512: 'sha512' } as const
/** Signed as well as somebody can who has the secret. */
function signed(header: object, payload: unknown, secret = key.secret, algorithm: keyof typeof DIGESTS = 'HS256') {
  const text = `${part(header)}.${part(payload)}`
  return `${text}.${createHmac(DIGESTS[algorithm], secret).update(text).digest('base64url')}`
}
const HEADER = { alg: 'HS256', typ: 'JWT' }
const PAYLOAD = {
  iss: ISSUER,
  exp: NOW / 1000 + 300,
  iat: NOW / 1000,
  jti: claims.id,
  action: 'ResetPassword',
  username: 'alice',
}

test('a token is a JWT with Authelia’s claims', () => {
  const [header, payload] = token.split('.').map((each) => Buffer.from(each, 'base64url').toString())
  assert.deepEqual(JSON.parse(header ?? ''), HEADER)
  assert.deepEqual(JSON.parse(payload ?? ''), PAYLOAD)
  assert.equal(token, signed(HEADER, PAYLOAD))
  assert.deepEqual(readToken(token, key, ISSUER, NOW), { kind: 'read', id: claims.id, username: 'alice' })
  for (const algorithm of ['HS256', 'HS384', 'HS512'] as const) {
    const other = { ...key, algorithm }
    assert.equal(kindOf(writeToken(claims, other), NOW, other), 'read')
  }
})

test('RST-02 it is good from the second it was made in until its time is over', () => {
  assert.equal(kindOf(token, NOW - 1), 'not-yet')
  assert.equal(kindOf(token, NOW + 299_999), 'read')
  assert.equal(kindOf(token, NOW + 300_000), 'expired')
})

test('RST-04 another algorithm, none, or a key that the token names is no signature', () => {
  const unsigned = `${part({ alg: 'none', typ: 'JWT' })}.${part(PAYLOAD)}.`
  const forgeries = [
    unsigned,
    `${unsigned}${token.split('.')[2]}`,
    signed({ alg: 'HS512', typ: 'JWT' }, PAYLOAD, key.secret, 'HS512'),
    signed({ alg: 'HS512', typ: 'JWT' }, PAYLOAD),
    signed({ alg: 'RS256', typ: 'JWT' }, PAYLOAD),
    signed({ ...HEADER, kid: '../../dev/null' }, PAYLOAD),
    signed({ ...HEADER, jku: 'https://evil.example/keys' }, PAYLOAD),
    signed({ ...HEADER, jwk: { kty: 'oct', k: 'AAAA' } }, PAYLOAD),
    signed({ typ: 'JWT', alg: 'HS256' }, PAYLOAD),
    signed(HEADER, PAYLOAD, 'another secret that is long enough'),
    signed(HEADER, PAYLOAD, ''),
    token.slice(0, -1),
    `${token}A`,
    token.replace(/\.[^.]*$/, '.'),
  ]
  for (const forgery of forgeries) assert.equal(kindOf(forgery), 'signature', forgery)
  const [header, payload, signature] = token.split('.')
  for (let i = 0; i < (payload ?? '').length; i++) {
    const flipped = `${payload?.slice(0, i)}${payload?.[i] === 'A' ? 'B' : 'A'}${payload?.slice(i + 1)}`
    assert.equal(kindOf(`${header}.${flipped}.${signature}`), 'signature', `character ${i}`)
  }
})

test('RST-04 well signed, but for something else, or with claims that are none', () => {
  for (const change of [
    { iss: 'https://evil.example' },
    { iss: undefined },
    { iss: [ISSUER] },
    { action: 'SomethingElse' },
    { action: undefined },
    { exp: undefined },
    { exp: String(NOW / 1000 + 300) },
    { exp: Number.MAX_VALUE },
    { iat: undefined },
    { jti: undefined },
    { jti: 7 },
    { username: ['alice'] },
  ])
    assert.equal(kindOf(signed(HEADER, { ...PAYLOAD, ...change })), 'malformed', JSON.stringify(change))
  assert.equal(kindOf(signed(HEADER, { ...PAYLOAD, iat: NOW / 1000 + 3600 })), 'not-yet')
  for (const payload of [null, [], 'text', 7]) assert.equal(kindOf(signed(HEADER, payload)), 'malformed')
})

test('RST-04 what is no token at all', () => {
  for (const text of ['', '.', '..', 'a.b', `${token}.x`, `${token}.`, 'x'.repeat(5000), '🔑'])
    assert.notEqual(kindOf(text), 'read', text.slice(0, 20))
  assert.equal(kindOf(`${'A'.repeat(4096)}.${token}`), 'malformed')
})
