import assert from 'node:assert/strict'
import { test } from 'node:test'
import { logPath } from '../../src/server/log-path.ts'

const NOW = Date.UTC(2026, 10, 24, 12)

test('%d and {datetime} are the moment in RFC 3339, {datetime:layout} in a layout of Go’s', () => {
  const stamp = /^\/log\/2026-11-2[345]T\d\d:\d\d:00(?:Z|[+-]\d\d:\d\d)\.txt$/
  assert.match(logPath('/log/%d.txt', NOW) ?? '', stamp)
  assert.match(logPath('/log/{datetime}.txt', NOW) ?? '', stamp)
  assert.match(logPath('/log/{datetime:2006-01}.txt', NOW) ?? '', /^\/log\/2026-11\.txt$/)
})

test('other names stay as they are', () => {
  assert.equal(logPath('/log/100%.txt', NOW), '/log/100%.txt')
  assert.equal(logPath(undefined, NOW), undefined)
})
