import assert from 'node:assert/strict'
import { EventEmitter, once } from 'node:events'
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { openLog } from '../../src/base/log.ts'
import { type Fingerprint, takeFingerprint } from '../../src/server/fingerprint.ts'
import type { Inputs } from '../../src/server/inputs.ts'
import { chokidarNotices, type InputsWatch, type Notices, watchInputs } from '../../src/server/watch-inputs.ts'

/** What the watch has told, in order, as text of the files it is about. */
let seen: string[] = []
let folder = ''
let inputs: Inputs
let watching: InputsWatch | undefined
const told = new EventEmitter()
const next = async (): Promise<string> =>
  String((await once(told, 'change', { signal: AbortSignal.timeout(10_000) }))[0])

const at = (name: string): string => join(folder, name)
const files = (...names: string[]): Inputs => ({
  files: names.map((name) => ({ path: at(name), role: 'configuration', isWatched: true })),
  folders: [],
})
const textOf = (path: string): string => {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    return String((error as NodeJS.ErrnoException).code)
  }
}

/** Watches; what is there now is in use, unless `taken` says something else. Each change is taken over. */
async function follow(what: Inputs, taken: Fingerprint = takeFingerprint(what), notices?: Notices): Promise<void> {
  inputs = what
  const { logger } = openLog({ level: 'silent', format: 'json' })
  watching = watchInputs({
    log: logger,
    onChange: (atRest) => {
      const text = inputs.files.map(({ path }) => textOf(path)).join('|')
      seen.push(text)
      void watching?.follow(inputs, atRest, /ENO/.test(text))
      told.emit('change', text)
    },
    ...(notices && { notices }),
  })
  await watching.follow(what, taken, false)
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-watch-'))
  seen = []
})
afterEach(async () => {
  await watching?.close()
  rmSync(folder, { recursive: true, force: true })
})

test('a file that is cut off to be written anew is waited for longer, also at the end of a line; one that is replaced is not', async () => {
  const whole = 'users:\n  eve:\n    password: x\n    disabled: true\n# end\n'
  writeFileSync(at('a.yml'), whole)
  await follow(files('a.yml'))
  // As `cp` does it, stalled before the line that forbids.
  writeFileSync(at('a.yml'), whole.split('    disabled')[0] ?? '')
  await sleep(1800)
  assert.deepEqual(seen, [])
  writeFileSync(at('a.yml'), whole)
  await sleep(1200)
  assert.deepEqual(seen, [], 'what was there is there again')
  // Shorter in the end: it counts, later.
  writeFileSync(at('a.yml'), 'users: {}\n')
  assert.equal(await next(), 'users: {}\n')

  const before = performance.now()
  writeFileSync(at('new'), 'u\n')
  renameSync(at('new'), at('a.yml'))
  assert.equal(await next(), 'u\n')
  assert.ok(performance.now() - before < 2500, 'a file that is put in its place is whole')
})

test('a saved file is told once; saved again without a change it is not told', async () => {
  writeFileSync(at('a.yml'), 'one\n')
  await follow(files('a.yml'))
  writeFileSync(at('a.yml'), 'two\n')
  assert.equal(await next(), 'two\n')
  writeFileSync(at('a.yml'), 'two\n')
  // Longer than a change takes to be told; there is nothing to wait for.
  await sleep(1200)
  assert.deepEqual(seen, ['two\n'])
})

test('several files that change together are told as one', async () => {
  for (const name of ['a.yml', 'b.yml', 'c.yml']) writeFileSync(at(name), 'one\n')
  await follow(files('a.yml', 'b.yml', 'c.yml'))
  for (const name of ['a.yml', 'b.yml', 'c.yml']) {
    writeFileSync(at(name), 'two\n')
    await sleep(150)
  }
  assert.equal(await next(), 'two\n|two\n|two\n')
  assert.equal(seen.length, 1)
})

test('a file written in slow pieces is told when it is whole', async () => {
  writeFileSync(at('a.yml'), 'one\n')
  await follow(files('a.yml'))
  writeFileSync(at('a.yml'), '')
  for (const piece of ['us', 'ers', ':\n', '  a: 1', '\n']) {
    await sleep(200)
    appendFileSync(at('a.yml'), piece)
  }
  assert.equal(await next(), 'users:\n  a: 1\n')
  assert.deepEqual(seen, ['users:\n  a: 1\n'])
})

test('a file that ends in the middle of a line is given twice the time', async () => {
  writeFileSync(at('a.yml'), 'one\n')
  await follow(files('a.yml'))
  writeFileSync(at('a.yml'), 'half a li')
  await sleep(800)
  assert.deepEqual(seen, [])
  appendFileSync(at('a.yml'), 'ne\n')
  assert.equal(await next(), 'half a line\n')
})

test('a file that is written to and fro is not at rest, though it reads the same each time one looks', async () => {
  writeFileSync(at('a.yml'), 'one\n')
  await follow(files('a.yml'))
  // Half of all looks find it as it was half a second before.
  const end = Date.now() + 3000
  for (let i = 0; Date.now() < end; i++) {
    writeFileSync(at('a.yml'), i % 2 === 0 ? 'two\n' : 'three\n')
    await sleep(20)
  }
  writeFileSync(at('a.yml'), 'four\n')
  assert.equal(await next(), 'four\n')
  assert.deepEqual(seen, ['four\n'])
})

test('a file that is touched all the time is told all the same', async () => {
  writeFileSync(at('a.yml'), 'one\n')
  await follow(files('a.yml'))
  const touching = setInterval(() => utimesSync(at('a.yml'), new Date(), new Date()), 100)
  try {
    writeFileSync(at('a.yml'), 'two\n')
    const [text] = await once(told, 'change', { signal: AbortSignal.timeout(30_000) })
    assert.equal(text, 'two\n')
  } finally {
    clearInterval(touching)
  }
})

test('an editor that renames a new file over the old one is seen, twice in a row too', async () => {
  writeFileSync(at('a.yml'), 'one\n')
  await follow(files('a.yml'))
  for (const content of ['two\n', 'three\n']) {
    writeFileSync(at('.new'), content)
    renameSync(at('.new'), at('a.yml'))
    assert.equal(await next(), content)
  }
})

test('an emptied file is told as empty, a deleted one as gone, and what comes back is told', async () => {
  writeFileSync(at('a.yml'), 'one\n')
  await follow(files('a.yml'))
  truncateSync(at('a.yml'))
  assert.equal(await next(), '')
  unlinkSync(at('a.yml'))
  assert.equal(await next(), 'ENOENT')
  writeFileSync(at('a.yml'), 'back\n')
  assert.equal(await next(), 'back\n')
  assert.deepEqual(seen, ['', 'ENOENT', 'back\n'])
})

test('a whole folder that goes and comes back is seen', async () => {
  mkdirSync(at('sub'))
  writeFileSync(at('sub/a.yml'), 'one\n')
  await follow(files('sub/a.yml'))
  rmSync(at('sub'), { recursive: true })
  assert.equal(await next(), 'ENOENT')
  mkdirSync(at('sub'))
  writeFileSync(at('sub/a.yml'), 'two\n')
  assert.equal(await next(), 'two\n')
})

test('of a folder the files of its kind count, new and deleted ones too; others do not', async () => {
  mkdirSync(at('conf.d'))
  writeFileSync(at('conf.d/a.yml'), 'one\n')
  await follow({ files: [], folders: [{ path: at('conf.d'), role: 'configuration', names: /\.yml$/ }] })
  writeFileSync(at('conf.d/b.yml'), 'two\n')
  await next()
  unlinkSync(at('conf.d/b.yml'))
  await next()
  writeFileSync(at('conf.d/notes.txt'), 'nothing\n')
  await sleep(1200)
  assert.equal(seen.length, 2)
})

test('what changed before the watch stood is found when it does', async () => {
  writeFileSync(at('a.yml'), 'one\n')
  const taken = takeFingerprint(files('a.yml'))
  writeFileSync(at('a.yml'), 'two\n')
  await follow(files('a.yml'), taken)
  assert.equal(await next(), 'two\n')
})

test('the symbolic links that Kubernetes swaps are followed', async () => {
  for (const [version, text] of Object.entries({ v1: 'one\n', v2: 'two\n' })) {
    mkdirSync(at(version))
    writeFileSync(at(`${version}/a.yml`), text)
  }
  symlinkSync('v1', at('..data'))
  symlinkSync(join('..data', 'a.yml'), at('a.yml'))
  await follow(files('a.yml'))
  symlinkSync('v2', at('..data_tmp'))
  renameSync(at('..data_tmp'), at('..data'))
  assert.equal(await next(), 'two\n')
})

test('a link to a file elsewhere: the file is watched where it is, as certbot renews', async () => {
  mkdirSync(at('archive'))
  mkdirSync(at('live'))
  writeFileSync(at('archive/a.yml'), 'one\n')
  symlinkSync(join('..', 'archive', 'a.yml'), at('live/a.yml'))
  await follow(files('live/a.yml'))
  writeFileSync(at('archive/new'), 'two\n')
  renameSync(at('archive/new'), at('archive/a.yml'))
  assert.equal(await next(), 'two\n')
})

test('what is written beside the files, as logs and databases are, is no reason to look at all of them', async () => {
  writeFileSync(at('a.yml'), 'one\n')
  mkdirSync(at('templates'))
  const templates = { path: at('templates'), role: 'template', names: /\.txt$/ } as const
  const asked: unknown[] = []
  let notices = 0
  await follow({ ...files('a.yml'), folders: [templates] }, undefined, (paths, concerns, onNotice, onTrouble) => {
    const spy = (name: string, watched: string): boolean => {
      const answer = concerns(name, watched)
      asked.push([name, watched === templates.path ? 'templates' : 'other', answer])
      return answer
    }
    const count = (): void => {
      notices++
      onNotice()
    }
    return chokidarNotices(paths, spy, count, onTrouble)
  })
  writeFileSync(at('log.txt'), 'a line\n')
  while (asked.length === 0) await sleep(10)
  assert.deepEqual(asked[0], ['log.txt', 'other', false])
  assert.equal(notices, 0)
  writeFileSync(at('templates/mail.txt'), 'one\n')
  await next()
  assert.ok(notices > 0)
})

test('where no notice comes, because there can be none, changes are looked for, and the log says so', async () => {
  writeFileSync(at('a.yml'), 'one\n')
  const noNotices: Notices = (_paths, _concerns, _onNotice, onTrouble) => {
    onTrouble(new Error('ENOSPC: System limit for number of file watchers reached'))
    return { ready: Promise.resolve(), close: async () => {} }
  }
  await follow(files('a.yml'), undefined, noNotices)
  assert.equal(watching?.way, 'looking')
  writeFileSync(at('a.yml'), 'two\n')
  assert.equal(await next(), 'two\n')
})

test('notices that fail later turn to looking as well', async () => {
  writeFileSync(at('a.yml'), 'one\n')
  let fail: (error: unknown) => void = () => {}
  await follow(files('a.yml'), undefined, (paths, concerns, _onNotice, onTrouble) => {
    fail = onTrouble
    return chokidarNotices(paths, concerns, () => {}, onTrouble)
  })
  assert.equal(watching?.way, 'notices')
  fail(new Error('EMFILE'))
  assert.equal(watching?.way, 'looking')
  writeFileSync(at('a.yml'), 'two\n')
  assert.equal(await next(), 'two\n')
})

test('nothing is told after the end', async () => {
  writeFileSync(at('a.yml'), 'one\n')
  await follow(files('a.yml'))
  writeFileSync(at('a.yml'), 'two\n')
  await watching?.close()
  await sleep(700)
  assert.deepEqual(seen, [])
})
