import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readDate } from '../../src/certs/read-date.ts'

test('dates in the usual spellings, in UTC where no zone is given', () => {
  for (const [text, iso] of [
    ['1900000000', '2030-03-17T17:46:40.000Z'],
    ['1900000000123', '2030-03-17T17:46:40.123Z'],
    ['2030-01-31', '2030-01-31T00:00:00.000Z'],
    ['2030-01-31T12:30', '2030-01-31T12:30:00.000Z'],
    ['2030-01-31 12:30:15', '2030-01-31T12:30:15.000Z'],
    ['2030-01-31T12:30:15+02:00', '2030-01-31T10:30:15.000Z'],
    ['2030-01-31T12:30:15Z', '2030-01-31T12:30:15.000Z'],
    ['Jan 2 2030', '2030-01-02T00:00:00.000Z'],
    ['January 2, 2030 15:04:05', '2030-01-02T15:04:05.000Z'],
    ['Jan 2 15:04:05 2030', '2030-01-02T15:04:05.000Z'],
    ['2 Jan 2030', '2030-01-02T00:00:00.000Z'],
  ] as const) {
    assert.equal(new Date(readDate(text) ?? 0).toISOString(), iso, text)
  }
})

test('what is no date is none', () => {
  for (const text of [
    '',
    'tomorrow',
    '-5',
    '1.5',
    '2030',
    '2030-13-01',
    '2030-01-31T25:00',
    '01/02/2030',
    'Foo 2 2030',
  ]) {
    assert.equal(readDate(text), undefined, text)
  }
})
