// `latchkey config diff` asks the server that runs: its files, its environment, its flags.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { latchkey } from '../commands/run.ts'
import { start } from './program.ts'

test('a running server tells what its files would change, and what waits for its next start', async (t) => {
  const program = await start(t, { env: { LATCHKEY_WATCH: 'false' } })
  const diff = (...more: string[]) => latchkey(['config', 'diff', ...more], { cwd: program.folder })
  const same = diff()
  assert.equal(same.code, 0, same.stderr)
  assert.equal(same.stdout, 'No difference.\n')

  const before = program.read('configuration.yml')
  program.write(
    'configuration.yml',
    before
      .replace('"policy": "two_factor"', '"policy": "deny"')
      .replace('tcp://127.0.0.1:0/', 'tcp://127.0.0.1:1/')
      .replace('nobody-may-see', 'nobody-may-see-either'),
  )
  const changed = diff()
  assert.equal(changed.code, 1, changed.stderr)
  assert.match(changed.stdout, /^A reload changes:\n {2}~ session\.secret: \*{8}, another one\n/)
  assert.match(changed.stdout, /^ {2}~ access_control\.rules\[2\]\.policy: 'two_factor' → 'deny'$/m)
  assert.match(changed.stdout, /^Only a restart changes:\n {2}~ server\.address: /m)
  assert.doesNotMatch(changed.stdout, /nobody-may-see/)
  const { changes } = JSON.parse(diff('--json').stdout)
  assert.equal(changes.length, 3)

  assert.equal(latchkey(['reload'], { cwd: program.folder }).code, 0)
  const waiting = diff()
  assert.equal(waiting.code, 1)
  assert.equal(waiting.stdout, 'Only a restart changes:\n  ~ server.address: changed before, and not taken up yet\n')

  program.write('configuration.yml', 'server: [\n')
  const broken = diff('--sqlite.path', 'db.sqlite3')
  assert.equal(broken.code, 3)
  assert.match(broken.stderr, /what the files say now is not valid\nconfiguration\.yml:/)
})
