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

/** Never, so that the notices of the file system are what is tested. */
const NEVER = 2 ** 31 - 1
let LOOK_EVERY = NEVER
let folder = ''
let watching: FileWatch | undefined
let seen: string[] = []
const events = new EventEmitter()
const next = async (): Promise<string> =>
  String((await once(events, 'content', { signal: AbortSignal.timeout(10_000) }))[0])

async function start(path: string, first: string): Promise<void> {
  const tell = (text: string): void => {
    seen.push(text)
    events.emit('content', text)
  }
  watching = watchFile({
    path,
    first: Buffer.from(first),
    onContent: (content) => tell(content.toString()),
    onLost: ({ code }) => tell(`lost: ${code}`),
    onTrouble: (error) => tell(`trouble: ${error}`),
    lookEvery: LOOK_EVERY,
  })
  await watching.ready
}
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-watch-'))
  seen = []
  LOOK_EVERY = NEVER
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

test('an emptied file is told as empty, a deleted one as lost, once; what comes back is told', async () => {
  const path = join(folder, 'users.yml')
  writeFileSync(path, 'one\n')
  await start(path, 'one\n')
  truncateSync(path)
  assert.equal(await next(), '')
  unlinkSync(path)
  assert.equal(await next(), 'lost: ENOENT')
  writeFileSync(path, 'back\n')
  assert.equal(await next(), 'back\n')
  assert.deepEqual(seen, ['', 'lost: ENOENT', 'back\n'])
})

test('what changed before the watch stood is found when it does', async () => {
  const path = join(folder, 'users.yml')
  writeFileSync(path, 'two\n')
  await start(path, 'one\n')
  assert.equal(await next(), 'two\n')
})

test('a change that nobody gives notice of is found by looking', async () => {
  mkdirSync(join(folder, 'far'))
  mkdirSync(join(folder, 'near'))
  writeFileSync(join(folder, 'far', 'one.yml'), 'one\n')
  writeFileSync(join(folder, 'far', 'two.yml'), 'two\n')
  symlinkSync(join('..', 'far', 'link.yml'), join(folder, 'near', 'users.yml'))
  symlinkSync('one.yml', join(folder, 'far', 'link.yml'))
  LOOK_EVERY = 100
  await start(join(folder, 'near', 'users.yml'), 'one\n')
  symlinkSync('two.yml', join(folder, 'far', 'new'))
  renameSync(join(folder, 'far', 'new'), join(folder, 'far', 'link.yml'))
  assert.equal(await next(), 'two\n')
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
