import assert from 'node:assert/strict'
import { test } from 'node:test'
import { deviceText } from '../../../src/cli/trail/device-text.ts'

test('a browser is told by name and system, a program by its name, anything else as it is, shortened', () => {
  for (const [userAgent, text] of [
    ['Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0', 'Firefox on Linux'],
    ['Mozilla/5.0 (iPhone; CPU iPhone OS 17_5)', 'iPhone'],
    ['curl/8.5.0', 'curl'],
    ['test browser', 'test browser'],
    ['x'.repeat(200), 'x'.repeat(60)],
    ['', ''],
  ] as const)
    assert.equal(deviceText(userAgent), text)
})
