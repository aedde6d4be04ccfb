import assert from 'node:assert/strict'
import { test } from 'node:test'
import { momentsIn } from '../../../src/portal/view/moments.ts'

const NOW = Date.UTC(2026, 10, 26, 12, 0)
const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE

test('what is near is told as a distance, what is far as a day, in the language of whoever reads', () => {
  const near = (language: string, ago: number) => momentsIn(language, NOW)(NOW - ago).near
  assert.equal(near('en', 20_000), 'now')
  assert.equal(near('en', 5 * MINUTE), '5 minutes ago')
  assert.equal(near('en', 3 * 60 * MINUTE), '3 hours ago')
  assert.equal(near('en', DAY), 'yesterday')
  assert.equal(near('de', 5 * MINUTE), 'vor 5 Minuten')
  assert.equal(near('en', -2 * DAY), 'in 2 days')
  assert.equal(near('en', 20 * DAY), 'Nov 6, 2026')
  assert.equal(near('de', 20 * DAY), '06.11.2026')
})

test('the exact moment stands beside it, in UTC', () => {
  const { iso, exact } = momentsIn('en', NOW)(NOW - DAY)
  assert.equal(iso, '2026-11-25T12:00:00.000Z')
  assert.match(exact, /^Nov 25, 2026, 12:00\sPM UTC$/)
})
