// Everything that a file may have become, by malice or by a slip of the hand, while a server runs on it: it goes on with the last good one, answers
// at once, says why, and takes up what is mended.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, renameSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { callServer } from '../../src/cli/server/admin-client.ts'
import type { ReloadOutcome } from '../../src/server/reload.ts'
import { type Program, start } from '../server/program.ts'
import { temporaryFolder } from '../storage/temporary-folder.ts'

/** Milliseconds that anything of this may take on a busy machine. */
const AT_ONCE = 8000

/** Makes what shall lie at the path. */
type Make = (path: string) => void
const text =
  (content: string | Uint8Array): Make =>
  (path) =>
    writeFileSync(path, content)
const fifo: Make = (path) => void assert.equal(spawnSync('mkfifo', [path]).status, 0)
const deep = (bracket: string): string => bracket.repeat(100_000)
const bomb = `a0: &a0 [x, x, x, x, x, x, x, x, x]\n${Array.from({ length: 9 }, (_, i) => `a${i + 1}: &a${i + 1} [${`*a${i}, `.repeat(9)}]\n`).join('')}`

const STRANGE: readonly (readonly [what: string, make: Make, said: RegExp])[] = [
  ['a pipe that nobody writes to', fifo, /pipe/],
  ['a link to a device that never ends', (path) => symlinkSync('/dev/zero', path), /device/],
  // An empty folder is an empty configuration.
  ['a folder', (path) => void mkdirSync(path), /directory|needs a source of users/],
  ['a link to itself', (path) => symlinkSync(path, path), /symbolic links/],
  ['a link to nothing', (path) => symlinkSync('/nowhere/at/all', path), /exist/],
  [
    'a gigabyte of nothing',
    (path) => {
      writeFileSync(path, '')
      truncateSync(path, 1024 ** 3)
    },
    /larger than 64 MiB/,
  ],
  ['a thousand million nodes by aliases', text(bomb), /Aliases multiply/],
  ['a hundred thousand lists, each in the next', text(`users: ${deep('[')}`), /YAML|deep/],
  ['a hundred thousand maps, each in the next', text(`users: ${deep('{a: ')}`), /YAML|deep/],
  ['one line of ten megabytes', text(`users: "${'x'.repeat(10_000_000)}`), /YAML/],
  ['ten megabytes of opening quotes and colons', text(`${'\'": '.repeat(2_500_000)}\n`), /YAML/],
  ['bytes that are no text', text(Buffer.from([0xc3, 0x28, 0x0a])), /UTF-8/],
  ['text with a NUL in it', text('users: {a\0b: 1}\n'), /control character/],
  ['half a letter of UTF-16', text(Buffer.from([0xff, 0xfe, 0x41])), /UTF-16/],
]

async function reload(program: Program): Promise<ReloadOutcome> {
  const before = performance.now()
  const answer = await callServer(join(program.folder, 'db.sqlite3'), 'reload', undefined)
  assert.ok(performance.now() - before < AT_ONCE, 'it was held up')
  assert.equal(answer.kind, 'answered')
  return answer.kind === 'answered' ? (answer.value as ReloadOutcome) : assert.fail()
}

async function strangeStory(t: TestContext, name: string): Promise<void> {
  const program = await start(t)
  const path = join(program.folder, name)
  const cookie = await program.signIn('alice')
  const good = program.read(name)
  for (const [what, make, said] of STRANGE) {
    rmSync(path, { recursive: true })
    make(path)
    const outcome = await reload(program)
    assert.equal(outcome.kind, 'refused', what)
    const [problem] = outcome.problems
    assert.notEqual(problem?.code, 'bug', `${what}: ${problem?.message}`)
    assert.match(problem?.message ?? '', said, what)
    assert.ok((problem?.message.length ?? 0) < 500, `${what}: ${problem?.message.slice(0, 100)}`)
    const answer = await program.gate('app.example.com', { Cookie: cookie })
    assert.deepEqual([answer.status, answer.headers['remote-user']], [200, 'alice'], what)
  }
  rmSync(path, { recursive: true })
  writeFileSync(path, good)
  assert.equal((await reload(program)).kind, 'applied')
  assert.equal(await program.stop(), 0)
}

test('the users file becomes something strange', (t) => strangeStory(t, 'users.yml'))
test('the configuration becomes something strange', (t) => strangeStory(t, 'configuration.yml'))

test('a users file with a byte order mark, or in UTF-16, is a users file', async (t) => {
  const program = await start(t)
  const good = program.read('users.yml')
  for (const bytes of [
    `\ufeff${good}`,
    Buffer.from(`\ufeff${good}`, 'utf16le'),
    Buffer.from(`\ufeff${good}`, 'utf16le').swap16(),
  ]) {
    writeFileSync(join(program.folder, 'users.yml'), bytes)
    assert.equal((await reload(program)).kind, 'applied')
    await program.signIn('bob')
  }
})

test('a pipe in the place of a secret, of cases for the rules, of a logo: refused, named, and mended', async (t) => {
  const folder = temporaryFolder(t)
  mkdirSync(join(folder, 'assets'))
  const secret = join(folder, 'session-secret')
  writeFileSync(secret, 'a-session-secret-that-nobody-may-see\n')
  const program = await start(t, {
    folder,
    changes: { session: { secret: undefined }, server: { asset_path: join(folder, 'assets') } },
    env: { LATCHKEY_SESSION_SECRET_FILE: secret },
  })
  const strange: readonly (readonly [string, RegExp])[] = [
    [secret, /session-secret .*pipe/],
    [join(folder, 'rules.test.yml'), /rules\.test\.yml can't be read: it is a pipe/],
    [join(folder, 'assets/logo.png'), /logo\.png can't be read/],
  ]
  for (const [path, said] of strange) {
    const aside = `${path}.good`
    const existed = path === secret
    if (existed) renameSync(path, aside)
    fifo(path)
    const outcome = await reload(program)
    // A pipe is no file of cases to be found; when it was found before it became one, it is refused.
    if (path.endsWith('.test.yml')) assert.equal(outcome.kind, 'applied', path)
    else {
      assert.equal(outcome.kind, 'refused', path)
      assert.match(outcome.problems[0]?.message ?? '', said)
      assert.notEqual(outcome.problems[0]?.code, 'bug')
    }
    rmSync(path)
    if (existed) renameSync(aside, path)
    assert.equal((await reload(program)).kind, 'applied')
  }
})
