import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { RE2JS } from 're2js'
import { compilePattern } from '../../src/policy/pattern.ts'
import { isSurelyValid, parseRe2, requiredSuffix } from '../../src/policy/re2-syntax.ts'
import { textTest } from '../../src/policy/text-test.ts'

const plainTest = (source: string) => {
  const tree = parseRe2(source)
  return tree && textTest(tree)
}
const validInRe2 = (source: string): boolean => {
  try {
    RE2JS.compile(source)
    return true
  } catch {
    return false
  }
}

test('patterns that people write become string tests', () => {
  for (const source of [
    'embedded',
    '^/api',
    'admin$',
    '^/a$',
    '^/api(/.*)?$',
    '^/api/.*$',
    '^/x.*',
    '^.*\\.example\\.com$',
    '^/(a|b)/.*$',
    '^/(?:css|js|img)/',
    '\\.(png|jpe?g)$',
    '\\Q/a.b\\E',
    '(?s)^/a/.*$',
    '^.*$',
    '.*',
    '',
  ])
    assert.ok(plainTest(source), source)
  for (const source of ['^/[a-z]+$', '(?i)^/a', '^/\\d', 'a.b', '^/a.+$', '(?m)^/a$', '\\ba', 'a{2}'])
    assert.equal(plainTest(source), undefined, source)
})

const word = fc.constantFrom('a', 'b', '/', 'ab', '/a', '\\.', '-', '\\Qa\\E', '\\x61', '\\n', 'é')
const plainPattern = fc.letrec<{ node: string; some: string }>((tie) => ({
  node: fc.oneof(
    { depthSize: 'small' },
    word,
    fc.constantFrom('.*', '^', '$', '\\z', '\\A', '(?s:.*)', '.*?'),
    tie('some').map((body) => `(${body})?`),
    tie('some').map((body) => `(?:${body})`),
    fc.tuple(tie('some'), tie('some')).map(([a, b]) => `(${a}|${b})`),
  ),
  some: fc.array(tie('node'), { maxLength: 4 }).map((parts) => parts.join('')),
})).some
const shaped = fc
  .tuple(
    fc.constantFrom('', '^', '^.*', '.*', '^(?s:.*)', '(?s)'),
    fc.array(word, { maxLength: 3 }).map((w) => w.join('')),
    fc.constantFrom('', '$', '.*$', '.*', '(/.*)?$', '(?s:.*)$', '(?s:.*)', '\\z'),
  )
  .map((parts) => parts.join(''))
const anything = fc
  .array(
    fc.constantFrom(
      ...'ab/?.*+^$|()[]{}\\-:,12Pp<>imsU=!dwsQEzAx&'.split(''),
      '(?:',
      '(?i)',
      '[[:alpha:]]',
      '[^/]',
      '(?P<User>',
      '\\p{Greek}',
      '{2,3}',
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(''))
const text = fc
  .array(fc.constantFrom('a', 'b', '/', '.', '\n', 'é', '-', 'ab', 'x'), { maxLength: 8 })
  .map((t) => t.join(''))

test('a string test answers as re2js does', () => {
  let plain = 0
  fc.assert(
    fc.property(fc.oneof(plainPattern, shaped), fc.array(text, { minLength: 5, maxLength: 5 }), (source, texts) => {
      const quick = plainTest(source)
      if (!quick) return
      plain++
      const re = RE2JS.compile(source)
      for (const one of texts) assert.equal(quick(one), re.test(one), JSON.stringify([source, one]))
    }),
    { numRuns: 8000 },
  )
  assert.ok(plain > 2000, `only ${plain} patterns were simple`)
})

test('what RE2 refuses is never thought surely valid and never becomes a string test', () => {
  fc.assert(
    fc.property(fc.oneof(anything, plainPattern), (source) => {
      const tree = parseRe2(source)
      if (tree && (textTest(tree) || isSurelyValid(tree))) assert.ok(validInRe2(source), source)
    }),
    { numRuns: 20_000 },
  )
})

test('every match ends with the required suffix', () => {
  fc.assert(
    fc.property(shaped, text, (source, one) => {
      const tree = parseRe2(source)
      if (tree && RE2JS.compile(source).test(one)) assert.ok(one.endsWith(requiredSuffix(tree)), source)
    }),
    { numRuns: 5000 },
  )
  const suffix = (source: string) => compilePattern(source).suffix
  assert.equal(suffix('^(?P<User>[a-z]+)\\.regex\\.example\\.com$'), '.regex.example.com')
  assert.equal(suffix('^a|b\\.example\\.com$'), '')
  assert.equal(suffix('(?i)^a\\.example\\.com$'), '')
  assert.equal(suffix('example\\.com'), '')
  assert.equal(suffix('(?m)\\.com$'), '')
})

/** What no string test does, between parts that every match must begin and end with. */
const framed = fc
  .tuple(
    fc.constantFrom('^', '', '\\A', '(?i)^', '(?m)^', '^(?:^)'),
    fc.array(word, { maxLength: 3 }).map((w) => w.join('')),
    fc.constantFrom('[a-z]', '[^/]+', 'a?b+', '\\w*', '(?:a|[é-])', 'b{2}', '/?'),
    fc.array(word, { maxLength: 3 }).map((w) => w.join('')),
    fc.constantFrom('$', '', '\\z', '(?:$)'),
  )
  .map((parts) => parts.join(''))

test('a pattern with a required beginning or end answers as re2js does', () => {
  let matched = 0
  fc.assert(
    fc.property(framed, fc.array(text, { minLength: 5, maxLength: 5 }), (source, texts) => {
      const re = RE2JS.compile(source)
      const pattern = compilePattern(source)
      for (const one of texts) {
        assert.equal(pattern.test(one), re.test(one), JSON.stringify([source, one]))
        if (re.test(one)) matched++
      }
    }),
    { numRuns: 8000 },
  )
  assert.ok(matched > 1000, `only ${matched} matched`)
})

test('a pattern names the question mark when its author wrote one, literally or in a class that lists it', () => {
  for (const source of [
    '\\?',
    '^/api([/?].*)?$',
    '[!-~]',
    '\\x3f',
    '\\x{3F}',
    '\\077',
    '\\Q?\\E',
    '(a|(b[\\?]))*',
    '(?i)/a\\?x',
    '[^a]\\?',
  ])
    assert.equal(compilePattern(source).namesQuery, true, source)
  for (const source of [
    'a?',
    '(?:a)',
    '(?i)a',
    '.*?',
    '[^/]+',
    '[^?]',
    '.',
    '\\S',
    '\\D',
    '[[:punct:]]',
    '[\\W]',
    'a{1,2}?',
    '(?P<User>a)',
    '\\PL',
  ])
    assert.equal(compilePattern(source).namesQuery, false, source)
})

test('named groups User and Group are told, whatever the pattern around them', () => {
  const both = compilePattern('^(?P<User>[a-z]+)(?:-(?P<Group>[a-z]+))?\\.x$')
  assert.equal(both.namesIdentity, true)
  assert.deepEqual(both.capture('john-dev.x'), { user: 'john', group: 'dev' })
  assert.deepEqual(both.capture('john.x'), { user: 'john', group: '' })
  assert.equal(both.capture('-.x'), undefined)
  const plain = compilePattern('^(?P<User>john)\\.x$')
  assert.equal(plain.namesIdentity, true)
  assert.deepEqual(plain.capture('john.x'), { user: 'john', group: undefined })
  assert.equal(compilePattern('^(?P<user>john)\\.x$').namesIdentity, false)
  assert.equal(compilePattern('\\(\\?P<User>x').namesIdentity, false)
  assert.equal(compilePattern('^(?<User>[a-z]+)$').namesIdentity, true)
})

test('URL-21 what is no RE2 pattern throws, it is never dropped or read otherwise', () => {
  for (const source of [
    '(bad pattern',
    '\\q',
    'a**',
    '(?=x)',
    '(?<!x)y',
    '(a)\\1',
    '[z-a]',
    'x{2,1}',
    'x{1001}',
    '(?P<User>a)(?P<User>b)',
    '\\Z',
  ])
    assert.throws(() => compilePattern(source), /error parsing regexp/, source)
})

test('DOS-01 the time of a match grows with the text, not faster', () => {
  const pattern = compilePattern('^(a+)+$')
  const text = `${'a'.repeat(50_000)}!`
  const start = process.cpuUsage().user
  assert.equal(pattern.test(text), false)
  assert.ok(process.cpuUsage().user - start < 2_000_000)
})
