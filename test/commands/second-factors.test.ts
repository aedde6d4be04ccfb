// Helping somebody who has lost his second factor, typed beside a real running server and without one.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cookiesOf, furnish, PASSWORD, start } from '../server/program.ts'
import { temporaryFolder } from '../storage/temporary-folder.ts'
import { latchkey, type Ran } from './run.ts'

const at = (cwd: string) => ({
  run: (...args: string[]): Ran => latchkey([...args, '--config', 'configuration.yml'], { cwd }),
  json: (...args: string[]) => {
    const ran = latchkey([...args, '--config', 'configuration.yml', '--json'], { cwd })
    return { ...ran, value: JSON.parse(ran.stdout) }
  },
})

test('beside a running server: codes are made and counted, and everything but the password is taken away', async (t) => {
  const program = await start(t)
  const { run, json } = at(program.folder)
  const made = json('user', 'recovery-codes', 'alice')
  assert.equal(made.code, 0)
  assert.equal(made.value.codes.length, 10)
  assert.match(made.value.codes[0], /^[0-9A-Z]{4}(?:-[0-9A-Z]{4}){2}$/)
  assert.deepEqual(json('user', 'recovery-codes', 'alice', '--count').value, { username: 'alice', left: 10, total: 10 })
  assert.match(run('user', 'recovery-codes', 'alice', '--count').stdout, /^10 of 10 recovery codes are left, made /)
  assert.equal(run('storage', 'user', 'totp', 'generate', 'alice').code, 0)
  const listed = json('user', '2fa', 'list', 'alice').value
  assert.deepEqual([listed.recoveryCodes.left, listed.passkeys, listed.trustedBrowsers], [10, [], []])
  assert.notEqual(listed.totp, null)
  const told = run('user', '2fa', 'list', 'alice').stdout
  assert.match(told, /^one-time codes +since .*, never used$/m)
  assert.match(told, /^recovery codes +10 of 10 left, /m)

  const first = await program.api('/api/firstfactor', { username: 'alice', password: PASSWORD })
  const cookies = cookiesOf(first)
  const enters = async (): Promise<boolean> =>
    (await program.gate('app.example.com', { Cookie: cookies })).status === 200
  assert.ok(await enters())
  const asked = run('user', '2fa', 'reset', 'alice')
  assert.equal(asked.code, 2, 'nobody answers')
  assert.ok(await enters())
  const reset = json('user', '2fa', 'reset', 'alice', '--yes')
  assert.deepEqual(reset.value, { username: 'alice', removed: ['totp', 'recovery'], browsers: 0, sessions: 1 })
  assert.equal(await enters(), false)
  assert.equal(run('user', '2fa', 'reset', 'alice', '--yes').stdout, 'alice had nothing beside the password.\n')
  // One event a line.
  const events = run('logs', '--user', 'alice', '--json').stdout.trim().split('\n')
  const kinds = events.map((line) => (JSON.parse(line) as { kind: string }).kind)
  for (const kind of ['recovery-codes-made', 'factor-removed', 'recovery-codes-removed', 'sessions-ended'])
    assert.ok(kinds.includes(kind), kind)
})

test('without a server the same is done in the database; a name that nobody has is doubted', async (t) => {
  const cwd = temporaryFolder(t)
  furnish(cwd)
  const { run, json } = at(cwd)
  assert.equal(json('user', 'recovery-codes', 'alice').value.codes.length, 10)
  assert.equal(json('user', 'recovery-codes', 'alice', '--count').value.left, 10)
  assert.match(run('user', 'recovery-codes', 'alicia', '--count').stderr, /No user named alicia/)
  assert.match(run('user', 'recovery-codes', 'bob', '--count').stdout, /^bob has no recovery codes\.$/m)
  assert.deepEqual(json('user', '2fa', 'reset', 'alice', '--yes').value.removed, ['recovery'])
})

test('LIF-03 a name is given to somebody else only when nothing of whoever had it is left, beside a server and without', async (t) => {
  const program = await start(t)
  const { run, json } = at(program.folder)
  const steps = async (): Promise<void> => {
    assert.equal(run('user', 'recovery-codes', 'bob').code, 0)
    assert.equal(run('storage', 'user', 'totp', 'generate', 'bob').code, 0)
    assert.equal(run('user', 'remove', 'bob').code, 0)
    const refused = run('user', 'add', 'bob', '--generate')
    assert.equal(refused.code, 1, refused.stderr)
    assert.match(refused.stderr, /Somebody who was called "bob" before left behind: one-time codes, recovery codes\./)
    assert.match(refused.stderr, /user 2fa reset bob/)
    assert.equal(run('user', 'show', 'bob').code, 1)
    assert.equal(run('user', 'add', 'bob', '--generate', '--keep-factors').code, 0)
    assert.equal(json('user', '2fa', 'list', 'bob').value.recoveryCodes.left, 10)
    assert.equal(run('user', 'remove', 'bob').code, 0)
    assert.equal(run('user', '2fa', 'reset', 'bob', '--yes').code, 0)
    assert.equal(run('user', 'add', 'bob', '--generate').code, 0)
  }
  await steps()
  assert.equal(await program.stop(), 0)
  await steps()
})
