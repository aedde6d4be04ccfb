import assert from 'node:assert/strict'
import { EventEmitter, once } from 'node:events'
import {
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import { type FileWatch, watchFile } from '../../src/server/watch-file.ts'

let folder = ''
let watching: FileWatch | undefined
let seen: string[] = []
const events = new EventEmitter()
const next = async (): Promise<string> =>
  String((await once(events, 'content', { signal: AbortSignal.timeout(10_000) }))[0])

async function start(path: string, first: string): Promise<void> {
  watching = watchFile(path, Buffer.from(first), (content) => {
    seen.push(content.toString())
    events.emit('content', content.toString())
  })
  await watching.ready
}
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-watch-'))
  seen = []
})
afterEach(async () => {
  await watching?.close()
  rmSync(folder, { recursive: true, force: true })
})

test('a saved file is told once, with its new content', async () => {
  const path = join(folder, 'users.yml')
  writeFileSync(path, 'one\n')
  await start(path, 'one\n')
  writeFileSync(path, 'two\n')
  assert.equal(await next(), 'two\n')
})

test('a file written in slow pieces is told when it is whole', async () => {
  const path = join(folder, 'users.yml')
  writeFileSync(path, 'one\n')
  await start(path, 'one\n')
  const { appendFileSync } = await import('node:fs')
  writeFileSync(path, '')
  for (const piece of ['us', 'ers', ':\n', '  a: 1', '\n']) {
    await new Promise((done) => setTimeout(done, 200))
    appendFileSync(path, piece)
  }
  assert.equal(await next(), 'users:\n  a: 1\n')
  assert.deepEqual(seen, ['users:\n  a: 1\n'])
})

test('an editor that renames a new file over the old one is seen, twice in a row too', async () => {
  const path = join(folder, 'users.yml')
  writeFileSync(path, 'one\n')
  await start(path, 'one\n')
  for (const content of ['two\n', 'three\n']) {
    writeFileSync(join(folder, '.new'), content)
    renameSync(join(folder, '.new'), path)
    assert.equal(await next(), content)
  }
})

test('a deleted and an emptied file say nothing; the file that comes back does', async () => {
  const path = join(folder, 'users.yml')
  writeFileSync(path, 'one\n')
  await start(path, 'one\n')
  truncateSync(path)
  await new Promise((done) => setTimeout(done, 700))
  unlinkSync(path)
  await new Promise((done) => setTimeout(done, 700))
  assert.deepEqual(seen, [])
  writeFileSync(path, 'back\n')
  assert.equal(await next(), 'back\n')
})

test('the symbolic links that Kubernetes swaps are followed', async () => {
  mkdirSync(join(folder, 'v1'))
  mkdirSync(join(folder, 'v2'))
  writeFileSync(join(folder, 'v1', 'users.yml'), 'one\n')
  writeFileSync(join(folder, 'v2', 'users.yml'), 'two\n')
  symlinkSync('v1', join(folder, '..data'))
  symlinkSync(join('..data', 'users.yml'), join(folder, 'users.yml'))
  await start(join(folder, 'users.yml'), 'one\n')
  symlinkSync('v2', join(folder, '..data_tmp'))
  renameSync(join(folder, '..data_tmp'), join(folder, '..data'))
  assert.equal(await next(), 'two\n')
})
