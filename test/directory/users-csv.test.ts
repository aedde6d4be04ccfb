import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readUsersCsv } from '../../src/directory/users-csv.ts'

const users = (text: string) => {
  const read = readUsersCsv(text, 'people.csv')
  assert.equal(read.kind, 'ok', JSON.stringify(read))
  return read.kind === 'ok'
    ? read.users.map(({ username, fields }) => ({ username, ...Object.fromEntries(fields) }))
    : []
}
const problems = (text: string) => {
  const read = readUsersCsv(text, 'people.csv')
  return read.kind === 'invalid' ? read.problems.map(({ position, message }) => `${position?.line} ${message}`) : []
}

test('columns by name, in any order; quotes, line ends within them, empty lines, a byte order mark', () => {
  assert.deepEqual(
    users(
      '\ufeffE-Mail,Username,"Display Name",groups,disabled\r\na@x.org,alice,"Liddell, ""A""\nL",admins; family,no\r\n\r\n,bob,,,yes',
    ),
    [
      {
        username: 'alice',
        email: 'a@x.org',
        displayname: 'Liddell, "A"\nL',
        groups: ['admins', 'family'],
        disabled: false,
      },
      { username: 'bob', disabled: true },
    ],
  )
})

test('semicolons and tabs separate too, where the first line does', () => {
  assert.deepEqual(users('user;mail;groups\nalice;a@x;"a;b"\n'), [
    { username: 'alice', email: 'a@x', groups: ['a', 'b'] },
  ])
  assert.deepEqual(users('user\tmail\nalice\ta,b@x\n'), [{ username: 'alice', email: 'a,b@x' }])
})

test('parts of an address become a map', () => {
  const [alice] = users('username,address.locality,address.country\nalice,Bern,CH\n')
  assert.deepEqual(
    alice?.['address' as never],
    new Map([
      ['locality', 'Bern'],
      ['country', 'CH'],
    ]),
  )
})

test('what is wrong is told with its line, all of it', () => {
  assert.deepEqual(problems('name,size,email\n'), ['1 There is no field "size".'])
  assert.deepEqual(problems('email\na@x\n'), ['1 There is no column username.'])
  assert.deepEqual(problems(''), ['1 There is no column username.'])
  assert.deepEqual(problems('username,disabled\n"a\nb",true\n,true\ncarl,perhaps\ncarl,1,2\nb,1\nb,1\n'), [
    '4 The user has no name.',
    '5 disabled must be true or false.',
    '6 There are 3 cells, but 2 columns.',
    '8 The user "b" is there twice.',
  ])
  assert.deepEqual(problems('username,email\nalice,"a"b\nbob,c\n'), ['2 A quotation mark stands where none can.'])
  assert.deepEqual(problems('username,email\nalice,"a\nbob,c\n'), ['2 A quotation mark stands where none can.'])
})
