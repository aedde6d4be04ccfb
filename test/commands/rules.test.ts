// The commands about access rules as an operator types them.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { LEAST, merged } from '../config/loading.ts'
import { bin, latchkey } from './run.ts'

const HASH = '$2b$04$2QCmwV2MYKedBXIVXAykOupV//yMMrwOdTrSbRG1ubmxwlXJ8rFpi'
const RULES = `access_control:
  default_policy: deny
  rules:
    - { domain: public.example.com, policy: bypass }
    - domain: app.example.com
      resources: '^/open/'
      policy: bypass
    - { domain: app.example.com, policy: one_factor }
    - { domain: admin.example.com, subject: 'group:admins', policy: two_factor }
`
const CASES = `- name: front door
  cases:
    - { id: public, url: https://public.example.com/, want: bypass, answer: allow }
    - { id: admins, who: [john, anon], url: https://admin.example.com/, want: two_factor }
`

let cwd = ''
const write = (name: string, text: string) => writeFileSync(join(cwd, name), text)
before(() => {
  cwd = mkdtempSync(join(tmpdir(), 'latchkey-rules-'))
  mkdirSync(join(cwd, 'conf'))
  const rest = merged(LEAST, { access_control: undefined })
  write('conf/configuration.yml', JSON.stringify(rest))
  write('conf/rules.yml', RULES)
  write('conf/rules.test.yml', CASES)
  const user = (name: string, groups: string) =>
    `  ${name}: { displayname: ${name}, password: '${HASH}', email: '${name}@example.com', groups: [${groups}] }\n`
  write('users.yml', `users:\n${user('john', 'admins')}${user('jane', '')}`)
})
after(() => rmSync(cwd, { recursive: true, force: true }))
const rules = (...args: string[]) => latchkey(['rules', ...args, '--config', 'conf'], { cwd })

describe('rules check', () => {
  test('tells every criterion of the rules for the host, the rule that decides and where it stands', () => {
    const { code, stdout } = rules('check', 'https://app.example.com/open/x')
    assert.equal(code, 0)
    assert.match(
      stdout,
      /^GET https:\/\/app\.example\.com\/open\/x\nfrom 203\.0\.113\.9, assumed: .*--ip says another\nnobody has signed in, assumed; --username says who\n/,
    )
    assert.match(
      stdout,
      /^\* {3}2 {2}bypass {6}hit {5}conf\/rules\.yml:5:7\n {9}domain {5}hit .*\n {9}resources {2}hit /m,
    )
    assert.match(stdout, /2 rules for other hosts, not shown\n {2}1 rule behind it, not asked/)
    assert.match(stdout, /^allow: rule 2 \(conf\/rules\.yml:5:7\) opens it to everybody\.$/m)
  })

  test('groups come from the users file, and what somebody anonymous may be is may-be', () => {
    const url = 'https://admin.example.com/'
    assert.match(
      rules('check', url).stdout,
      /subject {4}may-be[\s\S]*^challenge: rule 4 .* demands two_factor, and nobody/m,
    )
    const john = rules('check', url, '--username', 'john', '--level', 'one_factor').stdout
    assert.match(john, /john \(admins\), signed in with one_factor[\s\S]*^challenge: rule 4/m)
    assert.match(rules('check', url, '--user', 'john').stdout, /^allow: rule 4 .*john has signed in with two_factor/m)
    assert.match(rules('check', url, '--user', 'jane').stdout, /^deny: no rule matches/m)
    const stranger = rules('check', url, '--username', 'bob')
    assert.match(stranger.stderr, /Nobody called bob may sign in/)
    assert.equal(stranger.code, 0)
  })

  test('access-control check-policy takes the flags of Authelia', () => {
    const words =
      'access-control check-policy --url https://admin.example.com/ --method POST --groups a,admins --ip 10.0.0.1'
    const { code, stdout } = latchkey(
      [...words.split(' '), '--verbose', '--config', 'conf/configuration.yml', '-c', 'conf/rules.yml'],
      { cwd },
    )
    assert.equal(code, 0)
    assert.match(
      stdout,
      /^POST https.*\nfrom 10\.0\.0\.1\nsomebody \(a, admins\), signed in with two_factor, assumed; --level says another\n/,
    )
    assert.match(stdout, /^ {4}1 {2}bypass {6}miss/m)
    assert.match(stdout, /^allow: rule 4/m)
  })

  test('the readings of an address are listed, and the strictest is shown', () => {
    const { stdout } = rules('check', 'https://APP.example.com/open/..%2fx')
    assert.match(
      stdout,
      /can be read in 6 ways[\s\S]*"app\.example\.com\/x" {2}one_factor by rule 3[\s\S]*^challenge: rule 3/m,
    )
  })

  test('--expect: 1 when the answer is another one; a foreign host is refused before any rule', () => {
    assert.equal(rules('check', 'https://public.example.com/', '--expect', 'allow').code, 0)
    const other = rules('check', 'https://public.example.com/', '--expect', 'deny')
    assert.deepEqual([other.code, other.stderr], [1, 'Expected was deny.\n'])
    const foreign = JSON.parse(rules('check', 'https://example.net/', '--json').stdout)
    assert.deepEqual([foreign.answer, foreign.reason], ['deny', 'foreign-host'])
  })

  test('--json has the same trace', () => {
    const { stdout } = rules('check', 'https://public.example.com/', '--json')
    const { answer, rule, position, readings } = JSON.parse(stdout)
    assert.deepEqual([answer, rule, position], ['allow', 1, 'conf/rules.yml:4:7'])
    assert.deepEqual(readings[0].rules[0].criteria[0].outcome, 'hit')
  })

  test('used wrongly: exit code 2 and what to write', () => {
    const wrong = [
      [],
      ['nonsense'],
      ['http://app.example.com/'],
      ['https://app.example.com/', '--ip', 'x'],
      ['https://app.example.com/', '--method', 'get'],
      ['https://app.example.com/', '--level', 'one_factor'],
    ]
    for (const args of wrong) {
      const { code, stderr } = rules('check', ...args)
      assert.equal(code, 2, args.join(' '))
      assert.match(stderr, /^latchkey: .*\.\n {2}\S/, args.join(' '))
    }
    const { error } = JSON.parse(rules('check', '--nonsense', '--json').stdout)
    assert.deepEqual([error.code, Object.keys(error)], ['unknown-flag', ['code', 'message', 'hint']])
  })
})

describe('rules list', () => {
  test('tells all rules, or those for a host', () => {
    const { code, stdout } = rules('list')
    assert.equal(code, 0)
    assert.match(stdout, /^2 {2}bypass {6}app\.example\.com; resources \^\/open\/ {2}\(conf\/rules\.yml:5:7\)$/m)
    assert.match(stdout, /^ {3}deny {8}everything else \(default_policy\)$/m)
    assert.match(rules('list', '--host', 'App.example.com').stdout, /^2 .*\n3 .*\n {3}deny/)
    assert.deepEqual(JSON.parse(rules('list', '--json').stdout).rules[3].subject, [['group:admins']])
  })
})

describe('rules lint', () => {
  test('good rules: exit code 0', () => {
    const { code, stdout, stderr } = rules('lint')
    assert.deepEqual([code, stdout, stderr], [0, '4 rules: nothing to mend.\n', ''])
  })

  test('each finding has its place, its code and what to do: exit code 1', () => {
    write('bad.yml', `${RULES}    - { domain: app.example.com, subject: 'group:admns', policy: deny }\n`)
    const args = ['rules', 'lint', '-c', 'conf/configuration.yml', '-c', 'bad.yml']
    const { code, stdout } = latchkey(args, { cwd })
    assert.equal(code, 1)
    assert.match(stdout, /^bad\.yml:10:7 {2}unreachable-rule {2}rule 5 .* rule 3 before it decides .*\n {4}Move /m)
    assert.match(stdout, /^bad\.yml:10:43 {2}unknown-group .*"admns"\n {4}Did you mean "admins"/m)
    const { findings } = JSON.parse(latchkey([...args, '--json', '--ignore', 'unknown-group'], { cwd }).stdout)
    assert.deepEqual(
      findings.map((one: { code: string }) => one.code),
      ['unreachable-rule'],
    )
  })

  test('without a users file the rest is looked at, and that is said', () => {
    const lost = merged(LEAST, { authentication_backend: { file: { path: 'missing.yml' } } })
    write('lost.yml', JSON.stringify(lost))
    const { code, stderr } = latchkey(['rules', 'lint', '-c', 'lost.yml'], { cwd })
    assert.equal(code, 0)
    assert.match(stderr, /missing\.yml doesn't exist[\s\S]*subjects of the rules are not looked up/)
  })

  test('a configuration that is not valid is told as by config validate', () => {
    write('invalid.yml', RULES.replace('bypass', 'bypas'))
    const { code, stderr } = latchkey(['rules', 'lint', '-c', 'conf/configuration.yml,invalid.yml'], { cwd })
    assert.equal(code, 1)
    assert.match(stderr, /^invalid\.yml:4:\d+ {2}error .*bypas/m)
  })
})

describe('rules test', () => {
  test('cases beside the rules are found and are no configuration', () => {
    assert.equal(latchkey(['config', 'validate', '-c', 'conf'], { cwd }).code, 0)
    const { code, stdout } = rules('test')
    assert.equal(code, 0)
    assert.match(
      stdout,
      /^conf\/rules\.test\.yml: 3 passed, 0 failed\.\n\nNo case touches 2 of 4 rules:\n {2}2 {2}bypass /,
    )
    assert.equal(rules('test', '--complete').code, 1)
  })

  test('one that fails: exit code 1, with its place and the rule that decided', () => {
    write('more.test.yml', '- cases:\n    - { who: jane, url: https://app.example.com/, want: two_factor }\n')
    const { code, stdout } = rules('test', 'more.test.yml')
    assert.equal(code, 1)
    assert.match(stdout, /^more\.test\.yml:2:7 {2}error .*one_factor is demanded by rule 3, wanted was two_factor\n/)
    const outcome = JSON.parse(rules('test', 'conf/rules.test.yml', 'more.test.yml', '--json').stdout)
    assert.deepEqual([outcome.ok, outcome.passed, outcome.untouchedRules], [false, 3, [2]])
    assert.equal(outcome.failures[0].code, 'case-failed')
  })

  test('no cases, and cases that can not be read: exit code 3', () => {
    const none = latchkey(['rules', 'test', '-c', 'conf/configuration.yml,conf/rules.yml', 'nowhere.test.yml'], { cwd })
    assert.deepEqual([none.code, /nowhere\.test\.yml can't be read: it does not exist/.test(none.stderr)], [3, true])
    write('alone.yml', JSON.stringify(LEAST))
    const alone = latchkey(['rules', 'test', '-c', 'alone.yml'], { cwd })
    assert.equal(alone.code, 3)
    assert.match(alone.stderr, /no cases for the rules[\s\S]*Write rules\.test\.yml/)
  })

  test('--watch runs them again when a file changes', { timeout: 60_000 }, async ({ signal }) => {
    const child = spawn(process.execPath, [bin, 'rules', 'test', '--watch', '--config', 'conf'], { cwd, signal })
    let said = ''
    child.stdout.on('data', (chunk) => {
      said += chunk
    })
    const until = async (pattern: RegExp) => {
      while (!pattern.test(said)) await once(child.stdout, 'data', { signal })
      said = ''
    }
    try {
      await until(/3 passed, 0 failed[\s\S]*Watching/)
      write('conf/rules.test.yml', CASES.replace('want: bypass', 'want: deny'))
      await until(/2 passed, 1 failed[\s\S]*Watching/)
      write('conf/rules.yml', RULES.replace('policy: bypass', 'policy: bypas'))
      await until(/Watching/)
      write('conf/rules.yml', RULES)
      write('conf/rules.test.yml', CASES)
      await until(/3 passed, 0 failed[\s\S]*Watching/)
    } finally {
      child.kill()
      await once(child, 'exit')
    }
  })
})
