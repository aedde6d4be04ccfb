// `latchkey mail test` as a person types it, with a server and without one.
import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { AUTHORITY, freePort, startMailServer } from '../notify/mail-server.ts'
import { furnish, start, type Tree } from '../server/program.ts'
import { temporaryFolder } from '../storage/temporary-folder.ts'
import { latchkey, latchkeyMeanwhile } from './run.ts'

const CONFIG = ['--config', 'configuration.yml']

function folderFor(t: TestContext): string {
  const folder = temporaryFolder(t)
  mkdirSync(join(folder, 'authorities'))
  writeFileSync(join(folder, 'authorities', 'mail.pem'), AUTHORITY)
  return folder
}
const byMail = (port: number): Tree => ({
  certificates_directory: 'authorities',
  notifier: {
    filesystem: undefined,
    disable_startup_check: true,
    smtp: { address: `submission://localhost:${port}`, sender: 'latchkey@example.com', timeout: '2s' },
  },
})

test('a message to see whether mail arrives: by the server that runs, or without one', async (t) => {
  const server = await startMailServer(t)
  const folder = folderFor(t)
  furnish(folder, { changes: byMail(server.port) })
  const alone = await latchkeyMeanwhile(['mail', 'test', 'bob@example.com', ...CONFIG], folder)
  assert.deepEqual([alone.code, alone.stderr], [0, ''])
  assert.match(alone.stdout, /^submission:\/\/localhost:\d+ has taken the message for bob@example\.com\./)
  await start(t, { folder })
  const json = await latchkeyMeanwhile(['mail', 'test', 'bob@example.com', ...CONFIG, '--json'], folder)
  assert.deepEqual(
    [json.code, JSON.parse(json.stdout)],
    [0, { kind: 'delivered', place: `submission://localhost:${server.port}` }],
  )
  const [first, second] = await server.count(2)
  assert.equal(first?.parsed.subject, '[Latchkey] Mail works')
  assert.match(second?.parsed.text ?? '', /There is nothing to do\./)
  assert.doesNotMatch(second?.parsed.text ?? '', /password/)
})

test('what keeps it from being taken is told, with exit code 1', async (t) => {
  const folder = folderFor(t)
  furnish(folder, { changes: byMail(await freePort()) })
  const down = latchkey(['mail', 'test', 'bob@example.com', ...CONFIG], { cwd: folder })
  assert.equal(down.code, 1)
  assert.match(down.stdout, /^Not sent by submission:\/\/localhost:\d+: .*ECONNREFUSED/)
})

test('where messages go into a file, that is said', (t) => {
  const folder = temporaryFolder(t)
  furnish(folder)
  const { code, stdout } = latchkey(['mail', 'test', 'bob@example.com', ...CONFIG], { cwd: folder })
  assert.equal(code, 0)
  assert.match(stdout, /^Written into .*notifications\.txt\. Nothing is sent/)
})

test('INJ-05 what is no one plain address is used wrongly', (t) => {
  const folder = temporaryFolder(t)
  furnish(folder)
  for (const address of [
    'bob',
    'a@example.com, b@example.com',
    'Bob <bob@example.com>',
    'a@example.com\nBcc: b@example.com',
  ]) {
    const { code, stderr } = latchkey(['mail', 'test', address, ...CONFIG], { cwd: folder })
    assert.equal(code, 2, address)
    assert.match(stderr, /no address that mail can be sent to/)
  }
  assert.equal(latchkey(['mail', 'test', ...CONFIG], { cwd: folder }).code, 2)
  assert.equal(latchkey(['mail', 'test', 'bob@example.com', '--config', 'none.yml'], { cwd: folder }).code, 3)
})
