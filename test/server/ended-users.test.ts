import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { FileUser, UsersFile } from '../../src/directory/users-file.ts'
import { createEndedUsers } from '../../src/server/ended-users.ts'

const file = (stamps: Readonly<Record<string, string>>, disabled: readonly string[] = []): UsersFile => ({
  users: new Map(Object.entries(stamps).map(([name, stamp]) => [name, { stamp } as FileUser])),
  disabled: new Set(disabled),
  byEmail: new Map(),
  ignoreCase: false,
  typicalHash: undefined,
})

test('whoever has another password is named; new and unchanged users are not', () => {
  const changes = createEndedUsers()
  assert.deepEqual(changes.between(file({ a: '1', b: '1', c: '1' }), file({ a: '1', b: '2', d: '9' })).otherPassword, [
    'b',
  ])
  assert.deepEqual(changes.between(file({ a: '1' }), file({ a: '1' })).otherPassword, [])
})

test('who was away is compared with how he was before, once', () => {
  const changes = createEndedUsers()
  const [first, away, back, same] = [
    file({ a: '1', b: '1' }),
    file({ b: '1' }),
    file({ a: '2', b: '1' }),
    file({ a: '1' }),
  ]
  changes.taken(first, away)
  assert.deepEqual(changes.between(away, same).otherPassword, [])
  assert.deepEqual(changes.between(away, back).otherPassword, ['a'])
  changes.taken(away, back)
  assert.deepEqual(changes.between(back, file({ a: '2', b: '1' })).otherPassword, [])
})

test('whoever has been disabled since is named, once, also when he was missing meanwhile', () => {
  const changes = createEndedUsers()
  const [on, off, missing] = [file({ a: '1' }), file({}, ['a']), file({})]
  assert.deepEqual(changes.between(on, off).disabled, ['a'])
  assert.deepEqual(changes.between(missing, off).disabled, ['a'])
  assert.deepEqual(changes.between(off, off).disabled, [])
  assert.deepEqual(changes.between(on, missing).disabled, [])
  assert.deepEqual(changes.between(off, on), { otherPassword: [], disabled: [] })
})
