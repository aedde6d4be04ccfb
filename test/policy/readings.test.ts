import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { hostReadings, isOrdinaryPath, pathReadings } from '../../src/policy/readings.ts'

test('an ordinary path has one reading', () => {
  for (const path of [
    '/',
    '/a/b.css',
    '/.well-known/x',
    '/~user/a-b_c',
    '/a+b/c,d',
    '/a:b@c',
    '/a=b&c',
    '/%41',
    '/a%20b',
    '/%C3%A9t%C3%A9',
    '/a..b',
    '/...a',
  ])
    assert.equal(pathReadings(path)?.length, 1, path)
  assert.deepEqual(pathReadings('/%C3%A9t%C3%A9/%7euser'), ['/été/~user'])
})

test('the first reading is Authelia’s', () => {
  const rows: readonly (readonly [string, string])[] = [
    ['', '.'],
    ['/path', '/path'],
    ['/foo/./bar', '/foo/bar'],
    ['/../../etc/passwd', '/etc/passwd'],
    ['/%2e%2e/secret', '/secret'],
    ['/foo%2f..%2fbar', '/bar'],
    ['/foo%2F..%2Fbar', '/bar'],
    ['/foo%2f%2e%2e%2fbar', '/bar'],
    ['/%2e%2e%2f%2e%2e%2fetc%2fpasswd', '/etc/passwd'],
    ['/%2f..%2f', '//'],
    ['//', '//'],
    ['/a/../', '//'],
    ['/path%20with%20space', '/path with space'],
    ['/a/..%2f/t', '/t'],
    ['/a/%2F%2e%2e%2Ft', '/t'],
    ['/test/', '/test/'],
  ]
  for (const [path, first] of rows) assert.equal(pathReadings(path)?.[0], first, path)
})

test('what servers do to a path in any order is among the readings', () => {
  const rows: readonly (readonly [string, readonly string[]])[] = [
    ['/a%2fb', ['/a/b', '/a%2fb']],
    ['/a;x=1/b', ['/a;x=1/b', '/a/b']],
    ['/a\\b', ['/a\\b', '/a/b']],
    ['/x/..;/b', ['/b']],
    ['/a%00.png', ['/a', '/a.png']],
    ['/a//../b', ['/b', '/a/b', '/a/../b']],
    ['/%252e%252e/a', ['/a', '/%2e%2e/a']],
    ['/a%3fb', ['/a', '/a?b']],
    ['/a.', ['/a', '/a.']],
    ['/a%20', ['/a', '/a ']],
    ['/x/..%20/b', ['/b']],
    ['/p/;%2f..%2fa', ['/p/', '/a']],
    // full-width dots and slashes, two dots in one, the fraction slash, the yen sign
    ['/p/%ef%bc%8e%ef%bc%8e/a', ['/p/．．/a', '/a']],
    ['/p/%e2%80%a5%ef%bc%8fa', ['/a']],
    ['/p%e2%81%84a', ['/p⁄a', '/p/a']],
    ['/p/..%c2%a5a', ['/a']],
    ['/p/%ef%bc%8e%ef%bc%bca', ['/p/a']],
  ]
  for (const [path, wanted] of rows) {
    const readings = pathReadings(path) ?? []
    for (const reading of wanted) assert.ok(readings.includes(reading), `${path}: ${reading} not in ${readings}`)
  }
})

test('names of pages in any script have one reading, and a filter that no router has is none', () => {
  for (const name of ['入力（１）', 'なに？', 'c＃', '100％', 'Foo…', 'a；b'])
    assert.deepEqual(pathReadings(`/wiki/${encodeURIComponent(name)}`), [`/wiki/${name}`])
  assert.deepEqual(new Set(pathReadings('/p/....//a')), new Set(['/p/..../a', '/p/....//a']))
})

test('a path that nobody honest sends has no reading', () => {
  for (const path of ['/%ff', '/%c0%af', '/%zz', '/%', '/é', '/\u0000', '/a\nb', 'a', `/%${'25'.repeat(40)}2e`])
    assert.equal(pathReadings(path), undefined, path)
  assert.equal(pathReadings(`/${'a/%2f'.repeat(20_000)}`), undefined)
})

const piece = fc.constantFrom(
  'a',
  'b',
  '/',
  '/',
  '..',
  '.',
  '%2f',
  '%2e',
  '%252e',
  '%5c',
  '\\',
  ';',
  ';x=1',
  '%3b',
  '%00',
  '%0a',
  '%3f',
  '%23',
  '%25',
  ' ',
  '%20',
  '%c3%a9',
)
const anyPath = fc.array(piece, { maxLength: 10 }).map((pieces) => `/${pieces.join('')}`)

test('a path that is ordinary has no second reading', () => {
  fc.assert(
    fc.property(anyPath, fc.webPath(), (odd, web) => {
      for (const path of [odd, web === '' ? '/' : web])
        if (isOrdinaryPath(path)) assert.deepEqual(pathReadings(path), [path])
    }),
    { numRuns: 5000 },
  )
  // and the fast check agrees with the walk that it saves
  fc.assert(
    fc.property(fc.webPath(), (path) => {
      const readings = pathReadings(path)
      if (readings && readings.length > 1) assert.equal(isOrdinaryPath(path), false, path)
    }),
  )
})

test('a reading of a reading is a reading', () => {
  fc.assert(
    fc.property(anyPath, (path) => {
      const readings = pathReadings(path)
      if (readings === undefined) return
      for (const reading of readings) {
        // a text with harmful bytes decoded is not a raw path any more
        if (/[^\x21-\x7e]|[%?#]/.test(reading)) continue
        for (const again of pathReadings(reading) ?? [])
          assert.ok(readings.includes(again), `${path} > ${reading} > ${again}, of ${readings}`)
      }
    }),
    { numRuns: 3000 },
  )
})

test('a host is read as sent and in lower case', () => {
  assert.deepEqual(hostReadings('a.example.com'), ['a.example.com'])
  assert.deepEqual(hostReadings('A.example.com'), ['A.example.com', 'a.example.com'])
})
