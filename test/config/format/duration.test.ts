import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseDuration } from '../../../src/config/format/duration.ts'

const SECOND = 1000
const HOUR = 3600 * SECOND
const DAY = 24 * HOUR

const CASES: readonly (readonly [string | number, number | undefined])[] = [
  ['', 0],
  ['60', 60 * SECOND],
  ['08', 8 * SECOND],
  [90, 90 * SECOND],
  ['5m', 300 * SECOND],
  ['05m', 300 * SECOND],
  ['+5m', 300 * SECOND],
  ['0h5m', 300 * SECOND],
  ['1h30m', 1.5 * HOUR],
  ['30m 1h', 1.5 * HOUR],
  ['1 hour and 30 minutes', 1.5 * HOUR],
  ['1d', DAY],
  ['2 weeks', 14 * DAY],
  ['1M', 30 * DAY],
  ['1m', 60 * SECOND],
  ['12 months', 360 * DAY],
  ['1y', 365 * DAY],
  ['1500ms', 1500],
  ['1µs', 1e-3],
  // A number is rounded half to even, and held within what Authelia can hold.
  [1.5, 2 * SECOND],
  [2.5, 2 * SECOND],
  [0.4, 0],
  [-1, -1 * SECOND],
  [1e20, 9_223_372_036_854],
  [Number.NaN, 0],
  // None at all.
  ['abc', undefined],
  [' ', undefined],
  ['0m', undefined],
  ['h', undefined],
  ['1H', undefined],
  ['1.5h', undefined],
  ['1e3', undefined],
  ['5m!', undefined],
  ['00:05:00', undefined],
  ['300y', undefined],
  ['1 fortnight', undefined],
  // Authelia makes something else of these than is written.
  ['-5m', undefined],
  ['-1', undefined],
  ['abc1h2', undefined],
  ['PT5M', undefined],
  ['1h2', undefined],
]

for (const [text, milliseconds] of CASES) {
  test(`${JSON.stringify(text)} ${milliseconds === undefined ? 'is no duration' : `is ${milliseconds} ms`}`, () => {
    assert.equal(parseDuration(text), milliseconds)
  })
}
