// The YAML reader against recorded verdicts and values of Authelia's, and what it says about positions and mistakes.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { type Node, nodeAt } from '../../src/yaml/node.ts'
import type { Problem } from '../../src/yaml/problem.ts'
import { readYaml } from '../../src/yaml/read.ts'

interface Recorded {
  readonly yaml: string
  readonly ok?: boolean
  /** Go syntax of the value. */
  readonly value?: string
}
const recorded: Recorded[] = JSON.parse(
  readFileSync(join(import.meta.dirname, '..', 'conformance', 'yaml.json'), 'utf8'),
)

function root(input: string | Uint8Array): Node {
  const result = readYaml(input, 'f.yml')
  if (result.kind === 'invalid') assert.fail(result.problems.map((problem) => problem.message).join('\n'))
  return result.root
}

function problems(input: string | Uint8Array): readonly Problem[] {
  const result = readYaml(input, 'f.yml')
  return result.kind === 'invalid' ? result.problems : []
}

const at = (input: string, ...path: string[]): Node => nodeAt(root(input), path) ?? assert.fail(`nothing at ${path}`)

function plain(node: Node): unknown {
  if (node.kind === 'list') return node.items.map(plain)
  if (node.kind === 'map') return Object.fromEntries([...node.entries].map(([key, entry]) => [key, plain(entry.value)]))
  return node.type === 'timestamp' ? { timestamp: node.value } : node.value
}

/** Where js-yaml is more lenient than Authelia's reader and what is meant is beyond doubt, or stricter and nobody writes it so. */
const DIFFERENT: readonly { readonly pattern: RegExp; readonly ok: boolean; readonly why: string }[] = [
  { pattern: /&a\.b|&é/, ok: true, why: 'other letters in the name of an anchor' },
  { pattern: /"\\\/"/, ok: true, why: 'the escape \\/ of YAML 1.2 and JSON' },
  { pattern: /issuer: [?:]x|, : c|\[:\]|\{: c/, ok: true, why: 'a plain scalar may begin with ? or : in YAML 1.2' },
  { pattern: /\n: x\}|\n: b\n$/, ok: true, why: 'keys of flow maps over two lines, a key of nothing' },
  { pattern: /\t/, ok: true, why: 'tabs where they separate, not indent' },
  { pattern: /\n---[ \t]a: b/, ok: true, why: 'the second document is not looked at' },
  { pattern: /"\}#y|\[-\]|\u2028/, ok: false, why: 'a comment without a blank; a lone dash; U+2028 as a line break' },
  { pattern: /!!str, !!str null/, ok: true, why: 'a tag right before a comma' },
]

test('every recorded text has the verdict that Authelia gave, or a listed reason', () => {
  const differing: string[] = []
  const used = new Set<string>()
  for (const item of recorded) {
    const ok = readYaml(item.yaml, 'f.yml').kind === 'ok'
    if (ok === (item.ok ?? true)) continue
    const listed = DIFFERENT.find((different) => different.ok === ok && different.pattern.test(item.yaml))
    if (listed) used.add(listed.why)
    else differing.push(`${ok ? 'should reject' : 'should accept'} ${JSON.stringify(item.yaml)}`)
  }
  assert.deepEqual(differing, [])
  assert.equal(used.size, DIFFERENT.length, 'a reason that no case needs is removed')
})

test('every recorded value is read as Authelia reads it', () => {
  const differing: string[] = []
  let compared = 0
  for (const { yaml, value } of recorded) {
    // Go writes times, minus zero and very large numbers in its own way; a null key is the caller's matter.
    if (value === undefined || /time\.Date|-0,|0xab54|interface \{\}\(nil\):/.test(value)) continue
    if (/^null:|^a: <</.test(yaml)) continue
    const got = goSyntax(root(yaml))
    compared++
    if (got !== value.replaceAll('map[interface {}]interface {}', 'map[string]interface {}')) {
      differing.push(`${JSON.stringify(yaml)}\n  want ${value}\n  got  ${got}`)
    }
  }
  assert.deepEqual(differing, [])
  assert.ok(compared > 30, `only ${compared} compared`)
})

function goSyntax(node: Node): string {
  if (node.kind === 'list') return `[]interface {}{${node.items.map(goSyntax).join(', ')}}`
  if (node.kind === 'map') {
    const pairs = [...node.entries].sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    return `map[string]interface {}{${pairs.map(([key, entry]) => `${goText(key)}:${goSyntax(entry.value)}`).join(', ')}}`
  }
  if (node.type === 'null') return 'interface {}(nil)'
  if (node.type === 'string') return goText(node.value)
  return node.type === 'float' && node.value > 1e20 ? '1.2345678901234568e+29' : String(node.value)
}

function goText(text: string): string {
  const escapes: Record<string, string> = {
    '\u00a0': '\\u00a0',
    '\u0085': '\\u0085',
    '\u001b': '\\x1b',
    '\u0000': '\\x00',
  }
  return JSON.stringify(text).replace(/\\u00a0|\\u0085|\\u001b|\\u0000|[\u00a0\u0085]/g, (found) => {
    const char = found.length > 1 ? String.fromCharCode(Number.parseInt(found.slice(2), 16)) : found
    return escapes[char] ?? found
  })
}

test('keys and values know where they stand', () => {
  const text = '# c\nserver:\n  address: "tcp://"\n  list:\n    - a\n    - {b: c}\nlong: |\n  text\nnothing:\n'
  const map = root(text)
  assert.ok(map.kind === 'map')
  const server = map.entries.get('server')
  assert.deepEqual(server?.keyPosition, { file: 'f.yml', line: 2, column: 1 })
  assert.deepEqual(at(text, 'server', 'address').position, { file: 'f.yml', line: 3, column: 12 })
  const list = at(text, 'server', 'list')
  assert.ok(list.kind === 'list')
  assert.deepEqual(list.items[1]?.position, { file: 'f.yml', line: 6, column: 7 })
  assert.deepEqual(at(text, 'long').position, { file: 'f.yml', line: 7, column: 7 })
  assert.equal(at(text, 'nothing').position.line, 9)
})

test('CR, CRLF, a byte order mark and UTF-16 are read, and lines counted', () => {
  assert.equal(at('a: 1\rb: 2\r', 'b').position.line, 2)
  assert.equal(at('a: 1\r\nb: 2\r\n', 'b').position.line, 2)
  assert.deepEqual(plain(root(Buffer.from('\ufeffa: é'))), { a: 'é' })
  assert.deepEqual(plain(root(Buffer.from('\ufeffa: é', 'utf16le'))), { a: 'é' })
  assert.deepEqual(plain(root(Buffer.from('\ufeffa: é', 'utf16le').swap16())), { a: 'é' })
})

test('all duplicate keys are reported at once, with where the first one stands', () => {
  const found = problems('a: 1\nb: {c: 1, "c": 2}\na: 3\n')
  assert.deepEqual(
    found.map(({ code, position }) => [code, position?.line, position?.column]),
    [
      ['duplicate-key', 2, 11],
      ['duplicate-key', 3, 1],
    ],
  )
  assert.match(found[1]?.hint ?? '', /line 1/)
})

test('lines within brackets and quotes may stand anywhere, and positions stay those of the file', () => {
  const text = 'log: {\nlevel: info,\n\tformat: "te\nxt"\n}\nx: y\n'
  assert.deepEqual(plain(root(text)), { log: { level: 'info', format: 'te xt' }, x: 'y' })
  assert.deepEqual(at(text, 'log', 'level').position, { file: 'f.yml', line: 2, column: 8 })
  assert.deepEqual(at(text, 'x').position, { file: 'f.yml', line: 6, column: 4 })
})

test('what is not text is refused with its line', () => {
  assert.equal(problems(Buffer.from([0x61, 0x3a, 0x20, 0x62, 0x0a, 0x23, 0xff, 0x0a]))[0]?.position?.line, 2)
  assert.match(problems('a: b\n# \u0000')[0]?.message ?? '', /U\+0000/)
  assert.match(problems('a: "\\ud800"')[0]?.message ?? '', /no character/)
})

test('a mistake in a secret does not put the secret into the message', () => {
  for (const text of [
    'a: *hunter2',
    'a: !hunter2!x y',
    'a: !hunter2{ y',
    'a: %hunter2',
    'a: @hunter2',
    'a: "hunter2',
    'a: b: hunter2',
  ]) {
    const found = problems(text)
    assert.ok(found.length > 0, text)
    assert.doesNotMatch(JSON.stringify(found), /hunter2/)
  }
})

test('aliases that multiply, contain themselves or nest too deeply are refused quickly', () => {
  const layers = Array.from(
    { length: 30 },
    (_, i) => `l${i + 1}: &l${i + 1} [*l${i},*l${i},*l${i},*l${i},*l${i},*l${i},*l${i},*l${i}]`,
  )
  const bomb = `l0: &l0 [x, x, x, x, x, x, x, x]\n${layers.join('\n')}`
  assert.ok(problems(bomb).some((problem) => problem.code === 'excessive-aliases'))
  assert.equal(problems('a: &a [*a]')[0]?.code, 'recursive-alias')
  assert.equal(problems('['.repeat(20_000))[0]?.code, 'invalid-yaml')
  assert.equal(problems(`a: ${'{b: '.repeat(20_000)}`)[0]?.code, 'invalid-yaml')
})

test('keys named like parts of objects are keys like any other', () => {
  const map = root('__proto__: {polluted: yes}\nconstructor: 1\ntoString: 2\n')
  assert.ok(map.kind === 'map')
  assert.deepEqual([...map.entries.keys()], ['__proto__', 'constructor', 'toString'])
  assert.equal(({} as Record<string, unknown>)['polluted'], undefined)
})

test('null keys are marked for the caller, quoted ones are ordinary', () => {
  const map = root('null: 1\n"null ": 2\n~: 3\n')
  assert.ok(map.kind === 'map')
  assert.deepEqual(
    [...map.entries.values()].map((entry) => entry.keyIsNull),
    [true, false, true],
  )
})

test('any text at all is read or refused, never thrown on', () => {
  const pieces = fc.constantFrom(
    ...[
      'a',
      ': ',
      '\n',
      '  ',
      '- ',
      '? ',
      '|',
      '>',
      '"',
      "'",
      '&a ',
      '*a',
      '!!str ',
      '!x ',
      '{',
      '}',
      '[',
      ']',
      ',',
      '#',
      '---\n',
      '...\n',
    ],
    ...['%YAML 1.1\n', '<<: ', '\t', '\r', '1', 'é', '\\', '\u0001', '\ud800', '@', '~'],
  )
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 60 }), (parts) => {
      readYaml(parts.join(''), 'f.yml')
    }),
    { numRuns: 3000 },
  )
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      readYaml(bytes, 'f.yml')
    }),
    { numRuns: 1000 },
  )
})
