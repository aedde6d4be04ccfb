import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { type FileToWrite, type WriteFolder, writeFolder } from '../../src/setup/write-folder.ts'
import { mountedFolder } from '../storage/mounted-folder.ts'
import { temporaryFolder } from '../storage/temporary-folder.ts'

const FILES: readonly FileToWrite[] = [
  { path: 'open.txt', text: 'open', mode: 0o644 },
  { path: 'sub/key', text: 'new key', mode: 0o600, keep: true },
  { path: 'sub/main.yml', text: 'new', mode: 0o600 },
]
const request = (folder: string, changes: Partial<WriteFolder> = {}): WriteFolder => ({
  folder,
  files: FILES,
  folders: { sub: 0o700, empty: 0o755 },
  force: false,
  judge: () => {},
  ...changes,
})
const modeOf = (path: string): number => statSync(path).mode & 0o777

function place(t: TestContext): { parent: string; folder: string } {
  const parent = temporaryFolder(t)
  return { parent, folder: join(parent, 'made') }
}

/** A folder with a `sub/main.yml` and a `sub/key` in it. */
function furnished(t: TestContext): { parent: string; folder: string } {
  const { parent, folder } = place(t)
  mkdirSync(join(folder, 'sub'), { recursive: true })
  writeFileSync(join(folder, 'sub/main.yml'), 'old', { mode: 0o640 })
  writeFileSync(join(folder, 'sub/key'), 'old key', { mode: 0o600 })
  return { parent, folder }
}

describe('a new folder', () => {
  test('holds every file with its mode, also under a narrow umask, and nothing is left beside it', (t) => {
    const { parent, folder } = place(t)
    const umask = process.umask(0o077)
    t.after(() => process.umask(umask))
    const { written } = writeFolder(request(folder))
    assert.deepEqual(written, ['open.txt', 'sub/key', 'sub/main.yml'])
    assert.deepEqual(readdirSync(parent), ['made'])
    assert.equal(modeOf(folder), 0o755)
    assert.equal(modeOf(join(folder, 'open.txt')), 0o644)
    assert.equal(modeOf(join(folder, 'sub')), 0o700)
    assert.equal(modeOf(join(folder, 'sub/main.yml')), 0o600)
    assert.equal(modeOf(join(folder, 'empty')), 0o755)
  })

  test('lets nobody else write under a wide umask, however deep, nor above it', (t) => {
    const { parent, folder } = place(t)
    const umask = process.umask(0)
    t.after(() => process.umask(umask))
    const files = [...FILES, { path: 'sub2/deep/er/file', text: 'x', mode: 0o644 }]
    for (const where of [join(folder, 'deep/er'), join(parent, 'deep')]) {
      writeFolder(request(where, { files }))
      for (const name of readdirSync(parent, { recursive: true, encoding: 'utf8' }))
        assert.equal(modeOf(join(parent, name)) & 0o022, 0, name)
      assert.equal(modeOf(join(where, 'sub2/deep')), 0o755)
    }
    // Into a folder that is there as well
    mkdirSync(join(parent, 'there'), { mode: 0o755 })
    writeFolder(request(join(parent, 'there'), { files }))
    assert.equal(modeOf(join(parent, 'there/sub2/deep/er')), 0o755)
  })

  test('is made with the folders above it', (t) => {
    const { folder } = place(t)
    writeFolder(request(join(folder, 'deep/er')))
    assert.ok(existsSync(join(folder, 'deep/er/sub/main.yml')))
  })

  test('is not there when the judge says no', (t) => {
    const { parent, folder } = place(t)
    const judge = (aside: string): void => {
      assert.equal(readFileSync(join(aside, 'sub/main.yml'), 'utf8'), 'new')
      throw new Error('no')
    }
    assert.throws(() => writeFolder(request(folder, { judge })), /^Error: no$/)
    assert.deepEqual(readdirSync(parent), [])
  })

  test('is not there when the process is killed in the middle', (t) => {
    const { folder } = place(t)
    const script = `
      import { writeFolder } from ${JSON.stringify(join(import.meta.dirname, '../../src/setup/write-folder.ts'))}
      writeFolder({ folder: ${JSON.stringify(folder)}, files: ${JSON.stringify(FILES)}, folders: { sub: 0o700 }, force: false,
        judge: () => process.kill(process.pid, 'SIGKILL') })`
    const { signal } = spawnSync(process.execPath, ['--input-type=module', '-e', script])
    assert.equal(signal, 'SIGKILL')
    assert.ok(!existsSync(folder))
    writeFolder(request(folder))
    assert.equal(readFileSync(join(folder, 'sub/main.yml'), 'utf8'), 'new')
  })
})

describe('a folder that is there', () => {
  test('takes files beside what it holds', (t) => {
    const { folder } = place(t)
    mkdirSync(folder)
    writeFileSync(join(folder, 'mine.txt'), 'mine')
    writeFolder(request(folder))
    assert.deepEqual(readdirSync(folder).sort(), ['empty', 'mine.txt', 'open.txt', 'sub'])
    assert.equal(modeOf(join(folder, 'sub')), 0o700)
  })

  test('loses nothing: what would be written over is named, and all stays as it was', (t) => {
    const { folder } = furnished(t)
    assert.throws(() => writeFolder(request(folder)), {
      code: 'file-exists',
      message: `In ${folder} there are already: sub/key, sub/main.yml. They are left as they are.`,
    })
    assert.deepEqual(readdirSync(folder), ['sub'])
    assert.equal(readFileSync(join(folder, 'sub/main.yml'), 'utf8'), 'old')
  })

  test('with force: what is replaced is kept beside, what is to stay stays, what is the same is not replaced', (t) => {
    const { folder } = furnished(t)
    writeFileSync(join(folder, 'open.txt'), 'open')
    const result = writeFolder(request(folder, { force: true }))
    assert.deepEqual(result, {
      written: ['open.txt', 'sub/main.yml'],
      kept: ['sub/key'],
      replaced: ['sub/main.yml'],
    })
    assert.equal(readFileSync(join(folder, 'sub/main.yml'), 'utf8'), 'new')
    assert.equal(readFileSync(join(folder, 'sub/main.yml.old'), 'utf8'), 'old')
    assert.equal(modeOf(join(folder, 'sub/main.yml.old')), 0o640)
    assert.equal(readFileSync(join(folder, 'sub/key'), 'utf8'), 'old key')
    assert.deepEqual(readdirSync(folder).sort(), ['empty', 'open.txt', 'sub'])
  })

  test('with force: the judge sees what is kept, and when it says no all stays as it was', (t) => {
    const { folder } = furnished(t)
    const judge = (aside: string): void => {
      assert.equal(readFileSync(join(aside, 'sub/key'), 'utf8'), 'old key')
      throw new Error('no')
    }
    assert.throws(() => writeFolder(request(folder, { force: true, judge })), /no/)
    assert.equal(readFileSync(join(folder, 'sub/main.yml'), 'utf8'), 'old')
    assert.deepEqual(readdirSync(folder), ['sub'])
  })
})

describe('a place that can not be written', () => {
  test('a file, and a link to nowhere', (t) => {
    const { parent } = place(t)
    writeFileSync(join(parent, 'file'), '')
    assert.throws(() => writeFolder(request(join(parent, 'file'))), { code: 'folder-unusable' })
    symlinkSync('nowhere', join(parent, 'link'))
    assert.throws(() => writeFolder(request(join(parent, 'link'))), { code: 'folder-unusable' })
  })

  test('a pipe or a folder in the place of a file, also with force', (t) => {
    const { folder } = place(t)
    mkdirSync(join(folder, 'sub'), { recursive: true })
    assert.equal(spawnSync('mkfifo', [join(folder, 'sub/main.yml')]).status, 0)
    for (const force of [false, true])
      assert.throws(() => writeFolder(request(folder, { force })), {
        code: 'folder-unusable',
        message: /main\.yml is no file/,
      })
    assert.deepEqual(readdirSync(folder), ['sub'])
  })

  test('a place below a file', (t) => {
    const { parent } = place(t)
    writeFileSync(join(parent, 'file'), '')
    assert.throws(() => writeFolder(request(join(parent, 'file/below'))), { code: 'file-unwritable' })
  })

  test('another user’s folder, when it is the administrator who writes', {
    skip: process.getuid?.() !== 0 && 'needs root, to be somebody else',
  }, (t) => {
    const { folder } = place(t)
    mkdirSync(folder)
    chownSync(folder, 65_534, 65_534)
    assert.throws(() => writeFolder(request(folder)), { code: 'folder-foreign' })
    assert.deepEqual(readdirSync(folder), [])
  })

  test('a folder with another disk in it: nothing of all is moved', (t) => {
    const disk = mountedFolder(t, 'size=1m')
    if (disk === undefined) return t.skip('nothing can be mounted here')
    const { folder } = place(t)
    mkdirSync(folder)
    symlinkSync(disk, join(folder, 'sub'))
    assert.throws(() => writeFolder(request(folder)), { code: 'folder-unusable', message: /sub lies on another/ })
    assert.deepEqual(readdirSync(folder), ['sub'])
    assert.deepEqual(readdirSync(disk), [])
  })

  test('a full disk: what was there is there, and nothing else', (t) => {
    const disk = mountedFolder(t, 'size=64k')
    if (disk === undefined) return t.skip('nothing can be mounted here')
    const files = [...FILES, { path: 'big', text: 'x'.repeat(100_000), mode: 0o644 }]
    assert.throws(() => writeFolder(request(join(disk, 'made'), { files })), { code: 'file-unwritable' })
    assert.deepEqual(readdirSync(disk), [])
    mkdirSync(join(disk, 'sub'))
    writeFileSync(join(disk, 'sub/main.yml'), 'old')
    assert.throws(() => writeFolder(request(disk, { files, force: true })), { code: 'file-unwritable' })
    assert.deepEqual(readdirSync(disk, { recursive: true }).sort(), ['sub', 'sub/main.yml'])
    assert.equal(readFileSync(join(disk, 'sub/main.yml'), 'utf8'), 'old')
  })

  test('a folder that is read-only', {
    skip: process.getuid?.() === 0 && 'the administrator may write anywhere',
  }, (t) => {
    const { parent, folder } = place(t)
    chmodSync(parent, 0o500)
    t.after(() => chmodSync(parent, 0o700))
    assert.throws(() => writeFolder(request(folder)), { code: 'file-unwritable' })
  })
})
