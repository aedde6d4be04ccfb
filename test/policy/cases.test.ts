// The operator's cases: what passes, what fails and where, which rules no case touches; and a file that can't be read never passes.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { load } from 'js-yaml'
import { runPolicyCases } from '../../src/policy/cases/run-cases.ts'
import { policyOf, type WrittenRule } from './fixture.ts'

const policy = policyOf([
  { domain: 'public.example.com', policy: 'bypass' },
  { domain: 'admin.example.com', subject: 'group:admins', policy: 'two_factor' },
  { domain: 'app.example.com', networks: '10.0.0.0/8', policy: 'one_factor' },
  { domain: 'never.example.com', policy: 'deny' },
])
const people = new Map([
  ['john', ['admins']],
  ['jane', []],
  ['agent2', ['admins']],
])
const run = (text: string, who: typeof people | undefined = people) =>
  runPolicyCases(text, policy, { file: 'rules.test.yml', people: who })
/** `line code: message` of each failure. */
const failures = (text: string) =>
  run(text).failures.map(({ position, code, message }) => `${position?.line} ${code}: ${message}`)
const one = (text: string) => failures(`- cases: [${text}]`)

test('cases that are answered as wanted pass, one for each combination', () => {
  const { passed, failures, untouchedRules } = run(`
- name: everything
  cases:
    - { id: open, url: https://public.example.com/, want: bypass, answer: allow }
    - { id: two, who: [john, anon], url: [https://admin.example.com/a, https://admin.example.com/b], want: two_factor }
    - { id: level, who: john1, url: https://admin.example.com/, answer: challenge }
    - { id: network, url: https://app.example.com/, ip: 10.1.2.3, method: [GET, POST], want: one_factor }
    - { id: else, who: jane, url: https://admin.example.com/, want: default }
    - { id: else again, who: jane, url: https://admin.example.com/, want: [deny, bypass] }
`)
  assert.deepEqual(failures, [])
  assert.equal(passed, 10)
  assert.deepEqual(untouchedRules, [4])
})

test('one that is answered otherwise says what it got, from which rule, and where the case stands', () => {
  assert.deepEqual(
    failures(
      '- name: mine\n  cases:\n    - id: x\n      who: [jane, john]\n      url: https://admin.example.com/\n      want: one_factor\n',
    ),
    [
      '3 case-failed: mine: x: jane GET https://admin.example.com/: deny is demanded by default, wanted was one_factor',
      '3 case-failed: mine: x: john GET https://admin.example.com/: two_factor is demanded by rule 2, wanted was one_factor',
    ],
  )
  assert.deepEqual(one('{ url: https://admin.example.com/, answer: deny }'), [
    '1 case-failed: case 1: anon GET https://admin.example.com/: the answer is challenge (two_factor by rule 2), wanted was deny',
  ])
})

test('people are those of the users file and of the table; a name comes before a level', () => {
  assert.deepEqual(one('{ who: agent2, url: https://admin.example.com/, answer: allow }'), [])
  assert.deepEqual(one('{ who: agent21, url: https://admin.example.com/, answer: challenge }'), [])
  assert.match(
    one('{ who: nobody, url: https://admin.example.com/, want: deny }')[0] ?? '',
    /case-unknown-person.*"nobody"/,
  )
  const own =
    '- people: { eve: [admins], john: [] }\n  cases: [{ who: eve, url: https://admin.example.com/, answer: allow }, { who: john, url: https://admin.example.com/, want: deny }]'
  assert.deepEqual(run(own, new Map()).failures, [])
})

test('what is wrong with the file fails with its place, and nothing of it passes', () => {
  const broken = ['', '# nothing\n', '[]', '- cases: []', 'just text', '- cases: [', '- { name: x }', '- [1]']
  for (const text of broken) {
    const { passed, failures } = run(text)
    assert.equal(passed, 0, text)
    assert.ok(failures.length > 0 && failures.every(({ position }) => position?.file === 'rules.test.yml'), text)
  }
  assert.match(one('{ urls: https://a.example.com/, want: deny }')[0] ?? '', /1 unknown-key: "urls"/)
  assert.match(one('{ want: deny }')[0] ?? '', /case-incomplete/)
  assert.match(one('{ url: https://a.example.com/ }')[0] ?? '', /case-incomplete/)
  assert.match(one('{ url: https://a.example.com/, want: denied }')[0] ?? '', /case-value: want must be one of/)
  assert.match(one('{ url: https://a.example.com/, answer: bypass }')[0] ?? '', /case-value: answer must be one of/)
  for (const bad of [
    'url: a.example.com',
    'url: https:///x',
    'url: https://a/, method: get',
    'url: https://a/, ip: 10.0.0',
  ])
    assert.match(one(`{ ${bad}, want: deny }`)[0] ?? '', /case-value/, bad)
})

test('cases behind the first document are not skipped silently', () => {
  const table = '- cases: [{ url: https://public.example.com/, want: bypass }]\n'
  assert.deepEqual(failures(`---\n${table}...\n# the end\n`), [])
  assert.deepEqual(failures(`${table}---\n${table}`), ['2 second-document: Only what stands before this line is read.'])
})

test('rules of its own are refused: the cases are about the rules that are served', () => {
  assert.match(
    failures('- rules: []\n  cases: [{ url: https://public.example.com/, want: bypass }]')[0] ?? '',
    /^1 case-own-rules/,
  )
})

test('LOG-01 no control character of a case is told as it is', () => {
  const [message = ''] = one('{ id: "a\\e[31m", url: "https://public.example.com/\\e[2J", want: deny }')
  assert.doesNotMatch(message, /[\x00-\x1f]/)
})

test('the rules and cases of docs/reference/rules-test.md are as they say', () => {
  const text = readFileSync(join(import.meta.dirname, '../../docs/reference/rules-test.md'), 'utf8')
  const [rules = '', cases = ''] = [...text.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, snippet]) => snippet ?? '')
  const { access_control: written } = load(rules) as { access_control: { rules: readonly WrittenRule[] } }
  const options = { file: 'rules.test.yml', people: undefined }
  const result = runPolicyCases(cases, policyOf(written.rules), options)
  assert.deepEqual(result, { passed: 13, failures: [], untouchedRules: [] })
})
