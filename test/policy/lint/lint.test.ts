// Each planted mistake in the fixtures beside this file is found where it stands, and nothing else is; good rules are left alone.
import assert from 'node:assert/strict'
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { after, before, test } from 'node:test'
import { lintConfiguration } from '../../../src/cli/rules/lint-configuration.ts'
import type { People } from '../../../src/cli/rules/rules-command.ts'
import { loadConfig } from '../../../src/config/load.ts'
import { lintRules } from '../../../src/policy/lint/lint.ts'
import { LEAST, merged } from '../../config/loading.ts'
import { accessControl } from '../fixture.ts'
import { tablesIn } from '../tables.ts'

let folder = ''
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-lint-'))
  const rest = merged(LEAST, { access_control: undefined })
  writeFileSync(join(folder, 'rest.yml'), JSON.stringify(rest))
})
after(() => rmSync(folder, { recursive: true, force: true }))

const PEOPLE: People = new Map([
  ['john', ['admins', 'dev']],
  ['jane', ['dev']],
])

/** `line code`, in file order. */
function found(path: string, people: People | undefined): readonly string[] {
  const loaded = loadConfig({
    paths: [join(folder, 'rest.yml'), path],
    explicit: true,
    env: {},
    filters: [],
    cwd: folder,
  })
  assert.ok(loaded.kind === 'ok', JSON.stringify(loaded.kind === 'invalid' && loaded.problems))
  return lintConfiguration(loaded, people)
    .map(({ code, position }) => `${position?.line} ${code}`)
    .sort()
}

const fixtures = globSync(join(import.meta.dirname, '*.yml'))
for (const path of fixtures)
  test(`${basename(path)}: every planted mistake is found, and nothing else`, () => {
    const planted = readFileSync(path, 'utf8')
      .split('\n')
      .flatMap((line, i) => (/# finds: (.*)$/.exec(line)?.[1]?.split(' ') ?? []).map((code) => `${i + 1} ${code}`))
    assert.deepEqual(found(path, PEOPLE), planted.sort())
  })

test('nothing is said about the examples', () => {
  const examples = globSync(join(import.meta.dirname, '../../../examples/*/configuration.yml'))
  assert.ok(examples.length >= 8)
  for (const path of examples) {
    const text = readFileSync(path, 'utf8')
    const rules = text.slice(text.indexOf('access_control:'), text.search(/^session:/m))
    const domain = text.includes('latchkey.localhost') ? 'latchkey.localhost' : 'example.com'
    const session = `session: { cookies: [{ domain: ${domain}, authelia_url: 'https://auth.${domain}' }] }\n`
    const alone = join(folder, 'example.yml')
    writeFileSync(alone, `${rules}\n${session}`)
    assert.deepEqual(found(alone, PEOPLE), [], path)
  }
})

test('subjects are left alone when the users are not known', () => {
  assert.deepEqual(found(join(import.meta.dirname, 'subjects.yml'), undefined), ['13 impossible-subject'])
})

/** Tables that show what odd rules do; the others have rules as people should write them. */
const ODD: Readonly<Record<string, readonly string[]>> = {
  'several entries are alternatives, and a pattern is one more': ['1 bypass-every-host'],
  'the name need not be a label of its own, but a group must': ['2 group-not-a-label'],
  'the first rule that matches counts, and somebody anonymous may be anyone': ['10 bypass-behind-subject'],
  'patterns for hosts, and the names in them': ['1 bypass-every-host'],
  networks: ['4 network-host-bits', '7 never-matches'],
  resources: ['2 unreachable-entry', '2 unanchored-pattern'],
  "a grant doesn't rest on the query string": ['1 unanchored-pattern', '1 bypass-any-path', '4 unanchored-pattern'],
  'repeated query keys': ['1 bypass-by-query', '3 bypass-by-query', '5 bypass-by-query', '7 bypass-by-query'],
  hosts: ['2 bypass-every-host', '7 capital-letters', '8 capital-letters'],
  'somebody anonymous and a rule about who asks': ['2 bypass-behind-subject'],
  "the dialect is RE2's": ['6 unanchored-pattern'],
}

for (const table of tablesIn())
  test(`rules of the table "${table.name}"`, () => {
    const rules = accessControl(table.rules, table.default_policy, table.networks)
    const findings = lintRules(rules, { portalHosts: ['auth.example.com'], people: undefined })
    assert.deepEqual(
      findings.map(({ rule, code }) => `${rule} ${code}`),
      ODD[table.name] ?? [],
    )
  })

test('a finding says where, what it leads to and what to do', () => {
  const [finding] = lintRules(
    accessControl([
      { domain: '*.example.com', policy: 'one_factor' },
      { domain: 'admin.example.com', policy: 'two_factor' },
    ]),
    { portalHosts: [], people: undefined },
  )
  assert.deepEqual(finding, {
    code: 'unreachable-rule',
    rule: 2,
    at: '/access_control/rules/1',
    message: 'rule 2 is never reached: rule 1 before it decides all that it is for',
    hint: 'Move the more special rule before the more general one, or remove it.',
  })
})

test('docs/reference/rules-lint.md explains every code, in the order of the source', () => {
  const root = join(import.meta.dirname, '../../..')
  const source = readFileSync(join(root, 'src/policy/lint/finding.ts'), 'utf8')
  const codes = [...source.matchAll(/^ {2}\| '([a-z-]+)'$/gm)].map(([, code]) => code)
  const documented = [
    ...readFileSync(join(root, 'docs/reference/rules-lint.md'), 'utf8').matchAll(/^\| `([a-z-]+)` \|/gm),
  ]
  assert.ok(codes.length > 20)
  assert.deepEqual(
    documented.map(([, code]) => code),
    codes,
  )
})
