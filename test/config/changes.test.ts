import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { type Change, changesBetween } from '../../src/config/changes.ts'
import { temporaryFolder } from '../storage/temporary-folder.ts'
import { configWith as configOf, merged } from './loading.ts'

type Tree = Record<string, unknown>
/** Each is loaded in a folder of its own. */
const configWith = (changes: Tree) => configOf(merged({ storage: { local: { path: '/nowhere/db.sqlite3' } } }, changes))
const between = (before: Tree, after: Tree): readonly Change[] =>
  changesBetween({ config: configWith(before) }, { config: configWith(after) })

/** `+ path`, `- path`, `~ path`, with `!` behind what waits for a restart. */
const told = (before: Tree, after: Tree): string[] =>
  between(before, after).map(
    ({ path, change, effect }) => `${MARKS[change]} ${path}${effect === 'restart' ? ' !' : ''}`,
  )

const MARKS = { added: '+', removed: '-', changed: '~', waiting: '=' } as const

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
    assert.ok(changes.every(({ before, after }) => [...before, ...after].every(({ secret }) => secret)))
  })

  test('what a server has not been able to take up is still told when nothing else differs', () => {
    const after = configWith({ server: { address: 'tcp://127.0.0.1:1234/' } })
    const running = { ...after, server: { ...after.server, address: configWith({}).server.address } }
    assert.deepEqual(changesBetween({ config: running }, { config: after }), [
      { path: 'server.address', change: 'waiting', effect: 'restart', before: [], after: [] },
    ])
  })

  test('turning TLS on waits for a restart, another certificate does not', (t) => {
    const folder = temporaryFolder(t)
    const tls = (name: string): Tree => {
      for (const end of ['key', 'crt']) writeFileSync(join(folder, `${name}.${end}`), '')
      return { server: { tls: { key: join(folder, `${name}.key`), certificate: join(folder, `${name}.crt`) } } }
    }
    assert.deepEqual(told({}, tls('a')), ['+ server.tls.key !', '+ server.tls.certificate !'])
    assert.deepEqual(told(tls('a'), tls('b')), ['~ server.tls.key', '~ server.tls.certificate'])
  })
})
