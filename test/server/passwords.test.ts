// Passwords set at the portal of a running server: the users file is edited as a person would edit it, and what it says counts before the answer.
import assert from 'node:assert/strict'
import { chmodSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { latchkey } from '../commands/run.ts'
import { HASH, start } from './program.ts'

const GOOD = 'truck-sail-orbit-plum'
const USERS = `# Our people
users:
  # the boss
  alice:
    email: 'alice@example.com' # work
    displayname: "Alice"
    password: '${HASH}' # old
    groups: [admins]
  bob:
    displayname: Bob
    password: ${HASH}
`

async function program(t: Parameters<typeof start>[0]) {
  // files are watched by nobody: what counts, counts because the server itself has read it
  const running = await start(t, { changes: { authentication_backend: { file: { watch: false } }, watch: false } })
  const path = join(running.folder, 'users.yml')
  writeFileSync(path, USERS)
  chmodSync(path, 0o640)
  assert.equal(latchkey(['reload'], { cwd: running.folder }).code, 0)
  const signIn = async (username: string, password: string): Promise<number> =>
    (await running.api('/api/firstfactor', { username, password })).status
  const resetLink = (...args: string[]) => latchkey(['user', 'reset-link', ...args, '--json'], { cwd: running.folder })
  return { running, path, signIn, resetLink }
}
const withoutPasswords = (text: string): string => text.replace(/\$argon2id\$[^'\s]+/g, 'HASH')

test('a link sets the password in the file, keeps what else stands there, and counts at once; it works once', async (t) => {
  const { running, path, signIn, resetLink } = await program(t)
  const cookie = await running.signIn('alice')
  const gate = async (): Promise<number> => (await running.gate('app.example.com', { Cookie: cookie })).status
  assert.equal(await gate(), 200)

  const { code, stdout, stderr } = resetLink('alice')
  assert.equal(code, 0, stderr)
  const { url, username } = JSON.parse(stdout) as { url: string; username: string }
  assert.equal(username, 'alice')
  assert.ok(url.startsWith('https://auth.example.com/reset-password/step2?token='))
  const token = new URL(url).searchParams.get('token') ?? ''
  const finished = await running.api('/api/reset-password/identity/finish', { token })
  assert.equal(finished.body, '{"status":"OK"}')
  const grant = String(finished.headers['set-cookie']).split(';')[0] ?? ''
  const set = await running.api('/api/reset-password', { password: GOOD }, grant)
  assert.equal(set.status, 200, set.body)
  assert.ok(!set.body.includes('KO'), set.body)

  assert.deepEqual([await signIn('alice', 'password'), await signIn('alice', GOOD)], [401, 200])
  assert.notEqual(await gate(), 200, 'whoever came in with the old one is out')
  assert.equal(withoutPasswords(running.read('users.yml')), withoutPasswords(USERS))
  assert.equal(statSync(path).mode & 0o777, 0o640)
  assert.equal(running.read('users.yml').split(HASH).length, 2, 'bob’s stays')
  const again = await running.api('/api/reset-password/identity/finish', { token })
  assert.equal(again.body, '{"status":"KO","message":"Operation failed"}')
  const events = running.log().flatMap(({ event, username: who, reason }) => (event ? [[event, who, reason]] : []))
  for (const event of [
    ['sessions-ended', 'alice', 'password'],
    ['password-reset', 'alice', undefined],
  ])
    assert.ok(
      events.some((told) => JSON.stringify(told) === JSON.stringify(event)),
      `${event.join()} in ${JSON.stringify(events)}`,
    )
  assert.ok(!running.stdout.includes(token), 'LOG-01')
  assert.ok(!running.stdout.includes(GOOD), 'LOG-01')
})

test('changed by its owner: the session he did it in goes on; a broken configuration beside it is no hindrance', async (t) => {
  const { running, signIn } = await program(t)
  const cookies = await running.signIn('bob')
  running.write('configuration.yml', 'access_control: [')
  const changed = await running.api('/api/change-password', { old_password: 'password', new_password: GOOD }, cookies)
  assert.equal(changed.status, 200, changed.body)
  assert.deepEqual([await signIn('bob', 'password'), await signIn('bob', GOOD)], [401, 200])
  const fresh = [changed.headers['set-cookie'] ?? []].flat().map((line) => line.split(';')[0])
  const state = await running.api('/api/state', undefined, fresh.join('; '))
  assert.match(state.body, /"username":"bob"/)
})

test('the policy of the configuration holds, and a password that was changed by hand meanwhile is not overwritten', async (t) => {
  const { running, path, signIn, resetLink } = await program(t)
  const cookies = await running.signIn('bob')
  const change = (new_password: string) =>
    running.api('/api/change-password', { old_password: 'password', new_password }, cookies)
  assert.equal((await change('bobby123')).status, 400)
  const url = (JSON.parse(resetLink('bob').stdout) as { url: string }).url
  const token = new URL(url).searchParams.get('token')
  const other = HASH.replace('c2FsdHNhbHRzYWx0c2FsdA', 'c2FsdHNhbHRzYWx0c2FsdQ')
  writeFileSync(path, USERS.replace(`password: ${HASH}`, `password: ${other}`))
  assert.equal((await change(GOOD)).status, 401)
  assert.ok(running.read('users.yml').includes(other))
  assert.equal(latchkey(['reload'], { cwd: running.folder }).code, 0)
  const finished = await running.api('/api/reset-password/identity/finish', { token })
  assert.match(finished.body, /Operation failed/)
  assert.equal(await signIn('bob', GOOD), 401)
})

test('reset-link says for whom there is none, and works where no server runs', async (t) => {
  const { running, resetLink } = await program(t)
  const code = (...args: string[]): string | undefined =>
    (JSON.parse(resetLink(...args).stdout) as { error?: { code?: string } }).error?.code
  assert.equal(code('alise'), 'user-unknown')
  assert.equal(code('alice', '--domain', 'example.net'), 'reset-unavailable')
  latchkey(['user', 'disable', 'bob'], { cwd: running.folder })
  assert.equal(code('bob'), 'reset-unavailable')
  await running.stop()
  const alone = JSON.parse(resetLink('alice').stdout) as { url: string }
  const next = await start(t, { folder: running.folder })
  const token = new URL(alone.url).searchParams.get('token')
  assert.equal((await next.api('/api/reset-password/identity/finish', { token })).body, '{"status":"OK"}')
})
