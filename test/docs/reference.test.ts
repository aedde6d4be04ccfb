// The generated references against what runs: every key and command is in them, and every command that can answer "no" says so.
import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { allCommands } from '../../scripts/command-reference.ts'
import { ANSWERS_NO } from '../../scripts/exit-codes.ts'
import { AUDIT_KINDS, type KindOfEvent } from '../../src/audit/kinds.ts'
import { knownKeys } from '../../src/config/known-keys.ts'
import { NOT_BUILT } from '../../src/config/not-built.ts'
import { pageText, root } from './page.ts'

const commands = await allCommands()

test('every key that the loader knows is in the configuration reference', () => {
  const text = pageText('docs/reference/configuration.md').replaceAll('[][]', '[]')
  const listed = new Set([...text.matchAll(/^\| `([^`]+)`/gm)].map(([, key]) => key))
  // What is in an old section, or in one that is refused, needs no line of its own.
  const old = [...text.matchAll(/^- `([^`]+)`/gm)].map(([, key]) => key)
  const closed = [...Object.keys(NOT_BUILT), ...old]
  const isWithin = (path: string): boolean =>
    closed.some((one) => path === one || path.startsWith(`${one}.`) || path.startsWith(`${one}[`))
  const missing = knownKeys().filter(({ path, deprecated }) => !deprecated && !listed.has(path) && !isWithin(path))
  assert.deepEqual(
    missing.map(({ path }) => path),
    [],
  )
})

test('every kind of security event is in its reference as the code has it, and no other', () => {
  const rows = [
    ...pageText('docs/reference/events.md').matchAll(/^\| `([\w-]+)` \| ([^|]*) \| ([^|]*) \| ([^|]*) \|$/gm),
  ]
  const listed = rows.map(([, kind, means, failed, counted]) => [kind, means, failed?.trim(), counted?.trim()])
  const words: Record<number, string> = { 0: '', 60000: 'a minute', 3600000: 'an hour' }
  const known = Object.entries<KindOfEvent>(AUDIT_KINDS).map(([kind, { means, failed, counted = 0 }]) => [
    kind,
    means,
    failed ? 'yes' : '',
    words[counted],
  ])
  assert.deepEqual(listed, known)
})

test('every reason of a refusal is in the reference of events', () => {
  const source = readFileSync(join(root, 'src', 'login', 'login.ts'), 'utf8')
  const union = /^export type RefusalReason =\n(.*?)\n\n/ms.exec(source)?.[1] ?? ''
  const reasons = [...union.matchAll(/^ {2}\| '([\w-]+)'$/gm)].map(([, reason]) => reason)
  assert.ok(reasons.length > 10)
  const [, table = ''] = pageText('docs/reference/events.md').split('\n## Reasons\n')
  const documented = [...table.matchAll(/^\| (`[^|]*`) \|/gm)].flatMap(([, cell]) => cell?.match(/[\w-]+/g) ?? [])
  assert.deepEqual(
    reasons.filter((reason) => !documented.includes(String(reason))),
    [],
  )
})

test('every command is in the command reference, with its exit codes', () => {
  const text = pageText('docs/reference/commands.md')
  for (const { id } of commands) {
    const section = text.split(`\n## latchkey ${id.replaceAll(':', ' ')}\n`)[1]?.split('\n## ')[0]
    assert.ok(section, id)
    assert.match(section, /^Exit codes: 0 .*2 used wrongly, 3 can’t be done\.$/m, id)
  }
})

test('a command whose source ends with 1 says what that means', () => {
  const silent = commands.filter(({ id }) => {
    const path = join(root, 'src', 'commands', ...id.split(':'))
    const file = existsSync(`${path}.ts`) ? `${path}.ts` : join(path, 'index.ts')
    return /exitCode(?:: | = )1\b/.test(readFileSync(file, 'utf8')) && !(id in ANSWERS_NO)
  })
  assert.deepEqual(
    silent.map(({ id }) => id),
    [],
  )
})

test('only commands that exist answer "no"', () => {
  const ids = new Set(commands.map(({ id }) => id))
  assert.deepEqual(
    Object.keys(ANSWERS_NO).filter((id) => !ids.has(id)),
    [],
  )
})
