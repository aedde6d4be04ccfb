import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Fault } from '../../../src/base/fault.ts'
import { momentOption } from '../../../src/cli/options/moment-option.ts'

const NOW = Date.UTC(2026, 0, 31, 12)
const HOUR = 3_600_000

test('so long ago, or a date in UTC', () => {
  for (const [text, moment] of [
    ['1h', NOW - HOUR],
    ['1 day', NOW - 24 * HOUR],
    ['90', NOW - 90_000],
    ['0', NOW],
    ['2026-01-30', Date.UTC(2026, 0, 30)],
    ['2026-01-30 06:30', Date.UTC(2026, 0, 30, 6, 30)],
    ['2026-01-30T06:30:15.250Z', Date.UTC(2026, 0, 30, 6, 30, 15, 250)],
    ['100 years', 0],
    ['1960-01-01', 0],
  ] as const)
    assert.equal(momentOption('since', text, NOW), moment, text)
})

test('everything else is said to be neither', () => {
  for (const text of ['', 'yesterday', '2026-13-01', '2026-01-30 25:00', '30.01.2026', '-1h'])
    assert.throws(
      () => momentOption('until', text, NOW),
      (error) => error instanceof Fault && error.code === 'moment' && error.exitCode === 2,
      text,
    )
})
