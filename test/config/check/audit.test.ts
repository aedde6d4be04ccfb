import assert from 'node:assert/strict'
import { test } from 'node:test'
import { configWith, errorsWith } from '../loading.ts'

test('the trail is kept for 90 days, or as long as is written, but not less than an hour', () => {
  assert.equal(configWith({}).audit.retention, 90 * 86_400_000)
  assert.equal(configWith({ audit: { retention: '2 weeks' } }).audit.retention, 14 * 86_400_000)
  assert.equal(configWith({ audit: { retention: '1h' } }).audit.retention, 3_600_000)
  for (const retention of ['59m', 0, '30'])
    assert.deepEqual(errorsWith({ audit: { retention } }), ['wrong-value audit.retention'])
  assert.deepEqual(errorsWith({ audit: { keep: '1d' } }), ['unknown-key audit.keep'])
})
