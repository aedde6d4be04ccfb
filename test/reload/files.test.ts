// Stories about one file, the rules, and all that editors, copies and mistakes do to it.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { AT_FIRST, begin, chapters } from './story.ts'

const RULES = 'conf.d/rules.yml'
const CLOSED = { ...AT_FIRST, public: '403' }
const TWO_FACTORS = { ...AT_FIRST, alice: '302 auth.example.com', bob: '302 auth.example.com' }

test('good, broken YAML, a wrong word, good again: refused with its place, the last good one serves, healed', async (t) => {
  const files = chapters('broken-yaml')
  const story = await begin(t)
  story.write(RULES, files['1-good.yml'])
  await story.takesOver(CLOSED)
  story.write(RULES, files['2-broken.yml'])
  await story.refuses(/not valid YAML/, { file: RULES, line: 5 }, CLOSED)
  await story.isHealthy()
  story.write(RULES, files['3-wrong.yml'])
  await story.refuses(/must be bypass, one_factor, two_factor or deny/, { file: RULES, line: 5 }, CLOSED)
  story.write(RULES, files['4-good.yml'])
  await story.takesOver(TWO_FACTORS)
  await story.says(/^healed/)
  await story.end()
})

test('half-written in slow chunks: what is not whole is not read', async (t) => {
  const text = chapters('slow-chunks')['1-slow.yml'] ?? ''
  const story = await begin(t)
  // Each piece but the last would be a valid file: it ends after a rule.
  const pieces = text.split(/(?<=\n)(?= {4}- )/)
  assert.ok(pieces.length >= 4)
  const [head = '', ...rules] = pieces
  story.write(RULES, `${head}    - domain: '*.example.com'\n      policy: 'bypass'\n`)
  truncateSync(story.path(RULES))
  for (const piece of [head, ...rules].flatMap((whole) => [whole.slice(0, 20), whole.slice(20)])) {
    appendFileSync(story.path(RULES), piece)
    await sleep(250)
  }
  await story.takesOver(CLOSED)
  assert.equal((await story.status()).snapshot.number, 2)
  await story.end()
})

test('truncated to nothing', async (t) => {
  const files = chapters('truncated')
  const story = await begin(t)
  truncateSync(story.path('conf.d/configuration.yml'))
  await story.refuses(/is required/, undefined, AT_FIRST)
  story.write('conf.d/configuration.yml', chapters('.')['base.yml'])
  await story.takesOver(AT_FIRST)
  await story.says(/^healed/)
  truncateSync(story.path('users.yml'))
  await story.refuses(/users file is empty/, { file: story.path('users.yml'), line: 1 }, AT_FIRST)
  story.write('users.yml', chapters('.')['users.yml'])
  await story.takesOver(AT_FIRST)
  story.write(RULES, files['1-closed.yml'])
  await story.takesOver(CLOSED)
  await story.end()
})

test('deleted and back: the file, and then its whole folder', async (t) => {
  const files = chapters('deleted')
  const story = await begin(t)
  unlinkSync(story.path('users.yml'))
  await story.refuses(/users\.yml doesn't exist/, undefined, AT_FIRST)
  story.write('users.yml', chapters('.')['users.yml'])
  await story.takesOver(AT_FIRST)
  await story.says(/^healed/)
  rmSync(story.path('conf.d'), { recursive: true })
  await story.refuses(/conf\.d can't be read: it does not exist/, { file: 'conf.d' }, AT_FIRST)
  mkdirSync(story.path('conf.d'))
  story.write('conf.d/configuration.yml', chapters('.')['base.yml'])
  story.write(RULES, files['1-closed.yml'])
  await story.takesOver(CLOSED)
  await story.says(/^healed/)
  await story.end()
})

test('renamed over, as editors save; twice', async (t) => {
  const files = chapters('renamed')
  const story = await begin(t)
  story.write('conf.d/.rules.yml.swp', files['1-closed.yml'])
  renameSync(story.path('conf.d/.rules.yml.swp'), story.path(RULES))
  await story.takesOver(CLOSED)
  // vim: the old one is moved away, the new one written under its name, the old one deleted.
  renameSync(story.path(RULES), story.path('conf.d/rules.yml~'))
  story.write(RULES, files['2-two-factors.yml'])
  unlinkSync(story.path('conf.d/rules.yml~'))
  await story.takesOver(TWO_FACTORS)
  assert.equal((await story.status()).snapshot.number, 3)
  await story.end()
})

test('the links that Kubernetes swaps: all files of a mounted folder as one', async (t) => {
  const files = chapters('symlink-swap')
  const story = await begin(t, {
    args: ['--config', 'mount'],
    prepare(folder) {
      const mount = join(folder, 'mount')
      for (const [version, rules] of [
        ['..v1', chapters('.')['rules.yml']],
        ['..v2', files['1-closed.yml']],
        ['..v3', files['2-two-factors.yml']],
      ] as const) {
        mkdirSync(join(mount, version), { recursive: true })
        writeFileSync(join(mount, version, 'configuration.yml'), chapters('.')['base.yml'] ?? '')
        writeFileSync(join(mount, version, 'rules.yml'), rules ?? '')
      }
      symlinkSync('..v1', join(mount, '..data'))
      for (const name of ['configuration.yml', 'rules.yml']) symlinkSync(join('..data', name), join(mount, name))
    },
  })
  for (const [version, expected] of [
    ['..v2', CLOSED],
    ['..v3', TWO_FACTORS],
    ['..v1', AT_FIRST],
  ] as const) {
    symlinkSync(version, story.path('mount/..data_tmp'))
    renameSync(story.path('mount/..data_tmp'), story.path('mount/..data'))
    await story.takesOver(expected)
  }
  await story.end()
})

const mayMount = process.getuid?.() === 0 && spawnSync('unshare', ['-m', 'true']).status === 0

test('a file that is mounted alone: its inode stays, or another one is mounted over it', {
  skip: !mayMount && 'needs the right to mount',
}, async (t) => {
  const files = chapters('bind-mount')
  const story = await begin(t, {
    // A mount namespace of its own, which goes with the server.
    within: ['unshare', '-m', 'sh', '-c', 'mount --bind outside.yml conf.d/rules.yml && exec "$@"', 'sh'],
    prepare(folder) {
      writeFileSync(join(folder, 'outside.yml'), chapters('.')['rules.yml'] ?? '')
      writeFileSync(join(folder, 'next.yml'), files['2-two-factors.yml'] ?? '')
    },
  })
  // The same inode, seen under another name.
  story.write('outside.yml', files['1-closed.yml'])
  await story.takesOver(CLOSED)
  // Nobody gives notice of a mount: it is found by looking.
  const inside = ['-t', String(story.program.child.pid), '-m', `--wd=${story.folder}`]
  const mounted = spawnSync('nsenter', [...inside, 'mount', '--bind', 'next.yml', 'conf.d/rules.yml'])
  assert.equal(mounted.status, 0, String(mounted.stderr))
  await story.takesOver(TWO_FACTORS)
  await story.end()
})

test('many events at once are one reload', async (t) => {
  const files = chapters('many-at-once')
  const story = await begin(t)
  for (let i = 0; i < 300; i++) {
    story.write(RULES, files[i % 2 === 0 ? '2-closed.yml' : '1-two-factors.yml'])
    chmodSync(story.path(RULES), i % 2 === 0 ? 0o600 : 0o644)
    story.write('conf.d/.backup.yml', '')
    unlinkSync(story.path('conf.d/.backup.yml'))
    if (i % 10 === 0) await sleep(5)
  }
  await story.takesOver(TWO_FACTORS)
  assert.equal((await story.status()).snapshot.number, 2)
  await story.end()
})

test('an unchanged save changes nothing: no new snapshot, nothing in the log', async (t) => {
  const files = chapters('unchanged')
  const story = await begin(t)
  const lines = story.program.log().length
  story.write(RULES, files['1-same.yml'])
  utimesSync(story.path('users.yml'), new Date(), new Date())
  // Longer than a change takes to be taken over; there is nothing to wait for.
  await sleep(1500)
  assert.equal((await story.status()).snapshot.number, 1)
  assert.deepEqual(story.program.log().slice(lines), [])
  await story.answers(AT_FIRST)
  await story.end()
})

test('permission lost and given back', {
  skip: process.getuid?.() !== 0 && 'needs root, to run the server as somebody else',
}, async (t) => {
  const files = chapters('permission-lost')
  const story = await begin(t, { uid: 65_534 })
  chmodSync(story.path(RULES), 0)
  await story.refuses(/rules\.yml can't be read: permission denied/, { file: RULES }, AT_FIRST)
  chmodSync(story.path(RULES), 0o644)
  await story.takesOver(AT_FIRST)
  await story.says(/^healed/)
  chmodSync(story.path('conf.d'), 0)
  await story.refuses(/permission denied/, undefined, AT_FIRST)
  chmodSync(story.path('conf.d'), 0o755)
  await story.takesOver(AT_FIRST)
  story.write(RULES, files['1-closed.yml'])
  await story.takesOver(CLOSED)
  await story.end()
})
