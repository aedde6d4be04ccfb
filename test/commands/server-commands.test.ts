// `status` and `reload` as a person types them, against a real server.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { start, USERS, usersText } from '../server/program.ts'
import { latchkey } from './run.ts'

const CONFIG = ['--config', 'configuration.yml']

test('status: what there is to know, for people and as JSON', async (t) => {
  const program = await start(t)
  await program.signIn('alice')
  const said = latchkey(['status', ...CONFIG], { cwd: program.folder })
  assert.equal(said.code, 0)
  assert.match(said.stdout, /^listens {5}127\.0\.0\.1:\d+, for \d+ s$/m)
  assert.match(said.stdout, /^snapshot {4}1, for/m)
  assert.match(said.stdout, /^sessions {4}1$/m)
  assert.match(said.stdout, /^files {7}.*configuration\.yml {2}[\da-f]{12} {2}/m)
  const { code, stdout } = latchkey(['status', ...CONFIG, '--json'], { cwd: program.folder })
  assert.equal(code, 0)
  const status = JSON.parse(stdout)
  assert.deepEqual(
    [status.snapshot.number, status.stale, status.sessions, status.bans, status.users, status.watching],
    [1, false, 1, 0, 2, 'notices'],
  )
  assert.equal(status.pid, program.child.pid)
  assert.doesNotMatch(said.stdout + stdout, /nobody-may-see/)
})

test('serve --check beside a running server says what can be asked instead', async (t) => {
  const program = await start(t)
  const { code, stderr } = latchkey(['serve', ...CONFIG, '--check'], { cwd: program.folder })
  assert.equal(code, 3)
  assert.match(stderr, /Another Latchkey server uses the database/)
  assert.match(
    stderr,
    /`latchkey config validate` checks the files, and `latchkey config diff` says what a reload would/,
  )
  assert.match(latchkey(['serve', ...CONFIG], { cwd: program.folder }).stderr, /Stop that server first/)
})

test('status says until when the certificate is valid, and how much memory is used', async (t) => {
  const program = await start(t, { args: ['serve', ...CONFIG, '--self-signed'] })
  const { stdout } = latchkey(['status', ...CONFIG], { cwd: program.folder })
  assert.match(stdout, /^certificate +until \d{4}-\d\d-\d\dT[\d:.]+Z, 39[78] days$/m)
  assert.match(stdout, /^memory {6}\d+ MB$/m)
  const { certificate } = JSON.parse(latchkey(['status', ...CONFIG, '--json'], { cwd: program.folder }).stdout)
  assert.deepEqual([certificate.state, certificate.days >= 397], ['valid', true])
})

test('reload prints what became of it; while the files are broken, status answers 1 and says why', async (t) => {
  const program = await start(t)
  const cwd = program.folder
  const good = program.read('configuration.yml')
  program.write('users.yml', usersText({}))
  const refused = latchkey(['reload', ...CONFIG], { cwd })
  assert.deepEqual([refused.code, refused.stdout], [1, 'Refused: snapshot 1 keeps serving.\n'])
  assert.match(refused.stderr, /users\.yml:2:12 {2}error {2}The users file has no users\./)

  // Broken so far that it isn't YAML: the server is found all the same.
  program.write('configuration.yml', good.replace('"rules": [', '"rules": [['))
  assert.equal(latchkey(['reload', ...CONFIG], { cwd }).code, 1)
  const stale = latchkey(['status', ...CONFIG], { cwd })
  assert.equal(stale.code, 1)
  assert.match(stale.stdout, /STALE/)
  assert.match(stale.stderr, /^configuration\.yml:\d+:\d+ {2}error {2}This is not valid YAML/m)
  const json = latchkey(['reload', ...CONFIG, '--json'], { cwd })
  assert.equal(json.code, 1)
  assert.equal(JSON.parse(json.stdout).problems[0].position.file, 'configuration.yml')

  program.write('configuration.yml', good)
  program.write('users.yml', usersText(USERS))
  assert.equal(latchkey(['reload', ...CONFIG], { cwd }).code, 0)
  assert.equal(latchkey(['status', ...CONFIG], { cwd }).code, 0)
})

test('reload says what waits for the next start', async (t) => {
  const program = await start(t)
  program.write('configuration.yml', program.read('configuration.yml').replace('127.0.0.1:0', '127.0.0.1:9'))
  const { code, stdout } = latchkey(['reload', ...CONFIG], { cwd: program.folder })
  assert.equal(code, 0)
  assert.match(stdout, /^Reloaded: snapshot \d+ serves\.\nAfter the next start only: server\.address\n$/)
})

test('no server, no configuration, nonsense: a sentence and the right exit code', async (t) => {
  const program = await start(t)
  await program.stop()
  for (const command of ['status', 'reload']) {
    const none = latchkey([command, ...CONFIG], { cwd: program.folder })
    assert.deepEqual([none.code, none.stdout], [3, ''])
    assert.match(none.stderr, /^latchkey: No server runs on the database/)
    const json = latchkey([command, ...CONFIG, '--json'], { cwd: program.folder })
    assert.deepEqual([json.code, JSON.parse(json.stdout).error.code], [3, 'no-server'])
    const missing = latchkey([command, '--config', 'missing.yml'], { cwd: program.folder })
    assert.equal(missing.code, 3)
    assert.match(missing.stderr, /missing\.yml.*does not exist[\s\S]*--sqlite\.path/)
    const named = latchkey([command, '--sqlite.path', join(program.folder, 'other.sqlite3')], { cwd: program.folder })
    assert.equal(named.code, 3)
    assert.match(named.stderr, /other\.sqlite3/)
    assert.equal(latchkey([command, '--nonsense'], { cwd: program.folder }).code, 2)
  }
})
