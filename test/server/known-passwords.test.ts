import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { FileUser, UsersFile } from '../../src/directory/users-file.ts'
import { changedMeanwhile, rememberPasswords } from '../../src/server/known-passwords.ts'

const usersFile = (stamps: Record<string, string>): UsersFile =>
  ({
    users: new Map(Object.entries(stamps).map(([name, stamp]) => [name, { stamp } as FileUser])),
  }) as unknown as UsersFile

function lab() {
  let stored: Uint8Array | undefined
  let writes = 0
  const settings = {
    find: async () => stored,
    async save(_name: string, value: Uint8Array) {
      stored = value
      writes++
    },
  }
  return {
    writes: () => writes,
    put: (text: string) => {
      stored = Buffer.from(text)
    },
    text: () => Buffer.from(stored ?? []).toString(),
    changed: (stamps: Record<string, string>) => changedMeanwhile(settings, usersFile(stamps)),
    remember: (stamps: Record<string, string>) => rememberPasswords(settings, usersFile(stamps)),
  }
}

test('whoever has another password than was said is told, and nobody who is new or was missing', async () => {
  const { changed, remember } = lab()
  assert.deepEqual(await changed({ alice: 'one' }), [], 'nobody said anything before')
  await remember({ alice: 'one', bob: 'two', __proto__x: 'three' })
  assert.deepEqual(await changed({ alice: 'one', bob: 'other', carol: 'new' }), ['bob'])
  await remember({ alice: 'one' })
  assert.deepEqual(await changed({ bob: 'other' }), ['bob'], 'missing for a while, and back with another one')
  assert.deepEqual(await changed({ constructor: 'new' }), [])
})

test('it is written only when something changed, and holds no stamp of a hash', async () => {
  const { remember, writes, text, put, changed } = lab()
  await remember({ alice: 'the-stamp' })
  await remember({ alice: 'the-stamp' })
  assert.equal(writes(), 1)
  assert.doesNotMatch(text(), /the-stamp/)
  for (const nonsense of ['', 'nonsense', 'null', '[]', '7']) {
    put(nonsense)
    assert.deepEqual(await changed({ alice: 'one' }), [], nonsense)
    await remember({ alice: 'one' })
    assert.deepEqual(await changed({ alice: 'two' }), ['alice'], nonsense)
  }
})
