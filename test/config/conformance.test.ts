// Every configuration whose verdict a real Authelia gave: ours is the same, or the difference is listed with its reason.
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, test } from 'node:test'
import { type Loaded, loadConfig } from '../../src/config/load.ts'
import { formatProblems } from '../../src/config/problem-text.ts'

interface Case {
  readonly id: string
  readonly files: Readonly<Record<string, string | { readonly base64: string }>>
  readonly config: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly filters?: string
  readonly want: { readonly ok: boolean; readonly errors?: readonly string[] }
}
interface Divergence {
  readonly id: string
  /** Our verdict. */
  readonly ok: boolean
  readonly why: string
}

const folder = join(import.meta.dirname, '..', 'conformance')
const read = <T>(name: string): T => JSON.parse(readFileSync(join(folder, name), 'utf8'))
const cases = read<Case[]>('config.json')
const divergences = read<Divergence[]>('config-divergences.json').map(({ id, ok }) => ({ pattern: new RegExp(id), ok }))

const root = mkdtempSync(join(tmpdir(), 'latchkey-config-'))
after(() => rmSync(root, { recursive: true, force: true }))

function load(item: Case, index: number): Loaded {
  const cwd = join(root, String(index))
  mkdirSync(cwd)
  for (const [name, text] of Object.entries(item.files)) {
    const path = join(cwd, name)
    mkdirSync(name.endsWith('/') ? path : dirname(path), { recursive: true })
    if (!name.endsWith('/')) writeFileSync(path, typeof text === 'string' ? text : Buffer.from(text.base64, 'base64'))
  }
  return loadConfig({
    paths: item.config,
    explicit: item.config.length > 0,
    env: item.env ?? {},
    filters: item.filters ? [item.filters] : [],
    cwd,
  })
}

test('every recorded configuration has the verdict that Authelia gave, or a listed reason', () => {
  const used = new Set<RegExp>()
  const differing: string[] = []
  for (const [index, item] of cases.entries()) {
    const got = load(item, index)
    const ok = got.kind === 'ok'
    if (ok === item.want.ok) continue
    const listed = divergences.find((listed) => listed.ok === ok && listed.pattern.test(item.id))
    if (listed) used.add(listed.pattern)
    else {
      const why = ok
        ? (item.want.errors ?? []).join(' | ')
        : formatProblems(got.problems.filter((p) => p.severity === 'error'))
      differing.push(`${ok ? 'should reject' : 'should accept'}  ${item.id}\n      ${why}`)
    }
  }
  assert.equal(differing.join('\n'), '', `${differing.length} of ${cases.length} differ`)
  const unused = divergences.filter(({ pattern }) => !used.has(pattern)).map(({ pattern }) => pattern.source)
  assert.deepEqual(unused, [], 'a divergence that no case needs is removed')
})

test('every refusal says where: each error has a position, except what is missing altogether', () => {
  const placeless: string[] = []
  for (const [index, item] of cases.entries()) {
    const got = load(item, cases.length + index)
    const problems = got.kind === 'ok' ? got.warnings : got.problems
    for (const problem of problems) {
      if (problem.position || /path|file|filter/.test(problem.code)) continue
      placeless.push(`${item.id}: ${problem.message}`)
    }
  }
  assert.deepEqual(placeless, [])
})
