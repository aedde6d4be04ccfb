// Files, directories, environment and secret files laid over each other.
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, test } from 'node:test'
import type { KnownKey } from '../../../src/config/read/known-key.ts'
import { readSources, type SourceOptions, type Sources } from '../../../src/config/read/sources.ts'
import { type Node, nodeAt } from '../../../src/yaml/node.ts'

const root = mkdtempSync(join(tmpdir(), 'latchkey-sources-'))
after(() => rmSync(root, { recursive: true, force: true }))

const KEYS: readonly KnownKey[] = [
  { path: 'theme', secret: false },
  { path: 'log.level', secret: false },
  { path: 'storage.encryption_key', secret: true },
  { path: 'storage.local.path', secret: false },
  { path: 'session.cookies[].domain', secret: false },
  { path: 'port', secret: false, deprecated: true },
  { path: 'jwt_secret', secret: true, deprecated: true },
]

function read(files: Record<string, string>, options: Partial<SourceOptions> = {}): Sources & { cwd: string } {
  const cwd = mkdtempSync(join(root, 'case-'))
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(cwd, name)), { recursive: true })
    writeFileSync(join(cwd, name), text)
  }
  const sources = readSources({
    paths: Object.keys(files),
    explicit: true,
    env: {},
    filters: [],
    cwd,
    knownKeys: KEYS,
    ...options,
  })
  return { ...sources, cwd }
}

function plain(node: Node | undefined): unknown {
  if (node?.kind === 'list') return node.items.map(plain)
  if (node?.kind === 'map')
    return Object.fromEntries([...node.entries].map(([key, entry]) => [key, plain(entry.value)]))
  return node?.value
}
const codes = (sources: Sources): string[] => sources.problems.map((problem) => problem.code)
const place = (sources: Sources, ...path: string[]): string => {
  const { file, line, column } = nodeAt(sources.root, path)?.position ?? { file: 'nowhere', line: 0, column: 0 }
  return `${file}:${line}:${column}`
}

test('maps merge key by key, lists and scalars are replaced, null too, an empty map changes nothing', () => {
  const sources = read({
    'a.yml': 'm: {a: 1, b: 2}\nl: [1, 2]\ns: 1\nn: {x: 1}\ne: {x: 1}\nc: 1\nd: {x: 1}\n',
    'b.yml': 'm: {b: 3, c: 4}\nl: []\ns: 2\nn: null\ne: {}\nc: {y: 1}\nd: 5\n',
  })
  assert.deepEqual(plain(sources.root), {
    m: { a: 1, b: 3, c: 4 },
    l: [],
    s: 2,
    n: null,
    e: { x: 1 },
    c: { y: 1 },
    d: 5,
  })
  assert.deepEqual(sources.problems, [])
})

test('each leaf says where it came from, a section where it was first written', () => {
  const sources = read(
    { 'a.yml': 'log:\n  level: info\n  format: text\nstorage: {}\n', 'b.yml': 'log:\n  level: debug\n', key: 'k\n' },
    { paths: ['a.yml', 'b.yml'], env: { AUTHELIA_THEME: 'dark', AUTHELIA_STORAGE_ENCRYPTION_KEY_FILE: 'key' } },
  )
  assert.equal(place(sources, 'log'), 'a.yml:2:3')
  assert.equal(place(sources, 'log', 'level'), 'b.yml:2:10')
  assert.equal(place(sources, 'log', 'format'), 'a.yml:3:11')
  assert.equal(place(sources, 'theme'), '$AUTHELIA_THEME:1:1')
  assert.equal(place(sources, 'storage', 'encryption_key'), 'key:1:1')
  assert.deepEqual(
    sources.files,
    ['a.yml', 'b.yml', 'key'].map((name) => join(sources.cwd, name)),
  )
})

test('a directory gives its yml and yaml files in byte order, hidden ones included, others ignored', () => {
  const sources = read(
    {
      'd/9.yml': 'o9: 1\nlast: 9',
      'd/10.yml': 'o10: 1\nlast: 10',
      'd/B.yaml': 'B: 1',
      'd/.h.yml': 'h: 1',
      'd/.yml': 'dot: 1',
      'd/x.YML': 'no: 1',
      'd/y.json': '{"no": 1}',
      'd/sub.yml/z.yml': 'no: 1',
    },
    { paths: ['d/'] },
  )
  assert.deepEqual(plain(sources.root), { h: 1, dot: 1, o10: 1, last: 9, o9: 1, B: 1 })
  assert.deepEqual(sources.directories, [join(sources.cwd, 'd')])
  assert.deepEqual(sources.problems, [])
})

test('a directory of symbolic links, as Kubernetes mounts it, is read through them', () => {
  const cwd = mkdtempSync(join(root, 'links-'))
  mkdirSync(join(cwd, 'd', '..data'), { recursive: true })
  writeFileSync(join(cwd, 'd', '..data', 'c.yml'), 'theme: dark')
  symlinkSync(join('..data', 'c.yml'), join(cwd, 'd', 'c.yml'))
  const sources = readSources({ paths: ['d'], explicit: true, env: {}, filters: [], cwd, knownKeys: KEYS })
  assert.deepEqual(plain(sources.root), { theme: 'dark' })
})

test('a file beside its own directory is refused, one of a subdirectory is not', () => {
  assert.deepEqual(codes(read({ 'd/a.yml': 'a: 1' }, { paths: ['d', 'd/a.yml'] })), ['file-in-directory'])
  assert.deepEqual(codes(read({ 'd/a.yml': 'a: 1', 'd/s/b.yml': 'b: 1' }, { paths: ['d', 'd/s/b.yml'] })), [])
})

test('the flag counts before X_LATCHKEY_CONFIG, that before X_AUTHELIA_CONFIG, that before configuration.yml', () => {
  const files = { 'configuration.yml': 'f: 0', 'a.yml': 'f: 1', 'b.yml': 'f: 2', 'c.yml': 'f: 3' }
  const env = { X_LATCHKEY_CONFIG: 'b.yml', X_AUTHELIA_CONFIG: 'c.yml' }
  assert.deepEqual(plain(read(files, { paths: ['a.yml'], env }).root), { f: 1 })
  assert.deepEqual(plain(read(files, { paths: [], explicit: false, env }).root), { f: 2 })
  assert.deepEqual(plain(read(files, { paths: [], explicit: false, env: { X_AUTHELIA_CONFIG: 'a.yml,c.yml' } }).root), {
    f: 3,
  })
  assert.deepEqual(plain(read(files, { paths: [], explicit: false }).root), { f: 0 })
})

test('only the implicit file may be missing', () => {
  const implicit = read({}, { paths: [], explicit: false })
  assert.deepEqual([implicit.complete, implicit.problems], [true, []])
  const named = read({ 'a.yml': 'a: 1' }, { paths: ['a.yml, b.yml'] })
  assert.deepEqual([named.complete, codes(named)], [false, ['unreadable-file']])
  assert.match(named.problems[0]?.hint ?? '', /blank/)
  assert.deepEqual(codes(read({}, { paths: [''] })), ['empty-path'])
})

test('all files are read even when one is broken, and all that is wrong is reported', () => {
  const sources = read(
    { 'a.yml': 'a: {\n', 'b.yml': '- list', 'c.yml': 'x: 1\nx: 2', 'd.yml': 'd: 1', 'e.yml': 'text' },
    { env: { AUTHELIA_NOPE: '1', AUTHELIA_STORAGE_ENCRYPTION_KEY_FILE: 'none' } },
  )
  assert.deepEqual(codes(sources), [
    'invalid-yaml',
    'not-a-map',
    'duplicate-key',
    'not-a-map',
    'unknown-variable',
    'secret-file',
  ])
  assert.deepEqual(plain(sources.root), { d: 1 })
  assert.equal(sources.complete, false)
})

test('an empty file is an empty configuration, a null key at the top is dropped with a warning', () => {
  for (const text of ['', '# c\n', '---\n', 'null', '~']) {
    assert.deepEqual([plain(read({ 'a.yml': text }).root), read({ 'a.yml': text }).problems], [{}, []])
  }
  const sources = read({ 'a.yml': 'null: 1\na: {null: 2}' })
  assert.deepEqual(plain(sources.root), { a: { null: 2 } })
  assert.deepEqual(
    sources.problems.map(({ severity, code }) => [severity, code]),
    [['warning', 'null-key']],
  )
})

test('variables win over files, also empty ones; ours win over Authelia’s with a warning when they differ', () => {
  const file = { 'a.yml': 'theme: light\nlog: {level: info}' }
  const sources = read(file, {
    env: { AUTHELIA_THEME: 'dark', LATCHKEY_THEME: 'oled', AUTHELIA_LOG_LEVEL: '', LATCHKEY_Log_Level: '' },
  })
  assert.deepEqual(plain(sources.root), { theme: 'oled', log: { level: '' } })
  assert.deepEqual(codes(sources), ['variable-set-twice'])
  assert.doesNotMatch(JSON.stringify(sources.problems), /oled|dark/)
})

test('unknown variables are warnings with a guess; lists have none; the lower case prefix is no prefix', () => {
  const env = {
    AUTHELIA_THEM: '1',
    LATCHKEY_SESSION_COOKIES_DOMAIN: '1',
    authelia_theme: 'x',
    AUTHELIATHEME: 'x',
    AUTHELIA_THEME_FILE: '/x',
  }
  const sources = read({ 'a.yml': '' }, { env })
  assert.deepEqual(
    sources.problems.map(({ severity }) => severity),
    ['warning', 'warning', 'warning'],
  )
  assert.deepEqual(codes(sources), ['unknown-variable', 'unknown-variable', 'unknown-variable'])
  const hints = sources.problems.map(({ hint }) => hint ?? '').join('\n')
  assert.match(hints, /Did you mean AUTHELIA_THEME\?/)
  assert.match(hints, /Only secrets can be given as a file; set AUTHELIA_THEME\./)
  assert.equal(sources.complete, true)
})

test('old names work with Authelia’s prefix only, so that LATCHKEY_PORT of a Kubernetes service does no harm', () => {
  assert.deepEqual(plain(read({ 'a.yml': '' }, { env: { AUTHELIA_PORT: '1', AUTHELIA_JWT_SECRET: 'x' } }).root), {
    port: '1',
    jwt_secret: 'x',
  })
  const service = read({ 'a.yml': '' }, { env: { LATCHKEY_PORT: 'tcp://10.0.0.1:9091' } })
  assert.deepEqual([plain(service.root), codes(service)], [{}, ['unknown-variable']])
})

test('a secret file loses its final newlines only, fills what is empty, and never overrides', () => {
  const key = { AUTHELIA_STORAGE_ENCRYPTION_KEY_FILE: 'k' }
  const secret = (yaml: string, text: string, env: Record<string, string> = key) =>
    read({ 'a.yml': yaml, k: text }, { paths: ['a.yml'], env })
  assert.deepEqual(plain(secret('', ' a\nb \r\n\n').root), { storage: { encryption_key: ' a\nb \r' } })
  for (const empty of ['""', 'null', '12345']) {
    assert.deepEqual(plain(secret(`storage: {encryption_key: ${empty}}`, 'new').root), {
      storage: { encryption_key: 'new' },
    })
  }
  const twice = secret('storage: {encryption_key: old-secret}', 'new-secret')
  assert.deepEqual(codes(twice), ['secret-defined-twice'])
  assert.match(twice.problems[0]?.message ?? '', /AUTHELIA_STORAGE_ENCRYPTION_KEY_FILE and by a\.yml:1/)
  assert.doesNotMatch(JSON.stringify(twice.problems), /(old|new)-secret/)
  assert.deepEqual(codes(secret('', 'x', { ...key, LATCHKEY_STORAGE_ENCRYPTION_KEY: 'y' })), ['secret-defined-twice'])
  assert.deepEqual(codes(secret('', 'x', { AUTHELIA_STORAGE_ENCRYPTION_KEY_FILE: '' })), ['secret-file'])
  assert.deepEqual(codes(secret('', 'x', { AUTHELIA_STORAGE_ENCRYPTION_KEY_FILE: '.' })), ['secret-file'])
})

test('filters run in the order given; unknown and repeated ones are refused', () => {
  const file = { 'a.yml': 'theme: {{ "$X" }}' }
  const env = { X: 'dark' }
  assert.deepEqual(plain(read(file, { env, filters: ['template,expand-env'] }).root), { theme: 'dark' })
  assert.deepEqual(plain(read(file, { env: { ...env, X_AUTHELIA_CONFIG_FILTERS: 'Template,expand-env' } }).root), {
    theme: 'dark',
  })
  assert.deepEqual(
    plain(read(file, { env: { X_AUTHELIA_CONFIG_FILTERS: 'template' }, filters: ['expand-env', 'template'] }).root),
    { theme: null },
  )
  assert.deepEqual(codes(read({ 'a.yml': '' }, { filters: ['template', 'template', 'nope', ' template'] })), [
    'repeated-filter',
    'unknown-filter',
    'unknown-filter',
  ])
})

test('positions behind a template are those of the file, and what it reads is watched', () => {
  const text = '{{- range list 1 2 3 }}\n# {{ . }}\n{{- end }}\ntheme: {{ secret "s" }}\nlog: [\n'
  const sources = read({ 'a.yml': text, s: 'dark\n' }, { paths: ['a.yml'], filters: ['template'] })
  assert.equal(sources.problems[0]?.position?.line, 6)
  assert.deepEqual(sources.files, [join(sources.cwd, 'a.yml'), join(sources.cwd, 's')])
})
