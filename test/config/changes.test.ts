import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type Change, changesBetween, runningConfig } from '../../src/config/changes.ts'
import { configWith } from './loading.ts'

type Tree = Record<string, unknown>
const between = (before: Tree, after: Tree): readonly Change[] =>
  changesBetween(runningConfig(configWith(before).input, 'salt'), runningConfig(configWith(after).input, 'salt'))

/** `+ path`, `- path`, `~ path`, with `!` behind what waits for a restart. */
const told = (before: Tree, after: Tree): string[] =>
  between(before, after).map(
    ({ path, before: was, after: is, restart }) => `${was ? (is ? '~' : '-') : '+'} ${path}${restart ? ' !' : ''}`,
  )

const rule = (name: string, policy = 'one_factor'): Tree => ({ domain: `${name}.example.com`, policy })
const rules = (...list: readonly Tree[]): Tree => ({ access_control: { rules: list } })

describe('what differs between two configurations', () => {
  test('nothing, when both say the same in other words', () => {
    assert.deepEqual(told({ session: { inactivity: '5m' } }, { session: { inactivity: 300 } }), [])
    assert.deepEqual(told({ session: { inactivity: '5m' } }, {}), [])
    assert.deepEqual(told({ log: { level: 'info' } }, {}), [])
  })

  test('a value, where it is written and not where it is only inherited', () => {
    assert.deepEqual(told({}, { session: { expiration: '2h' } }), ['~ session.expiration'])
  })

  test('a rule put in at the top is one rule added', () => {
    assert.deepEqual(told(rules(rule('a'), rule('b')), rules(rule('new'), rule('a'), rule('b'))), [
      '+ access_control.rules[0]',
    ])
  })

  test('a rule taken out is one rule removed, by its old number', () => {
    assert.deepEqual(told(rules(rule('a'), rule('b'), rule('c')), rules(rule('a'), rule('c'))), [
      '- access_control.rules[1]',
    ])
  })

  test('a rule changed is told key by key, also beside one that was put in', () => {
    assert.deepEqual(told(rules(rule('a'), rule('b')), rules(rule('new'), rule('a'), rule('b', 'two_factor'))), [
      '+ access_control.rules[0]',
      '~ access_control.rules[2].policy',
    ])
  })

  test('a cookie domain added brings no changes of what it inherits', () => {
    const cookies = (...names: readonly string[]): Tree => ({
      session: { cookies: names.map((domain) => ({ domain, authelia_url: `https://auth.${domain}` })) },
    })
    assert.deepEqual(told(cookies('example.com'), cookies('example.com', 'example.org')), ['+ session.cookies[1]'])
  })

  test('what a running server cannot take up is said to wait for a restart', () => {
    assert.deepEqual(
      told({}, { server: { address: 'tcp://127.0.0.1:1234/' }, storage: { local: { path: 'other.sqlite3' } } }),
      ['~ server.address !', '~ storage.local.path !'],
    )
  })

  test('a secret is compared and does not leave its process', () => {
    const changes = between({}, { storage: { encryption_key: 'another-key-of-sufficient-length' } })
    assert.deepEqual(
      changes.map(({ path }) => path),
      ['storage.encryption_key'],
    )
    assert.doesNotMatch(JSON.stringify(changes), /another-key|a-key-for-tests/)
    assert.doesNotMatch(
      JSON.stringify(runningConfig(configWith({}).input, 'salt')),
      /a-key-for-tests|a-secret-for-tests/,
    )
  })
})
