// The template filter against recorded answers of Authelia's, its limits, its messages, and the way back from output lines to source lines.
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import fc from 'fast-check'
import { type Rendered, renderTemplate } from '../../../../src/config/read/template/render.ts'

interface Recorded {
  readonly template: string
  /** Authelia refused it. */
  readonly ok?: false
  readonly output?: string
}
const recorded: Recorded[] = JSON.parse(
  readFileSync(join(import.meta.dirname, '..', '..', '..', 'conformance', 'templates.json'), 'utf8'),
)

const cwd = mkdtempSync(join(tmpdir(), 'latchkey-template-'))
const zone = process.env['TZ']
before(() => {
  process.env['TZ'] = 'UTC'
  writeFileSync(join(cwd, 's.txt'), 'sec\nret\n\n')
})
after(() => {
  if (zone === undefined) delete process.env['TZ']
  else process.env['TZ'] = zone
  rmSync(cwd, { recursive: true, force: true })
})

const env = { X_T: 'dark', MY_SECRET: 'zzz', A_TOKEN: 't', A_KEYS: 'k', TOKEN: 'tt', XTOKEN: 'xt', my_secret: 'ms' }
function render(source: string, more: Record<string, string> = {}, onFileRead = (_: string) => {}): Rendered {
  return renderTemplate(source, 'c.yml', { env: { ...env, ...more }, cwd, now: Date.UTC(2026, 0, 2), onFileRead })
}

function output(source: string, more: Record<string, string> = {}): string {
  const result = render(source, more)
  return result.kind === 'ok' ? result.text : assert.fail(result.problems[0].message)
}

function problem(source: string): { message: string; hint: string | undefined; line: number; column: number } {
  const result = render(source)
  if (result.kind === 'ok') assert.fail(`rendered ${JSON.stringify(result.text)}`)
  const [{ message, hint, position }] = result.problems
  return { message, hint, line: position?.line ?? 0, column: position?.column ?? 0 }
}

const DIFFERENT: readonly { readonly part: string; readonly why: string }[] = [
  { part: 'iterate', why: 'Authelia takes no number at all here; a count is what is meant' },
  { part: 'toYaml', why: 'the same YAML with other quotes or indentation' },
  { part: 'slice "héllo"', why: 'half a character' },
  { part: '%x" 1.5', why: 'floats in hexadecimal' },
  { part: '%[3]d %d', why: 'what follows an index that is out of range' },
]

test('every recorded template gives what Authelia gives, or a listed reason', () => {
  const differing: string[] = []
  const used = new Set<string>()
  for (const { template, output: want } of recorded) {
    const result = render(`<<<${template}>>>`)
    const got = result.kind === 'ok' ? result.text.slice(3, -3) : undefined
    if (got === want) continue
    const listed = DIFFERENT.find(({ part }) => template.includes(part))
    if (listed) used.add(listed.part)
    else differing.push(`${template}\n  want ${JSON.stringify(want)}\n  got  ${JSON.stringify(got)}`)
  }
  assert.deepEqual(differing, [])
  assert.deepEqual(
    DIFFERENT.filter(({ part }) => !used.has(part)),
    [],
  )
})

test('an unknown function is named, with its place and what was perhaps meant', () => {
  const found = problem('a: 1\nb: {{ trunc 4 "x" }}')
  assert.match(found.message, /no function "trunc"/)
  assert.deepEqual([found.line, found.column], [2, 7])
  assert.equal(problem('{{ uper "x" }}').hint, 'Did you mean upper?')
})

test('an error while it runs stands where the call stands', () => {
  const found = problem('a: 1\n{{ if true }}\n  {{ mustEnv "NOPE" }}{{ end }}')
  assert.deepEqual([found.line, found.column], [3, 6])
  assert.match(found.message, /NOPE is not set/)
})

test('our own secrets stay out of templates, other variables do not', () => {
  const secrets = { AUTHELIA_SESSION_SECRET: 's1', X_AUTHELIA_A_TOKEN: 's2', LATCHKEY_STORAGE_ENCRYPTION_KEY: 's3' }
  for (const name of Object.keys(secrets)) {
    assert.equal(output(`{{ env "${name}" }}{{ mustEnv "${name}" }}{{ expandenv "$${name}" }}`, secrets), '')
  }
  assert.equal(output('{{ env "AUTHELIA_THEME" }}', { AUTHELIA_THEME: 'dark' }), 'dark')
  assert.equal(output('{{ env "__proto__" }}{{ env "constructor" }}'), '')
})

test('files that are read are reported, also when they are missing', () => {
  const files: string[] = []
  render('{{ secret "s.txt" }}', {}, (path) => files.push(path))
  render('{{ fileContent "none" }}', {}, (path) => files.push(path))
  assert.deepEqual(files, [join(cwd, 's.txt'), join(cwd, 'none')])
})

test('walk finds below a folder what fits', () => {
  assert.equal(output('{{ range walk "." "[.]txt$" true }}{{ .Name }}|{{ .Path }}{{ end }}'), 's.txt|s.txt')
})

test('time comes from the clock that is given', () => {
  assert.equal(output('{{ now | date "2006-01-02" }} {{ now.Year }}'), '2026-01-02 2026')
  assert.equal(output('{{ ago (toDate "2006-01-02" "2026-01-01") }}'), '24h0m0s')
})

test('a template that would run or grow without end is stopped', () => {
  const bombs = [
    '{{ range 999999999999 }}{{ end }}',
    '{{ range 2000 }}{{ range 2000 }}{{ range 2000 }}x{{ end }}{{ end }}{{ end }}',
    '{{ define "t" }}{{ template "t" }}{{ end }}{{ template "t" }}',
    '{{ $x := "aaaaaaaaaaaaaaaa" }}{{ range 60 }}{{ $x = print $x $x }}{{ end }}',
    '{{ $x := list 1 }}{{ range 100 }}{{ $x = list $x $x }}{{ end }}{{ $x }}',
    '{{ $x := list 1 }}{{ $y := list 1 }}{{ range 90 }}{{ $x = list $x $x }}{{ $y = list $y $y }}{{ end }}{{ deepEqual $x $y }}',
    '{{ $d := dict }}{{ $_ := set $d "x" $d }}{{ $d }}',
    '{{ $d := dict }}{{ $_ := set $d "x" $d }}{{ toYaml $d }}',
    '{{ printf "%999999999d" 1 }}',
    '{{ indent 999999999 "a" }}',
    '{{ iterate 999999999 }}',
    '{{ replace "" "aaaaaaaaaa" (printf "%9999d" 1) | replace "" "aaaaaaaaaa" | replace "" "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" | len }}',
    `{{ ${'('.repeat(5000)}1${')'.repeat(5000)} }}`,
    '{{ if true }}'.repeat(5000) + '{{ end }}'.repeat(5000),
  ]
  for (const bomb of bombs) {
    const result = render(bomb)
    assert.equal(result.kind, 'invalid', bomb.slice(0, 80))
  }
})

test('each line of the output knows the line of the source that it came from', () => {
  const result = render('a: 1\n{{- range list 1 2 3 }}\nb: {{ . }}\n{{- end }}\n{{ "x\\ny" }}\nc: 2\n')
  assert.ok(result.kind === 'ok')
  const lines = result.text.split('\n')
  assert.deepEqual(lines, ['a: 1', 'b: 1', 'b: 2', 'b: 3', 'x', 'y', 'c: 2', ''])
  assert.deepEqual(
    lines.map((_, index) => result.sourceLine(index + 1)),
    [1, 3, 3, 3, 5, 5, 6, 7],
  )
})

test('any text at all is rendered or refused, never thrown on', () => {
  const pieces = fc.constantFrom(
    ...[
      '{{',
      '}}',
      '{{ ',
      ' }}',
      '{{- ',
      ' -}}',
      '{{/*',
      '*/}}',
      'if ',
      'else ',
      'end',
      'range ',
      'with ',
      'define ',
      'template ',
    ],
    ...[
      '"a"',
      '`',
      "'b'",
      '1',
      '2.5',
      '.',
      '.x',
      '$',
      '$x',
      ' := ',
      ' = ',
      ', ',
      '|',
      '(',
      ')',
      'print ',
      'list ',
      'dict ',
      'index ',
    ],
    ...[
      'nil',
      'true',
      'and ',
      'printf ',
      '"%d %[2]*.*f"',
      'toYaml ',
      'set ',
      'slice ',
      'eq ',
      '\n',
      ' ',
      'x',
      '-',
      'break',
      'date "2006" ',
    ],
  )
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 25 }), (parts) => {
      render(parts.join(''))
      render(`{{ ${parts.join('')} }}`)
    }),
    { numRuns: 5000 },
  )
})
