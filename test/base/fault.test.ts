import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

const root = join(import.meta.dirname, '..', '..')
const made = globSync('src/**/*.ts', { cwd: root }).flatMap((file) =>
  [...readFileSync(join(root, file), 'utf8').matchAll(/new Fault\(\s*([^,]*),/g)].map(([, first = '']) => ({
    file,
    code: /^'([a-z]+(?:-[a-z\d]+)*)'$/.exec(first)?.[1],
  })),
)
const documented = [
  ...readFileSync(join(root, 'docs', 'reference', 'faults.md'), 'utf8').matchAll(/^\| `([^`]+)` \| \S.* \| \S.* \|$/gm),
].map(([, code]) => code)

test('every fault is made with a code that can be read in the source', () => {
  assert.ok(made.length > 30)
  assert.deepEqual(
    made.filter(({ code }) => code === undefined),
    [],
  )
})

test('docs/reference/faults.md lists every code, in order and once, and no other', () => {
  assert.deepEqual(documented, [...new Set(made.map(({ code }) => code))].sort())
})
