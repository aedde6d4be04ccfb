// `latchkey logs`, typed beside a real running server and without one.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { test } from 'node:test'
import { furnish, SECRETS, start } from '../server/program.ts'
import { temporaryFolder } from '../storage/temporary-folder.ts'
import { bin, latchkey, type Ran } from './run.ts'

const at = (cwd: string) => ({
  run: (...args: string[]): Ran => latchkey([...args, '--config', 'configuration.yml'], { cwd }),
  events: (...args: string[]) => {
    const { code, stdout, stderr } = latchkey(['logs', '--json', '--config', 'configuration.yml', ...args], { cwd })
    assert.equal(code, 0, stderr)
    return stdout
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line))
  },
})

test('beside a running server: what happened is read, filtered, exported and followed; without one it is still there', async (t) => {
  const program = await start(t)
  const { run, events } = at(program.folder)
  const refused = await program.api('/api/firstfactor', { username: 'bob', password: 'wrong' })
  assert.equal(refused.status, 401)
  await program.signIn('alice')
  assert.equal(run('sessions', 'revoke', '--user', 'alice').code, 0)
  assert.equal(run('user', 'disable', 'bob').code, 0)

  const all = run('logs')
  assert.equal(all.code, 0)
  const lines = all.stdout.trimEnd().split('\n')
  assert.equal(lines.length, 4)
  const time = String.raw`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z`
  assert.match(lines[0] ?? '', new RegExp(`${time} sign-in-refused from=\\S+ user=bob about=1fa reason=wrong-password`))
  assert.match(lines[1] ?? '', new RegExp(`${time} sign-in from=\\S+ user=alice about=1fa session=[0-9a-f]{12}`))
  assert.match(lines[2] ?? '', new RegExp(`${time} sessions-ended from=cli user=alice about=1 reason=by-hand$`))
  assert.match(lines[3] ?? '', new RegExp(`${time} user-disabled from=cli user=bob$`))

  const kinds = (...args: string[]) => events(...args).map(({ kind }: { kind: string }) => kind)
  assert.deepEqual(kinds(), ['sign-in-refused', 'sign-in', 'sessions-ended', 'user-disabled'])
  assert.deepEqual(kinds('--user', 'alice'), ['sign-in', 'sessions-ended'])
  assert.deepEqual(kinds('--from', 'cli'), ['sessions-ended', 'user-disabled'])
  assert.deepEqual(kinds('--kind', 'sign-in,user-disabled'), ['sign-in', 'user-disabled'])
  assert.deepEqual(kinds('--failed'), ['sign-in-refused'])
  assert.deepEqual(kinds('--limit', '2'), ['sessions-ended', 'user-disabled'])
  assert.deepEqual(kinds('--since', '1h', '--all').length, 4)
  assert.deepEqual(kinds('--until', '2020-01-01'), [])
  const [event] = events('--kind', 'sign-in')
  assert.deepEqual(Object.keys(event).toSorted(), [
    'from',
    'id',
    'kind',
    'lastTime',
    'reason',
    'session',
    'subject',
    'time',
    'times',
    'userAgent',
    'username',
  ])
  assert.match(event.session, /^[0-9a-f]{64}$/)

  const follower = spawn(process.execPath, [bin, 'logs', '--follow', '--limit', '1', '--config', 'configuration.yml'], {
    cwd: program.folder,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  t.after(() => follower.kill())
  const follows = createInterface({ input: follower.stdout })[Symbol.asyncIterator]()
  assert.match(String((await follows.next()).value), /user-disabled/)
  await program.signIn('alice')
  assert.match(String((await follows.next()).value), /sign-in from=\S+ user=alice/)
  follower.kill('SIGINT')
  await once(follower, 'exit')

  assert.equal(await program.stop(), 0)
  assert.equal(kinds().length, 5)
  for (const secret of Object.values(SECRETS)) assert.ok(!run('logs', '--all').stdout.includes(secret))
})

test('where there is no database there is nothing to read; a command that is misunderstood says how it is meant', (t) => {
  const cwd = temporaryFolder(t)
  furnish(cwd)
  const { run, events } = at(cwd)
  assert.match(run('logs').stderr, /database/)
  assert.equal(run('logs').code, 3)
  const kind = run('logs', '--kind', 'sign-inn')
  assert.equal(kind.code, 2)
  assert.match(kind.stderr, /"sign-inn" is no kind of security event\.\n {2}Did you mean sign-in\?/)
  const moment = run('logs', '--since', 'yesterday')
  assert.equal(moment.code, 2)
  assert.match(moment.stderr, /--since yesterday is neither a length of time nor a date/)
  assert.equal(
    run('user', 'add', 'carol', '--generate').code,
    0,
    'before the first start there is no trail, and no trouble',
  )

  assert.equal(run('bans', 'add', '--ip', '203.0.113.7', '--reason', 'because').code, 0)
  assert.equal(run('user', 'set', 'carol', '--email', 'carol@example.com').code, 0)
  assert.equal(run('user', 'password', 'carol', '--generate').code, 0)
  assert.equal(run('user', 'remove', 'carol').code, 0)
  const key = 'a-new-key-that-nobody-may-see'
  assert.equal(run('storage', 'encryption', 'change-key', '--new-encryption-key', key).code, 0)
  const recorded = events('--encryption-key', key).map(
    ({ kind, username, subject }: { kind: string; username: string; subject: string }) =>
      `${kind} ${username} ${subject}`,
  )
  assert.deepEqual(recorded, [
    'banned  203.0.113.7',
    'user-changed carol email',
    'password-changed carol ',
    'user-removed carol ',
    'key-changed  ',
  ])
})

test('a restore is recorded in the database that was restored', (t) => {
  const cwd = temporaryFolder(t)
  furnish(cwd)
  const { run, events } = at(cwd)
  assert.equal(run('bans', 'add', '--user', 'alice').code, 0)
  assert.equal(run('backup', join(cwd, 'b.tar.gz')).code, 0)
  assert.equal(run('restore', 'b.tar.gz', '--force').code, 0)
  const kinds = events().map(({ kind, subject }: { kind: string; subject: string }) => `${kind} ${subject}`)
  assert.deepEqual(kinds, ['banned ', 'restored storage'])
})
