import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'
import { withDefaultCommand } from '../../src/cli/main.ts'

test('flags without a command are flags of serve; help and version are not', () => {
  for (const args of [
    ['--config', 'x.yml'],
    ['--config=x.yml'],
    ['-c', 'x.yml'],
    ['--config.experimental.filters', 'template'],
    ['--self-signed'],
  ]) {
    assert.deepEqual(withDefaultCommand(args, {}), ['serve', ...args])
  }
  for (const args of [['--help'], ['-h'], ['--version'], ['config', 'validate'], ['serve', '--config', 'x']]) {
    assert.deepEqual(withDefaultCommand(args, { X_AUTHELIA_CONFIG: 'x.yml' }), args)
  }
})

test('no words at all serve where the environment names a configuration', () => {
  assert.deepEqual(withDefaultCommand([], {}), [])
  assert.deepEqual(withDefaultCommand([], { X_AUTHELIA_CONFIG: '' }), [])
  assert.deepEqual(withDefaultCommand([], { X_AUTHELIA_CONFIG: '/config' }), ['serve'])
  assert.deepEqual(withDefaultCommand([], { X_LATCHKEY_CONFIG: '/config' }), ['serve'])
})

test('a reader that goes away early is no failure of the command', () => {
  const bin = join(import.meta.dirname, '../../bin/dev.js')
  const { stderr } = spawnSync(
    'sh',
    ['-c', `{ "${process.execPath}" "${bin}" crypto rand; echo "exit $?" >&2; } | :`],
    {
      encoding: 'utf8',
    },
  )
  assert.equal(stderr, 'exit 0\n')
})

test('config with flags alone validates, as Authelia has it', () => {
  assert.deepEqual(withDefaultCommand(['config', '-c', 'x.yml'], {}), ['config', 'validate', '-c', 'x.yml'])
  assert.deepEqual(withDefaultCommand(['config'], { X_AUTHELIA_CONFIG: 'x.yml' }), ['config', 'validate'])
  for (const args of [['config'], ['config', '--help'], ['config', 'show', '-c', 'x.yml']])
    assert.deepEqual(withDefaultCommand(args, {}), args)
})

test('help before a command is --help behind it', () => {
  assert.deepEqual(withDefaultCommand(['help'], {}), ['--help'])
  assert.deepEqual(withDefaultCommand(['help', 'user', 'add'], {}), ['user', 'add', '--help'])
})
