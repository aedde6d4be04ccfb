import assert from 'node:assert/strict'
import { test } from 'node:test'
import { deleteCookieLine, sessionCookies, setCookieLine } from '../../src/session/cookie.ts'

const NAME = '__Host-S'
const one = (value: string) => ({ kind: 'one', value })
const none = { kind: 'none' }

test('the cookie of exactly that name is found wherever it stands', () => {
  assert.deepEqual(sessionCookies(undefined, NAME), none)
  assert.deepEqual(sessionCookies('', NAME), none)
  assert.deepEqual(sessionCookies('__Host-S=x', NAME), one('x'))
  assert.deepEqual(sessionCookies('a=b; __Host-S=x; c=d', NAME), one('x'))
  assert.deepEqual(sessionCookies('a=b;\t __Host-S=x \t;c=d', NAME), one('x'))
  assert.deepEqual(sessionCookies('a=__Host-S; __Host-S=x', NAME), one('x'))
  assert.deepEqual(sessionCookies('__Host-S', NAME), none)
  assert.deepEqual(sessionCookies('__Host-S=', NAME), none)
  assert.deepEqual(sessionCookies('__Host-S=a=b', NAME), one('a=b'))
})

test('cookies that a proxy joined with commas, or sent as several headers, are found', () => {
  assert.deepEqual(sessionCookies('a=b, __Host-S=x', NAME), one('x'))
  assert.deepEqual(sessionCookies('a=b,__Host-S=x,c=d', NAME), one('x'))
  assert.deepEqual(sessionCookies(['a=b', '__Host-S=x'], NAME), one('x'))
  assert.deepEqual(sessionCookies([], NAME), none)
})

test('COO-05 two values of one name are several, in any order and form; the same twice is one', () => {
  const several = (...values: string[]) => ({ kind: 'several', values })
  assert.deepEqual(sessionCookies('__Host-S=attacker; __Host-S=victim', NAME), several('attacker', 'victim'))
  assert.deepEqual(sessionCookies('__Host-S=victim; __Host-S=attacker', NAME), several('victim', 'attacker'))
  assert.deepEqual(sessionCookies(['__Host-S=a', '__Host-S=b'], NAME), several('a', 'b'))
  assert.deepEqual(sessionCookies('__Host-S=a,__Host-S=b; __Host-S=c', NAME), several('a', 'b', 'c'))
  assert.deepEqual(sessionCookies('__Host-S=a; __Host-S=b; __Host-S=b; __Host-S=a', NAME), several('a', 'b'))
  assert.deepEqual(sessionCookies('__Host-S=a; __Host-S=a', NAME), one('a'))
  assert.deepEqual(sessionCookies('__Host-S="x"', NAME), one('"x"'))
  assert.deepEqual(sessionCookies('__host-s=a; __HOST-S=b', NAME), none)
})

test('COO-06 a name with odd bytes before, in or after it is another name', () => {
  // U+2000 arrives as the Latin-1 reading of its UTF-8 bytes
  for (const header of [
    '\u00e2\u0080\u0080__Host-S=evil',
    '\u00a0__Host-S=evil',
    '\u000b__Host-S=evil',
    '=__Host-S=evil',
    '"__Host-S=evil',
    '$__Host-S=evil',
    '__host-S=evil',
    '__Host-S =evil',
    '__Host-S\t=evil',
    'x__Host-S=evil',
    '__Host-S2=evil',
    '%5F_Host-S=evil',
  ]) {
    assert.deepEqual(sessionCookies(header, NAME), none, JSON.stringify(header))
    assert.deepEqual(sessionCookies(`${header}; __Host-S=good`, NAME), one('good'), JSON.stringify(header))
  }
  assert.deepEqual(sessionCookies('$Version=1; __Host-S=x; $Path=/', NAME), one('x'))
})

test('COO-07 a header of 64 kB of our name is read in linear time', () => {
  const header = '__Host-S;'.repeat(7000)
  const started = performance.now()
  for (let i = 0; i < 20; i++) assert.deepEqual(sessionCookies(header, NAME), none)
  for (let i = 0; i < 20; i++) assert.deepEqual(sessionCookies(`${' '.repeat(65_000)}__Host-S=x`, NAME), one('x'))
  assert.ok(performance.now() - started < 1000)
})

test('COO-01 a cookie is set for the whole host, Secure and HttpOnly, and deleted with the same attributes', () => {
  const expires = new Date(Date.UTC(2026, 0, 1))
  assert.equal(
    setCookieLine('n', 'v', { domain: 'example.com', sameSite: 'lax', expires }),
    'n=v; Domain=example.com; Path=/; Expires=Thu, 01 Jan 2026 00:00:00 GMT; HttpOnly; Secure; SameSite=Lax',
  )
  assert.equal(
    deleteCookieLine('n', { sameSite: 'strict' }),
    'n=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; Secure; SameSite=Strict',
  )
})
