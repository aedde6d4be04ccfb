// The filter expand-env, with recorded answers of Authelia's.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { expandEnv } from '../../../src/config/read/expand-env.ts'

const env = { X: 'xv', Y_1: 'yv', E: '', AUTHELIA_A_SECRET: 'zz', LATCHKEY_SESSION_SECRET: 'zz' }

test('names with and without braces, missing ones, and what only looks like a name', () => {
  const cases: Record<string, string> = {
    '$X ${X} $Y_1 ${Y_1}z $Xz $NO ${NO}': 'xv xv yv yvz   ',
    '$5 $$ $* $@ $# $? $! $-': ' $      ',
    '${X:-d} ${NO:-d} ${E:-d}': '  ',
    '${} ${ ${X': '  X',
    '$ x$': '$ x$',
    a$1b$12: 'ab2',
    '${X}${X}': 'xvxv',
    '\\$X': '\\xv',
    '$é ${é}': '$é ',
    '${X Y}': '',
    $_X: '',
    '${$X}': '',
    '$ {X}': '$ {X}',
    '$(X)': '$(X)',
  }
  for (const [text, want] of Object.entries(cases)) assert.equal(expandEnv(text, env), want, text)
})

test('our own secrets and parts of objects are empty', () => {
  assert.equal(expandEnv('$AUTHELIA_A_SECRET$LATCHKEY_SESSION_SECRET$constructor$__proto__', env), '')
})
