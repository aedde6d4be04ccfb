import assert from 'node:assert/strict'
import { test } from 'node:test'
import { contradiction } from '../../src/forwarded/contradiction.ts'
import { readHeaderLines } from '../../src/forwarded/header-lines.ts'

test('names are known in any letter case', () => {
  const lines = readHeaderLines(['HOST', 'a', 'x-forwarded-URI', '/x', 'Cookie', 'a=b', 'X-Other', 'y'])
  assert.equal(lines.host, 'a')
  assert.equal(lines.forwardedUri, '/x')
  assert.equal(lines.cookie, 'a=b')
  assert.equal(lines.repeated, undefined)
  assert.equal(lines.aliased, undefined)
})

test('lists are joined, in order', () => {
  const lines = readHeaderLines([
    'Cookie',
    'a=1',
    'cookie',
    'b=2',
    'X-Forwarded-For',
    '1.1.1.1',
    'X-Forwarded-For',
    '2.2.2.2',
  ])
  assert.equal(lines.cookie, 'a=1; b=2')
  assert.equal(lines.forwardedFor, '1.1.1.1, 2.2.2.2')
})

test('HDR-05 what may come once only is noted when it comes again, an empty one too', () => {
  for (const name of [
    'Host',
    'X-Forwarded-Host',
    'X-Forwarded-Uri',
    'X-Forwarded-Proto',
    'X-Forwarded-Method',
    'X-Original-URL',
    'X-Original-Method',
    'X-Authelia-URL',
    'Authorization',
    'Proxy-Authorization',
  ])
    assert.equal(readHeaderLines([name, '', name.toLowerCase(), 'x']).repeated?.length, 1, name)
})

test('HDR-07 names with underscores are noted and never read', () => {
  for (const name of ['X_Forwarded_Host', 'x-forwarded_host', 'X_FORWARDED-HOST']) {
    const lines = readHeaderLines([name, 'x'])
    assert.equal(lines.forwardedHost, undefined)
    assert.deepEqual(lines.aliased, ['forwardedHost'])
    assert.equal(contradiction(lines, ['forwardedHost'])?.reason, 'header-alias')
    assert.equal(contradiction(lines, ['originalUrl']), undefined)
  }
})
