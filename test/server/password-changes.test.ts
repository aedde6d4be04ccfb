import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { FileUser, UsersFile } from '../../src/directory/users-file.ts'
import { createPasswordChanges } from '../../src/server/password-changes.ts'

const file = (stamps: Readonly<Record<string, string>>): UsersFile => ({
  users: new Map(Object.entries(stamps).map(([name, stamp]) => [name, { stamp } as FileUser])),
  byEmail: new Map(),
  ignoreCase: false,
  typicalHash: undefined,
})

test('whoever has another password is named; new and unchanged users are not', () => {
  const changes = createPasswordChanges()
  assert.deepEqual(changes.between(file({ a: '1', b: '1', c: '1' }), file({ a: '1', b: '2', d: '9' })), ['b'])
  assert.deepEqual(changes.between(file({ a: '1' }), file({ a: '1' })), [])
})

test('who was away is compared with how he was before, once', () => {
  const changes = createPasswordChanges()
  const [first, away, back, same] = [
    file({ a: '1', b: '1' }),
    file({ b: '1' }),
    file({ a: '2', b: '1' }),
    file({ a: '1' }),
  ]
  changes.taken(first, away)
  assert.deepEqual(changes.between(away, same), [])
  assert.deepEqual(changes.between(away, back), ['a'])
  changes.taken(away, back)
  assert.deepEqual(changes.between(back, file({ a: '2', b: '1' })), [])
})
