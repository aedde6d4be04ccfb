// Types of unquoted scalars.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isTimestamp, parseInteger, plainValue } from '../../src/yaml/scalar-value.ts'

const typeOf = (text: string): string => plainValue(text).type

test('booleans are those of YAML 1.2; yes, no, on and off are text', () => {
  for (const text of ['true', 'True', 'TRUE', 'false', 'False', 'FALSE']) assert.equal(typeOf(text), 'boolean')
  for (const text of ['yes', 'No', 'on', 'off', 'y', 'tRUE']) assert.equal(typeOf(text), 'string')
})

test('a leading zero is octal, unless a digit beyond 7 makes it a decimal', () => {
  assert.deepEqual(plainValue('010'), { type: 'integer', value: 8 })
  assert.deepEqual(plainValue('08'), { type: 'float', value: 8 })
  assert.deepEqual(plainValue('0x8'), { type: 'integer', value: 8 })
  assert.deepEqual(plainValue('-0b11'), { type: 'integer', value: -3 })
  assert.deepEqual(plainValue('1_000'), { type: 'integer', value: 1000 })
})

test('integers end where 64 bits end', () => {
  assert.equal(parseInteger('18446744073709551615'), 18446744073709551615n)
  assert.equal(parseInteger('18446744073709551616'), undefined)
  assert.equal(parseInteger('-9223372036854775809'), undefined)
  assert.equal(typeOf('18446744073709551616'), 'float')
})

test('a timestamp is a date that exists', () => {
  for (const text of [
    '2020-01-01',
    '2020-1-1',
    '2020-02-29',
    '2020-01-01T10:00:00Z',
    '2020-01-01 10:00:00',
    '0000-01-01',
  ]) {
    assert.ok(isTimestamp(text), text)
  }
  for (const text of [
    '2020-02-30',
    '2021-02-29',
    '2020-13-01',
    '2020-01-01T10:00:00',
    '2020-01-01 24:00:00',
    '20200101',
    '1:30',
  ]) {
    assert.ok(!isTimestamp(text), text)
  }
})
