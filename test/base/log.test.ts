import assert from 'node:assert/strict'
import { chmodSync, readFileSync, renameSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { type LogOptions, type OpenLog, openLog } from '../../src/base/log.ts'
import { temporaryFolder } from '../storage/temporary-folder.ts'

function openIn(t: TestContext, options: Partial<LogOptions> = {}): { path: string; log: OpenLog; lines(): string[] } {
  const path = join(temporaryFolder(t), 'log.txt')
  const log = openLog({ level: 'info', format: 'text', filePath: path, ...options })
  t.after(() => log.close())
  return { path, log, lines: () => readFileSync(path, 'utf8').split('\n').slice(0, -1) }
}

test('a file of its own is the owner’s only; one that exists keeps its mode and its lines', (t) => {
  const { path, log, lines } = openIn(t)
  log.logger.info({}, 'one')
  assert.equal(statSync(path).mode & 0o777, 0o600)
  chmodSync(path, 0o640)
  const second = openLog({ level: 'info', format: 'text', filePath: path })
  second.logger.info({}, 'two')
  second.close()
  assert.equal(statSync(path).mode & 0o777, 0o640)
  assert.equal(lines().length, 2)
})

test('what is below the level is not written', (t) => {
  const { log, lines } = openIn(t, { level: 'warn' })
  log.logger.info({}, 'quiet')
  log.logger.warn({}, 'loud')
  assert.equal(lines().length, 1)
  assert.deepEqual([log.logger.isLevelEnabled('info'), log.logger.isLevelEnabled('error')], [false, true])
})

test('no value, message or error forges a line, or moves a terminal', (t) => {
  for (const format of ['text', 'json'] as const) {
    const { log, lines } = openIn(t, { format })
    const forged = '2026-01-01T00:00:00.000Z ERROR forged'
    log.logger.info({ username: `a\n${forged}`, list: [`b\r\n${forged}`] }, `message\n${forged}`)
    log.logger.error({ err: new Error(`boom\n${forged}`) }, 'an error')
    assert.equal(lines().length, 2)
  }
  const { log, path } = openIn(t)
  log.logger.info({ name: '\u001b[2J\u009b2J\u2028\u202e\u0007' }, '\u001b[2J\u009b2J\u202e')
  const text = readFileSync(path, 'utf8')
  assert.doesNotMatch(text.slice(0, -1), /[\x00-\x1f\x7f-\x9f\u2028\u202e]/)
  assert.match(text, /\\u001b\[2J\\u009b2J\\u202e name="\\u001b/)
})

test('an error is written with message and stack, and its cause', (t) => {
  const { log, lines } = openIn(t, { format: 'json' })
  log.logger.error({ err: new Error('outer', { cause: new Error('inner') }) }, 'failed')
  const { err } = JSON.parse(lines()[0] ?? '')
  assert.match(err.message, /outer/)
  assert.match(err.stack, /log\.test\.ts:\d+/)
  assert.match(JSON.stringify(err), /inner/)
})

test('fields with the name of a secret are blotted out, two levels deep', (t) => {
  const { log, path } = openIn(t)
  log.logger.info({ password: 'S3CRET', body: { token: 'S3CRET' }, authorization: 'S3CRET' }, 'x')
  assert.doesNotMatch(readFileSync(path, 'utf8'), /S3CRET/)
})

test('after rotation the file is opened anew under its name, or under the one it would get now', (t) => {
  const { path, log, lines } = openIn(t)
  log.logger.info({}, 'old')
  renameSync(path, `${path}.1`)
  log.logger.info({}, 'old still')
  log.reopen()
  log.logger.info({}, 'new')
  assert.match(lines().join(), /new$/)
  assert.equal(readFileSync(`${path}.1`, 'utf8').split('\n').length, 3)
  log.reopen(`${path}.tuesday`)
  log.logger.info({}, 'later')
  assert.match(readFileSync(`${path}.tuesday`, 'utf8'), /later\n$/)
  assert.equal(statSync(`${path}.tuesday`).mode & 0o777, 0o600)
})

test('where it can’t be opened anew the old file is written on, and says so', (t) => {
  const { path, log } = openIn(t)
  log.logger.info({}, 'before')
  renameSync(path, `${path}.1`)
  log.reopen('/nonexistent/log.txt')
  log.logger.info({}, 'after')
  assert.match(readFileSync(`${path}.1`, 'utf8'), /before\n.*can't be opened anew.*\n.*after\n$/)
  // and a later rotation works again
  log.reopen()
  log.logger.info({}, 'mended')
  assert.match(readFileSync(path, 'utf8'), /mended\n$/)
})

test('what can’t be opened is a fault that names the key', () => {
  assert.throws(() => openLog({ level: 'info', format: 'text', filePath: '/nonexistent/log.txt' }), {
    name: 'Fault',
    code: 'log-file',
  })
})

test('a full disk ends nothing; what could not be written is written when there is room, as far as it was kept', (t) => {
  const { path, log, lines } = openIn(t, { filePath: '/dev/full' })
  for (let i = 0; i < 100; i++) log.logger.info({ i }, 'x'.repeat(100_000))
  log.reopen(path)
  log.logger.info({}, 'room')
  assert.ok(lines().length > 1 && lines().length < 20, `${lines().length} lines`)
})

test('other options while it runs: level, format and file; until they are used nothing changes', (t) => {
  const { log, path, lines } = openIn(t)
  const next = join(temporaryFolder(t), 'next.txt')
  const read = (): string => readFileSync(next, 'utf8')
  log.prepare({ level: 'debug', format: 'json', filePath: next }).discard()
  log.logger.debug({}, 'quiet')
  log.logger.info({}, 'one')
  assert.deepEqual([lines().length, read()], [1, ''])
  log.prepare({ level: 'debug', format: 'json', filePath: next }).use()
  log.logger.debug({}, 'two')
  assert.deepEqual([lines().length, JSON.parse(read()).msg], [1, 'two'])
  // The same file in another format goes on where it was.
  log.prepare({ level: 'info', format: 'text', filePath: next }).use()
  log.logger.info({}, 'three')
  assert.match(read(), /"two".*\n.* INFO {2}three\n$/)
  assert.throws(() => log.prepare({ level: 'info', format: 'text', filePath: join(path, 'x') }), { code: 'log-file' })
  log.logger.info({}, 'four')
  assert.match(read(), /four\n$/)
})
