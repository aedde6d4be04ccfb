// A password that is changed by hand in the users file: whoever came in with the old one is out, and nobody else.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AT_FIRST, begin, chapters } from './story.ts'

const OUT = '302 auth.example.com'

test('another password ends the sessions of that user, in the very step that takes it over', async (t) => {
  const files = chapters('another-password')
  const story = await begin(t)
  story.write('users.yml', files['1-another.yml'])
  await story.takesOver({ ...AT_FIRST, alice: OUT })
  const line = await story.program.logged(/the sessions of these users ended/)
  assert.deepEqual([line['users'], line['sessions']], [['alice'], 1])
  assert.equal((await story.status()).lastReload?.sessionsEnded, 1)
  // Back to the old one, which is another one again: a session of then stays dead.
  const cookie = await story.program.signIn('alice', 'another password')
  assert.equal((await story.program.gate('app.example.com', { Cookie: cookie })).status, 200)
  story.write('users.yml', files['2-away.yml'])
  await story.takesOver({ ...AT_FIRST, alice: OUT, bob: OUT })
  assert.notEqual((await story.program.gate('app.example.com', { Cookie: cookie })).status, 200)
  await story.end()
})

test('who was out of the file, and comes back with another password, is out', async (t) => {
  const files = chapters('another-password')
  const story = await begin(t)
  story.write('users.yml', files['2-away.yml'])
  await story.takesOver({ ...AT_FIRST, bob: OUT })
  story.write('users.yml', files['3-back.yml'])
  await story.takesOver({ ...AT_FIRST, bob: OUT })
  await story.end()
})
