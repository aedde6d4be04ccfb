// The scripts run in the real shells, where they are installed.
import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { bashCompletion } from '../../src/cli/completion/bash.ts'
import { fishCompletion } from '../../src/cli/completion/fish.ts'
import { type DescribedCommand, places } from '../../src/cli/completion/words.ts'
import { zshCompletion } from '../../src/cli/completion/zsh.ts'
import { temporaryFolder } from '../storage/temporary-folder.ts'

const COMMANDS: readonly DescribedCommand[] = [
  { id: 'serve', description: "Run it: don't stop. More.", args: {}, flags: {} },
  {
    id: 'bans:add',
    aliases: ['bans:ban'],
    description: 'Ban [somebody]: `now` & "here".',
    args: {},
    flags: {
      config: { name: 'config', type: 'option', char: 'c', helpValue: 'PATH', description: "It's a file." },
      kind: { name: 'kind', type: 'option', options: ['user', 'ip'], description: 'What: which.' },
      user: { name: 'user', type: 'option', description: 'Name.' },
      all: { name: 'all', type: 'boolean', allowNo: true, description: 'All.' },
    },
  },
  { id: 'bans:list', description: 'List.', args: {}, flags: {} },
  { id: 'restore', description: 'Back.', args: { file: {} }, flags: {} },
  { id: 'autocomplete', description: 'Shells.', args: { shell: { options: ['bash', 'fish'] } }, flags: {} },
  { id: 'secret', hidden: true, description: 'Nobody sees it.', args: {}, flags: {} },
]
const PLACES = places(COMMANDS)
const isInstalled = (shell: string): boolean => spawnSync(shell, ['-c', 'true']).status === 0

/** What is offered for the last of the words, sorted. */
type Complete = (...words: string[]) => string[]
const lines = (text: string): string[] =>
  [...new Set(text.split('\n').map((line) => line.trim()))].filter((line) => line !== '').sort()

function inBash(t: TestContext): Complete {
  const folder = temporaryFolder(t)
  writeFileSync(join(folder, 'script'), bashCompletion('latchkey', PLACES))
  writeFileSync(join(folder, 'some-file'), '')
  return (...words) =>
    lines(
      execFileSync(
        'bash',
        [
          '-c',
          `source ./script; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _latchkey; printf '%s\\n' "\${COMPREPLY[@]}"`,
          'bash',
          'latchkey',
          ...words,
        ],
        { cwd: folder, encoding: 'utf8' },
      ),
    )
}

function inFish(t: TestContext): Complete {
  const folder = temporaryFolder(t)
  writeFileSync(join(folder, 'script'), fishCompletion('latchkey', PLACES))
  writeFileSync(join(folder, 'some-file'), '')
  return (...words) => {
    const script = `source ./script; complete -C '${['latchkey', ...words].join(' ')}'`
    const options = { cwd: folder, encoding: 'utf8', env: { ...process.env, HOME: folder } } as const
    return lines(execFileSync('fish', ['--no-config', '-c', script], options).replace(/\t.*$/gm, ''))
  }
}

/** With the functions of zsh's completion system replaced by ones that print. */
function inZsh(t: TestContext): Complete {
  const folder = temporaryFolder(t)
  writeFileSync(join(folder, 'script'), zshCompletion('latchkey', PLACES))
  const stubs = `compdef() { }
    _describe() { print -l -- \${(@)\${(P@)2}%%:*} }
    compadd() { shift; print -l -- "$@" }
    _files() { print some-file }
    _message() { }
    source ./script
    words=("$@"); CURRENT=$#; _latchkey || true`
  return (...words) =>
    lines(
      execFileSync('zsh', ['-f', '-c', stubs, 'zsh', 'latchkey', ...words], { cwd: folder, encoding: 'utf8' }),
    ).filter((word) => word.startsWith(words.at(-1) ?? ''))
}

for (const [shell, start] of Object.entries({ bash: inBash, zsh: inZsh, fish: inFish })) {
  test(`${shell} offers commands, flags, values and files where they belong`, {
    skip: !isInstalled(shell) && `${shell} is not installed`,
  }, (t) => {
    const complete = start(t)
    assert.deepEqual(complete(''), ['autocomplete', 'bans', 'restore', 'serve'])
    assert.deepEqual(complete('ba'), ['bans'])
    assert.deepEqual(complete('bans', ''), ['add', 'ban', 'list'])
    assert.deepEqual(complete('bans', 'l'), ['list'])
    assert.deepEqual(complete('bans', 'add', '--'), ['--all', '--config', '--help', '--kind', '--no-all', '--user'])
    assert.deepEqual(complete('bans', 'ban', '--k'), ['--kind'])
    assert.deepEqual(complete('bans', 'add', '--kind', ''), ['ip', 'user'])
    assert.deepEqual(complete('bans', 'add', '--all', '--kind', 'u'), ['user'])
    assert.deepEqual(complete('bans', 'add', '--config', 'some'), ['some-file'])
    assert.deepEqual(complete('bans', 'add', '-c', 'some'), ['some-file'])
    assert.deepEqual(complete('bans', 'add', '--user', 'some'), [])
    assert.deepEqual(complete('bans', 'add', 'some'), [])
    assert.deepEqual(complete('restore', 'some'), ['some-file'])
    assert.deepEqual(complete('autocomplete', ''), ['bash', 'fish'])
    assert.deepEqual(complete('frobnicate', 'b'), [])
  })
}

test('bash gives values behind an equals sign, which it takes for a word of its own', {
  skip: !isInstalled('bash'),
}, (t) => {
  const complete = inBash(t)
  assert.deepEqual(complete('bans', 'add', '--kind', '=', 'u'), ['user'])
  assert.deepEqual(complete('bans', 'add', '--kind', '='), ['ip', 'user'])
})
