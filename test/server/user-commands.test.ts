// `latchkey user` beside a running server: what the command has done counts as soon as the server has read it, without a restart.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { latchkey } from '../commands/run.ts'
import { start } from './program.ts'

test('added, given another password, put into a group, disabled, enabled: the server follows each at once', async (t) => {
  const program = await start(t)
  const user = async (args: readonly string[], input = ''): Promise<string> => {
    const { code, stdout, stderr } = latchkey(['user', ...args], { cwd: program.folder, input })
    assert.equal(code, 0, stderr)
    return stdout
  }
  const signIn = async (username: string, password: string): Promise<number> =>
    (await program.api('/api/firstfactor', { username, password })).status

  await user(['add', 'carl'], 'correct horse battery')
  const cookie = await program.signIn('carl', 'correct horse battery')
  const ask = async (host: string): Promise<number> => (await program.gate(host, { Cookie: cookie })).status
  assert.deepEqual([await ask('app.example.com'), await ask('admin.example.com')], [200, 403])
  await user(['groups', 'carl', '--add', 'admins'])
  assert.equal(await ask('admin.example.com'), 200)
  await user(['disable', 'carl'])
  assert.notEqual(await ask('app.example.com'), 200)
  assert.equal(await signIn('carl', 'correct horse battery'), 401)
  await user(['enable', 'carl'])
  const made = /Password: (\S+)/.exec(await user(['password', 'carl', '--generate']))?.[1] ?? ''
  assert.deepEqual([await signIn('carl', made), await signIn('carl', 'correct horse battery')], [200, 401])
  await user(['remove', 'carl'])
  assert.equal(await signIn('carl', made), 401)
  // The file was JSON, and is.
  assert.deepEqual(Object.keys(JSON.parse(program.read('users.yml')).users), ['alice', 'bob'])
})

test('another password signs out whoever came in with the old one, beside a server and without one', async (t) => {
  const program = await start(t)
  const password = (args: readonly string[] = []) =>
    latchkey(['user', 'password', 'alice', ...args, '--generate', '--json'], { cwd: program.folder })
  const cookie = await program.signIn('alice')
  const ask = async (): Promise<number> => (await program.gate('app.example.com', { Cookie: cookie })).status
  assert.equal(await ask(), 200)
  assert.equal(JSON.parse(password(['--keep-sessions']).stdout).sessionsEnded, 0)
  assert.equal(await ask(), 200)
  assert.equal(JSON.parse(password().stdout).sessionsEnded, 1)
  assert.notEqual(await ask(), 200)

  const { password: made } = JSON.parse(password().stdout) as { password: string }
  const again = await program.signIn('alice', made)
  await program.stop()
  const { code, stdout, stderr } = password()
  assert.deepEqual([code, JSON.parse(stdout).sessionsEnded], [0, 1], stderr)
  const next = await start(t, { folder: program.folder })
  assert.notEqual((await next.gate('app.example.com', { Cookie: again })).status, 200)
})
