import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, beforeEach, describe, test } from 'node:test'
import { editFile } from '../../src/base/edit-file.ts'

let root = ''
let folder = ''
let file = ''
let count = 0
before(() => {
  root = mkdtempSync(join(tmpdir(), 'latchkey-edit-'))
})
after(() => rmSync(root, { recursive: true, force: true }))
beforeEach(() => {
  folder = join(root, String(count++))
  mkdirSync(folder)
  file = join(folder, 'users.yml')
})

const text = (): string => readFileSync(file, 'utf8')
const append = (line: string) => (content: Buffer | undefined) => Buffer.from(`${content ?? ''}${line}\n`)
/** Runs `code` in a process of its own, with editFile and its file at hand. */
function other(code: string) {
  const head = `import { editFile } from ${JSON.stringify(join(import.meta.dirname, '../../src/base/edit-file.ts'))}; const file = ${JSON.stringify(file)};`
  return spawn(process.execPath, ['--input-type=module', '-e', head + code], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_NO_WARNINGS: '1' },
  })
}

describe('one editor', () => {
  test('a file keeps its mode, a new one is its owner’s only', () => {
    writeFileSync(file, 'a\n')
    chmodSync(file, 0o640)
    assert.equal(editFile(file, append('b')), true)
    assert.equal(text(), 'a\nb\n')
    assert.equal(statSync(file).mode & 0o777, 0o640)
    const fresh = join(folder, 'new.yml')
    editFile(fresh, append('x'))
    assert.equal(statSync(fresh).mode & 0o777, 0o600)
  })

  test('root gives the file back to whose it was', { skip: process.getuid?.() !== 0 }, () => {
    writeFileSync(file, 'a\n')
    chownSync(file, 1234, 2345)
    editFile(file, append('b'))
    const { uid, gid } = statSync(file)
    assert.deepEqual({ uid, gid }, { uid: 1234, gid: 2345 })
  })

  test('a link in place of the lock is not followed: root would give whatever it points to to the owner of the folder', () => {
    writeFileSync(file, 'a\n')
    const elsewhere = join(mkdtempSync(join(root, 'elsewhere-')), 'shadow')
    symlinkSync(elsewhere, join(folder, '.users.yml.lock'))
    assert.throws(() => editFile(file, append('b')), { code: 'file-unwritable' })
    assert.equal(existsSync(elsewhere), false)
    writeFileSync(elsewhere, 'secret')
    if (process.getuid?.() === 0) chownSync(folder, 1234, 2345)
    const { uid } = statSync(elsewhere)
    assert.throws(() => editFile(file, append('b')), { code: 'file-unwritable' })
    assert.equal(statSync(elsewhere).uid, uid)
    assert.equal(text(), 'a\n')
  })

  test('no change, no write', () => {
    writeFileSync(file, 'a\n')
    const { ino } = statSync(file)
    assert.equal(
      editFile(file, () => undefined),
      false,
    )
    assert.equal(
      editFile(file, (content) => content),
      false,
    )
    assert.equal(statSync(file).ino, ino)
  })

  test('a symbolic link stays and its target is replaced, also when the target isn’t there yet', () => {
    const target = join(folder, 'real.yml')
    symlinkSync('real.yml', file)
    editFile(file, append('a'))
    editFile(file, append('b'))
    assert.ok(lstatSync(file).isSymbolicLink())
    assert.equal(readFileSync(target, 'utf8'), 'a\nb\n')
  })

  test('what the edit throws leaves everything as it is', () => {
    writeFileSync(file, 'a\n')
    const edit = (): Buffer => {
      throw new RangeError('no')
    }
    assert.throws(() => editFile(file, edit), RangeError)
    assert.equal(text(), 'a\n')
    assert.deepEqual(readdirSync(folder).sort(), ['.users.yml.lock', 'users.yml'])
  })

  test('a folder that isn’t there, and a folder in the file’s place', () => {
    assert.throws(() => editFile(join(folder, 'no', 'users.yml'), append('a')), { code: 'file-unwritable' })
    mkdirSync(file)
    assert.throws(() => editFile(file, append('a')), { code: 'file-unreadable', message: /is a folder/ })
  })

  test('what is no file is never replaced, not by root either', async () => {
    const pipe = join(folder, 'pipe')
    spawnSync('mkfifo', [pipe])
    assert.throws(() => editFile(pipe, append('a')), { code: 'file-unreadable', message: /is no file/ })
    assert.ok(lstatSync(pipe).isFIFO())
  })
})

describe('beside somebody else', () => {
  test('an edit is made anew on what somebody wrote meanwhile', () => {
    writeFileSync(file, 'a\n')
    let times = 0
    const beforeReplacing = (): void => {
      if (times++ === 0) writeFileSync(file, 'a\ntheirs\n')
    }
    assert.equal(editFile(file, append('mine'), { beforeReplacing }), true)
    assert.equal(text(), 'a\ntheirs\nmine\n')
  })

  test('a file that never rests is left to them', () => {
    writeFileSync(file, '0\n')
    let times = 0
    const beforeReplacing = (): void => writeFileSync(file, `theirs ${times++}\n`)
    assert.throws(() => editFile(file, append('mine'), { beforeReplacing }), { code: 'file-changed' })
    assert.match(text(), /^theirs \d\n$/)
    assert.deepEqual(readdirSync(folder).sort(), ['.users.yml.lock', 'users.yml'])
  })

  test('a file that is removed meanwhile is not brought back as it was', () => {
    writeFileSync(file, 'a\n')
    const beforeReplacing = (): void => rmSync(file, { force: true })
    editFile(file, append('mine'), { beforeReplacing })
    assert.equal(text(), 'mine\n')
  })

  test('four processes edit at once and no line is lost', async () => {
    writeFileSync(file, '')
    const editors = [0, 1, 2, 3].map((id) =>
      other(`for (let i = 0; i < 25; i++) editFile(file, (c) => Buffer.from(c + '${id}:' + i + '\\n'))`),
    )
    for (const [code] of await Promise.all(editors.map((child) => once(child, 'exit')))) assert.equal(code, 0)
    const lines = text().trimEnd().split('\n')
    assert.equal(new Set(lines).size, 100)
    assert.equal(lines.length, 100)
  })

  test('whoever waits too long is told so', async () => {
    writeFileSync(file, 'a\n')
    const holder = other(
      `import { readSync } from 'node:fs'; editFile(file, () => { console.log('held'); Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 60000) })`,
    )
    await once(holder.stdout, 'data')
    assert.throws(() => editFile(file, append('b'), { patience: 50 }), { code: 'file-busy' })
    holder.kill('SIGKILL')
    await once(holder, 'exit')
    assert.equal(editFile(file, append('b'), { patience: 50 }), true, 'the lock ends with its process')
  })
})

test('kill -9 at any moment: the file is the old or the new one, and nothing is left behind for long', async () => {
  const body = `${'x'.repeat(200_000)}\n`
  writeFileSync(file, `0 ${body}`)
  chmodSync(file, 0o640)
  let last = 0
  for (let round = 0; round < 20; round++) {
    const child = other(
      `let i = ${last}; for (;;) { i++; editFile(file, () => Buffer.from(i + ' ' + 'x'.repeat(200000) + '\\n')); console.log(i) }`,
    )
    await once(child.stdout, 'data')
    // From the first edit on, some moment within another one.
    for (let i = 0; i < round * 50; i++) existsSync(file)
    child.kill('SIGKILL')
    await once(child, 'exit')
    const [, number = '', rest] = /^(\d+) (x+\n)$/.exec(text()) ?? []
    assert.equal(rest, body)
    assert.ok(Number(number) > last)
    last = Number(number)
    assert.equal(statSync(file).mode & 0o777, 0o640)
  }
  editFile(file, append('end'))
  assert.deepEqual(readdirSync(folder).sort(), ['.users.yml.lock', 'users.yml'])
})
