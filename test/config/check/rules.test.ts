import assert from 'node:assert/strict'
import { test } from 'node:test'
import { errorsWith, warningsWith } from '../loading.ts'

type Rule = { readonly [key: string]: unknown }
const errors = (...rules: Rule[]): string[] => errorsWith({ access_control: { rules } })
const warnings = (...rules: Rule[]): string[] => warningsWith({ access_control: { rules } })
const HOST = 'app.example.com'

test('bypass can not depend on who asks', () => {
  const expected = ['bypass-with-identity access_control.rules[0].policy']
  assert.deepEqual(errors({ domain: HOST, policy: 'bypass', subject: 'user:john' }), expected)
  assert.deepEqual(errors({ domain_regex: '^(?P<User>\\w+)$', policy: 'bypass' }), expected)
  assert.deepEqual(errors({ domain_regex: '^(?<Group>\\w+)$', policy: 'bypass' }), expected)
  assert.deepEqual(errors({ domain: HOST, policy: 'bypass', subject: [[]] }), [])
})

test('a subject is a user or a group; clients of OAuth do not exist yet', () => {
  const at = 'access_control.rules[0].subject[0][0]'
  assert.deepEqual(errors({ domain: HOST, policy: 'deny', subject: 'john' }), [`wrong-value ${at}`])
  assert.deepEqual(errors({ domain: HOST, policy: 'deny', subject: 'oauth2:client:x' }), [`not-built-yet ${at}`])
})

test('networks are addresses or names that are defined, exactly once', () => {
  const rules = [{ domain: HOST, policy: 'deny', networks: ['home', '10.0.0.1', 'Home'] }]
  const definitions = { network: { home: ['10.0.0.0/8'] } }
  assert.deepEqual(errorsWith({ access_control: { rules }, definitions }), [
    'wrong-format access_control.rules[0].networks[2]',
  ])
  const networks = [{ name: 'home', networks: ['10.0.0.0/8'] }]
  assert.deepEqual(errorsWith({ access_control: { networks, rules: [], default_policy: 'one_factor' }, definitions }), [
    'duplicate access_control.networks[0]',
  ])
})

test('a method is written once', () => {
  assert.deepEqual(errors({ domain: HOST, policy: 'deny', methods: ['GET', 'GET'] }), [
    'duplicate access_control.rules[0].methods[1]',
  ])
})

test('without rules the default must demand something', () => {
  const policy = (default_policy: string): string[] => errorsWith({ access_control: { default_policy, rules: [] } })
  assert.deepEqual(policy('deny'), ['no-rules access_control'])
  assert.deepEqual(policy('bypass'), ['no-rules access_control'])
  assert.deepEqual(policy('two_factor'), [])
})

test('a rule that an earlier one decides is never reached', () => {
  const unreachable = ['unreachable-rule access_control.rules[1]']
  assert.deepEqual(warnings({ domain: HOST, policy: 'deny' }, { domain: HOST, policy: 'bypass' }), unreachable)
  assert.deepEqual(
    warnings({ domain: '*.example.com', policy: 'deny' }, { domain: [HOST, '*.a.example.com'], policy: 'bypass' }),
    unreachable,
  )
  const narrower = { domain: HOST, policy: 'deny', methods: ['GET'] }
  assert.deepEqual(warnings(narrower, { domain: HOST, policy: 'bypass' }), [])
  assert.deepEqual(warnings({ domain: '{user}.example.com', policy: 'deny' }, { domain: HOST, policy: 'bypass' }), [])
  assert.deepEqual(
    warnings({ domain: '*.example.com', policy: 'deny' }, { domain: 'example.com', policy: 'bypass' }),
    [],
  )
})

test('a domain that can never be asked for is told', () => {
  const at = 'access_control.rules[0].domain[0]'
  const warn = (domain: string): string[] => warnings({ domain, policy: 'deny' })
  assert.deepEqual(warn('app.other.org'), [`domain-without-cookie ${at}`])
  assert.deepEqual(warn('*example.com'), [`odd-domain ${at}`])
  assert.deepEqual(warn('https://app.example.com'), [`odd-domain ${at}`])
  assert.deepEqual(warn('app.example.com:8443'), [`odd-domain ${at}`])
  assert.deepEqual(warn('a.example.com,b.example.com'), [`odd-domain ${at}`])
  for (const fine of ['*.example.com', 'example.com', '{user}.example.com', 'EXAMPLE.com', '*.com']) {
    assert.deepEqual(warn(fine), [], fine)
  }
})

test('a criterion that is written but empty opens the rule to everybody, and is told', () => {
  for (const subject of ['', [], [[]], {}]) {
    assert.deepEqual(warnings({ domain: HOST, policy: 'deny', subject }), [
      'empty-criterion access_control.rules[0].subject',
    ])
  }
  assert.deepEqual(warnings({ domain: HOST, policy: 'deny', networks: [], methods: ['GET'] }), [
    'empty-criterion access_control.rules[0].networks',
  ])
  assert.deepEqual(errors({ domain: HOST, policy: 'deny', subject: [''] }), [
    'wrong-value access_control.rules[0].subject[0][0]',
  ])
})

test('a default of bypass is told', () => {
  const rules = [{ domain: HOST, policy: 'deny' }]
  assert.deepEqual(warningsWith({ access_control: { default_policy: 'bypass', rules } }), [
    'open-by-default access_control.default_policy',
  ])
})
